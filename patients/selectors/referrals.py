"""Reading referrals. Opening one is journalled here, so no page and no program can forget it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.audit.services import record_access
from patients.models import Booking, Conclusion, Referral, ReferralStep
from patients.policies import referral_policy
from patients.states import OCCUPYING

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def visible_referrals(actor: Actor) -> QuerySet[Referral]:
    """Every referral that the actor sees, with what `available_actions` reads."""
    return referral_policy.queryset(actor).select_related("appointment_clinic")


def open_referral(actor: Actor, referral_id: uuid.UUID, *, purpose: str = "referral") -> Referral:
    """The referral with its patient and clinics, and a line in the journal of reads. Raises NotFound."""
    queryset = Referral.objects.select_related(
        "patient", "service_type", "service", "source_clinic", "source_organization", "target_clinic",
        "target_organization", "appointment_clinic", "author",
    )  # fmt: skip
    referral = referral_policy.get(actor, "view", referral_id, queryset=queryset)
    record_access(actor, subject_type="patient", subject_id=referral.patient_id, purpose=purpose)
    return referral


def steps_of(referral: Referral) -> QuerySet[ReferralStep]:
    """The referral's story, the first step first."""
    return ReferralStep.objects.filter(referral=referral).select_related("organization").order_by("at", "id")


def conclusion_of(referral: Referral) -> Conclusion | None:
    """What came back, if it has."""
    return Conclusion.objects.filter(referral=referral).first()


def booking_of(referral: Referral) -> Booking | None:
    """The place that the referral holds, has or had last."""
    return (
        Booking.objects.filter(referral=referral, state__in=OCCUPYING)
        .select_related("slot__practitioner", "clinic", "held_by")
        .order_by("-created_at")
        .first()
    )
