"""The dictionaries that every cluster begins with: specialties, service types, the working list of ICD-10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from clinics.models import ServiceType, Specialty
from cluster_portal.demo.facts import read_csv
from patients.models import Diagnosis

if TYPE_CHECKING:
    from django.db.models import Model

CLINICS, PATIENTS = settings.BASE_DIR / "clinics" / "data", settings.BASE_DIR / "patients" / "data"
NAMES = ("name_ru", "name_en", "name_kk")


def load_dictionaries() -> None:
    """Write them into the database; rows that are there get the texts of the files."""
    specialties = [
        Specialty(code=row["code"], **{name: row[name] for name in NAMES})
        for row in read_csv(CLINICS / "specialties.csv")
    ]
    types = [
        ServiceType(
            code=row["code"],
            specialty_id=row["specialty"],
            direction=row["direction"],
            duration_minutes=int(row["duration"]),
            **{name: row[name] for name in NAMES},
        )
        for row in read_csv(CLINICS / "service_types.csv")
    ]
    diagnoses = [
        Diagnosis(code=row["code"], **{name: row[name] for name in NAMES})
        for row in read_csv(PATIENTS / "icd10.csv")
    ]
    _upsert(Specialty, specialties, NAMES)
    _upsert(ServiceType, types, (*NAMES, "specialty", "direction", "duration_minutes"))
    _upsert(Diagnosis, diagnoses, NAMES)


def _upsert(model: type[Model], rows: list, fields: tuple[str, ...]) -> None:
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)


def care_types() -> dict[str, str]:
    """What kind of care each service type is: specialist, diagnostic, tomography, inpatient and so on."""
    return {row["code"]: row["care_type"] for row in read_csv(CLINICS / "service_types.csv")}


def doctors() -> dict[str, dict[str, str]]:
    """What a doctor of each specialty is called, by language."""
    return {
        row["code"]: {language: row[f"doctor_{language}"] for language in ("ru", "en", "kk")}
        for row in read_csv(CLINICS / "specialties.csv")
    }
