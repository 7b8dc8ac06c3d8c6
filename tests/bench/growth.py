"""A region's worth of rows: a million patients and referrals, five million slots, made by the database itself.

They multiply the demo cluster (its organisations, services and mixture of states), so every query finds what it finds
there, only fifty times more of it. Bookings and stories are not multiplied: no measured page reads them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from clinics.models import Slot
from patients.models import NameWord, Patient, Referral
from tests.bench.world import without_triggers

PATIENTS, REFERRALS, SLOTS = 1_000_000, 1_000_000, 5_000_000
TABLES = ("patients_patient", "patients_patientlink", "patients_referral", "clinics_slot")
#: Slots of twenty minutes in a day of nine hours.
A_DAY = 27

#: Surnames of the demo with other endings: a dictionary of some thousand words, as a region has.
PATIENT = """
INSERT INTO patients_patient (
    id, created_at, updated_at, family, given, patronymic, birth_date, sex, snils, enp, policy_insurer, dms_policy, iin,
    document_type, document_number, document_country, phone, email, residence, stay, locality_kind, employment,
    benefit_code, language, allergies, is_generated, home_clinic_id, registered_by_id)
SELECT uuidv7(), now(), now(),
       left(p.family, greatest(3, length(p.family) - 2))
           || (ARRAY['ов', 'ин', 'ский', 'енко', 'ук', 'ян', 'ев', 'ич', 'дзе', 'ко', 'швили', 'ых'])
              [1 + (n * 7 + p.r) %% 12],
       q.given, q.patronymic, p.birth_date + (n * 13 %% 700)::int, q.sex,
       '7' || lpad((n * %(demo)s + p.r)::text, 10, '0'), '', '', '', '', '', '', '',
       '+7914' || lpad(((n * %(demo)s + p.r) * 7919 %% 10000000)::text, 7, '0'), '', p.residence, p.stay,
       p.locality_kind, p.employment, p.benefit_code, p.language, p.allergies, true, p.home_clinic_id,
       p.registered_by_id
  FROM generate_series(1, %(times)s) AS n
 CROSS JOIN (SELECT *, row_number() OVER (ORDER BY id) AS r FROM patients_patient) AS p
  JOIN (SELECT given, patronymic, sex, row_number() OVER (ORDER BY id) AS r FROM patients_patient) AS q
    ON q.r = 1 + (p.r + n * 37) %% %(demo)s
"""
LINK = """
INSERT INTO patients_patientlink (patient_id, organization_id, kind, since)
SELECT id, registered_by_id, 'registered', now() FROM patients_patient ON CONFLICT DO NOTHING
"""
SLOT = """
INSERT INTO clinics_slot (
    id, created_at, updated_at, room, start, "end", capacity, taken, audience, release_at, state, block_reason,
    clinic_id, organization_id, service_id, service_type_id)
SELECT uuidv7(), now(), now(), 'large', at, at + interval '20 min', 1,
       -- The past is full, the next fortnight nearly, what comes later has room.
       CASE WHEN at < now() OR random() < CASE WHEN at < now() + interval '14 days' THEN 0.95 ELSE 0.3 END
            THEN 1 ELSE 0 END,
       'cluster', at - interval '1 day', 'published', '', s.clinic_id, c.organization_id, s.id, s.service_type_id
  FROM clinics_service AS s JOIN clinics_clinic AS c ON c.id = s.clinic_id
 CROSS JOIN generate_series(-%(days)s, %(days)s) AS day
 CROSS JOIN generate_series(0, %(a_day)s - 1) AS n
 CROSS JOIN LATERAL (SELECT date_trunc('day', now()) + day * interval '1 day' + n * interval '20 min' AS at) AS t
"""
REFERRAL = """
INSERT INTO patients_referral ({columns})
SELECT {values}
  FROM generate_series(1, %(times)s) AS n
 CROSS JOIN (
       SELECT *, row_number() OVER (ORDER BY id) AS r FROM patients_referral WHERE number NOT LIKE 'BENCH-%%'
       ) AS f
  JOIN bench_patient AS b ON b.r = 1 + (f.r * 31 + n * 7001) %% %(patients)s
"""


def grow() -> None:
    """Make the large rows where they are missing, and say how long it took."""
    if Referral.objects.filter(number__startswith="LARGE-").exists():
        return
    begun = time.monotonic()
    # Each in a transaction of its own: what was made before an interruption is there the next time.
    for make, model, enough in (
        (_patients, Patient, PATIENTS),
        (_slots, Slot, SLOTS),
        (_referrals, Referral, REFERRALS),
    ):
        if model.objects.count() < enough * 0.9:
            with without_triggers(*TABLES) as cursor:
                make(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(
        f"  a million patients and referrals, five million slots: {time.monotonic() - begun:.0f} s",
        flush=True,
    )


@contextmanager
def _in_bulk(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """The table's foreign keys, and its indexes that carry no constraint, are dropped and made again from all the rows.

    A key that is added is checked by one join; checked row by row, five million rows take many minutes.
    """
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '256MB'")
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s AND NOT EXISTS"
        " (SELECT FROM pg_constraint WHERE conname = indexname) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
        [table],
    )
    indexes = cursor.fetchall()
    # What waits for the end of the transaction would refuse the change of the table.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    for name, _definition in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    for name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _name, definition in indexes:
        cursor.execute(definition)
    print(f"  {table} …", flush=True)


def _patients(cursor: CursorWrapper) -> None:
    demo = Patient.objects.count()
    with _in_bulk(cursor, "patients_patient"):
        cursor.execute(PATIENT, {"demo": demo, "times": PATIENTS // demo})
    words = NameWord._meta.db_table
    cursor.execute(
        f"INSERT INTO {words} (word) SELECT DISTINCT unnest(name_words) FROM patients_patient"
        " ON CONFLICT DO NOTHING"
    )
    with _in_bulk(cursor, "patients_patientlink"):
        cursor.execute(LINK)


def _slots(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT count(*) FROM clinics_service")
    services = cursor.fetchone()[0]
    with _in_bulk(cursor, "clinics_slot"):
        cursor.execute(SLOT, {"days": SLOTS // services // A_DAY // 2, "a_day": A_DAY})


def _referrals(cursor: CursorWrapper) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE bench_patient ON COMMIT DROP AS"
        " SELECT id, row_number() OVER (ORDER BY id) AS r FROM patients_patient"
    )
    cursor.execute("CREATE UNIQUE INDEX ON bench_patient (r)")
    own = {
        "id": "uuidv7()",
        "number": "'LARGE-' || n || '-' || f.r",
        "patient_id": "b.id",
        "created_at": "f.created_at - n * interval '17 min'",
        "state_since": "f.state_since - n * interval '17 min'",
    }
    columns = [field.column for field in Referral._meta.concrete_fields if field.name != "due_order"]
    statement = REFERRAL.format(
        columns=", ".join(columns), values=", ".join(own.get(column, f"f.{column}") for column in columns)
    )
    demo = Referral.objects.exclude(number__startswith="BENCH-").count()
    with _in_bulk(cursor, "patients_referral"):
        cursor.execute(statement, {"times": REFERRALS // demo, "patients": PATIENTS})
