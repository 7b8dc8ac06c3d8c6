"""The dictionaries without which nothing can be referred; they belong to every portal, whatever clinics it has.

The Russian waiting norms are the fourth of them: a migration brings those, because what law says from which day on is
history and not a file. Another country's norms are entered on the admin site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from clinics.services.dictionaries import NAMES, load_nomenclature
from cluster_portal.common.dictionaries import read_csv, write_rows
from cluster_portal.common.service import service
from patients.models import Diagnosis

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

DATA = settings.BASE_DIR / "patients" / "data"


@service
def load_dictionaries(actor: Actor, *, refresh: bool = False) -> None:
    """Specialties, service types and the working list of ICD-10, where they are missing.

    With `refresh` rows that are there get the texts of the files; without it what administrators changed stays.
    """
    load_nomenclature(actor, refresh=refresh)
    diagnoses = [
        Diagnosis(code=row["code"], **{name: row[name] for name in NAMES})
        for row in read_csv(DATA / "icd10.csv")
    ]
    write_rows(diagnoses, refresh=NAMES if refresh else ())
