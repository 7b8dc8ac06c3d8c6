"""The dictionary of the catalogue's search after rows were loaded past the triggers."""

from __future__ import annotations

from django.db import connection

LEARN = """
INSERT INTO clinics_searchword (word)
SELECT word FROM (
    SELECT unnest(words) AS word FROM clinics_clinic
     UNION SELECT unnest(words) FROM clinics_practitioner
     UNION SELECT unnest(words) FROM clinics_servicetype
     UNION SELECT unnest(words) FROM clinics_specialty
) AS found
 WHERE word <> '' ON CONFLICT DO NOTHING
"""


def learn_words() -> None:
    """Put every word of the registry into `SearchWord` that is not there yet. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(LEARN)
