"""What the files of the dictionaries know beside what the database keeps: kinds of care, names of doctors."""

from __future__ import annotations

from django.conf import settings

from cluster_portal.common.dictionaries import read_csv

CLINICS, PATIENTS = settings.BASE_DIR / "clinics" / "data", settings.BASE_DIR / "patients" / "data"


def care_types() -> dict[str, str]:
    """What kind of care each service type is: specialist, diagnostic, tomography, inpatient and so on."""
    return {row["code"]: row["care_type"] for row in read_csv(CLINICS / "service_types.csv")}


def doctors() -> dict[str, dict[str, str]]:
    """What a doctor of each specialty is called, by language."""
    return {
        row["code"]: {language: row[f"doctor_{language}"] for language in ("ru", "en", "kk")}
        for row in read_csv(CLINICS / "specialties.csv")
    }
