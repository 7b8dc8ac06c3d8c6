"""The steps of one sitting, each a transaction of its own: patient, reason, time, sending with the booking at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clinics.models import Service, Slot
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from patients.policies import referral_policy
from patients.services.booking import book_referral, hold_slot, release_hold
from patients.services.drafts import EDITABLE, draft_referral, misfit, submit_referral, update_draft
from patients.services.patients import record_consent, register_patient
from patients.states import ReferralState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Referral


@service
def register_and_draft(actor: Actor, *, data: dict[str, Any], ignore_similar: bool = False) -> Referral:
    """Register a patient and begin the referral. Raises what `register_patient` raises."""
    patient = register_patient(actor, data=data, ignore_similar=ignore_similar)
    return draft_referral(actor, patient_id=patient.pk)


@service
def state_reason(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    data: dict[str, Any],
    consents: list[dict[str, Any]] | None = None,
) -> Referral:
    """Save why and for what a patient is referred, with the consents signed meanwhile (`record_consent`)."""
    referral = update_draft(actor, referral_id=referral_id, data=data)
    for consent in consents or ():
        record_consent(actor, patient_id=referral.patient_id, **consent)
    return referral


@service
def choose_time(actor: Actor, *, referral_id: uuid.UUID, slot_id: uuid.UUID) -> Booking:
    """Hold a slot, and aim a draft at the clinic that it belongs to. Raises what `hold_slot` raises, and Invalid where
    the service is not for this patient or this payment.
    """
    referral = referral_policy.get(actor, "hold", referral_id)
    slot = Slot.objects.select_related("service").filter(pk=slot_id).first()
    if slot is None:
        raise NotFound(field="slot")
    if referral.state in EDITABLE and referral.service_id != slot.service_id:
        # First: whether the clinic decides before booking is judged by what the draft asks for.
        _aim(actor, referral, slot.service)
    return hold_slot(actor, referral_id=referral_id, slot_id=slot_id)


@service
def choose_clinic(actor: Actor, *, referral_id: uuid.UUID, service_id: uuid.UUID) -> Referral:
    """Aim a draft at a clinic's service without a time; a hold on another clinic's time is let go."""
    referral = referral_policy.get(actor, "edit", referral_id)
    target = Service.objects.filter(pk=service_id).first()
    if target is None:
        raise NotFound(field="service")
    release_hold(actor, referral_id=referral_id)
    return _aim(actor, referral, target)


def _aim(actor: Actor, referral: Referral, target: Service) -> Referral:
    if errors := misfit(referral, target):
        raise Invalid(errors)
    return update_draft(actor, referral_id=referral.pk, data={"service": target})


@service
def send_referral(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    slot_id: uuid.UUID | None = None,
    late_code: str = "",
    late_reason: str = "",
    consents: list[dict[str, Any]] | None = None,
) -> Referral:
    """Submit a draft and book its time in one go; without `slot_id`, and where the clinic decides first, only submit.

    `consents` (arguments of `record_consent`) were signed at the last moment. All or nothing: when the time is gone
    (SlotTaken) or comes too late without a reason, the draft stays a draft.
    """
    referral = referral_policy.get(actor, "submit", referral_id)
    for consent in consents or ():
        record_consent(actor, patient_id=referral.patient_id, **consent)
    referral = submit_referral(actor, referral_id=referral_id)
    if slot_id is not None and referral.state == ReferralState.ACCEPTED:
        book_referral(
            actor, referral_id=referral_id, slot_id=slot_id, late_code=late_code, late_reason=late_reason
        )
        referral.refresh_from_db()
    return referral
