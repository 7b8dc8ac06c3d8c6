"""Reading patients. Opening a record is journalled here, so no page can forget it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity

from cluster_portal.audit.services import record_access
from patients.models import Consent, Patient, Referral
from patients.policies import patient_policy, referral_policy
from patients.selectors.search import fold

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: From which likeness of full names (pg_trgm, 0–1) two patients born on the same day are shown as similar.
SIMILAR = 0.5


def open_patient(actor: Actor, patient_id: uuid.UUID, *, purpose: str = "card") -> Patient:
    """The patient's card, and a line in the journal of reads. Raises NotFound for a stranger."""
    queryset = Patient.objects.select_related("home_clinic", "registered_by")
    patient = patient_policy.get(actor, "view", patient_id, queryset=queryset)
    record_access(actor, subject_type="patient", subject_id=patient.pk, purpose=purpose)
    return patient


def referrals_of(actor: Actor, patient: Patient) -> QuerySet[Referral]:
    """The patient's referrals that the actor may see, latest first."""
    return (
        referral_policy.queryset(actor)
        .filter(patient=patient)
        .select_related("service_type", "source_clinic", "target_clinic", "appointment_clinic")
        .order_by("-created_at")
    )


def consents_of(patient: Patient) -> QuerySet[Consent]:
    """What the patient agreed to, latest first."""
    return Consent.objects.filter(patient=patient).select_related("organization").order_by("-given_on", "-id")


def similar_patients(*, family: str, given: str, patronymic: str, birth_date: date) -> QuerySet[Patient]:
    """Patients born on the same day whose full name is nearly this one, the likest first, whoever may see them."""
    name = fold(" ".join(filter(None, (family, given, patronymic))))
    return (
        Patient.objects.filter(birth_date=birth_date)
        .annotate(alike=TrigramSimilarity("sort_name", name))
        .filter(alike__gte=SIMILAR)
        .order_by("-alike")
    )
