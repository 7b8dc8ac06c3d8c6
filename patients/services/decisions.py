"""What the receiving side decides on a referral, and how the referring side takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clinics.models import Service
from clinics.states import ClinicStatus
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.models import Booking
from patients.services.drafts import check_consents, misfit
from patients.services.links import link
from patients.services.occupancy import end_bookings
from patients.services.priorities import reassess
from patients.services.steps import check_reason, lock_referral, move
from patients.services.targets import aim
from patients.states import ACTIVE_BOOKING, BookingState, LinkKind, ReferralState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


@service
def accept_referral(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    priority: str = "",
    suspicion: str | None = None,
    comment: str = "",
) -> Referral:
    """Accept for booking; another `priority` or `suspicion` needs a comment and moves the deadline."""
    referral = lock_referral(actor, "accept", referral_id)
    details, changed = reassess(referral, priority=priority, suspicion=suspicion, comment=comment)
    move(actor, referral, "accept", comment=comment, details=details, changed=changed)
    return referral


@service
def return_referral(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Ask the referring side for more, with a coded reason. The deadline goes on running."""
    referral = lock_referral(actor, "return_for_info", referral_id)
    check_reason("return_for_info", reason, comment)
    move(actor, referral, "return_for_info", reason=reason, comment=comment)
    return referral


@service
def reject_referral(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Refuse for good, with a coded reason. A booked time is given back, by a reason that cancels the appointment."""
    return _close(actor, referral_id, "reject", reason, comment)


@service
def redirect_referral(
    actor: Actor, *, referral_id: uuid.UUID, service_id: uuid.UUID, comment: str, reason: str = ""
) -> Referral:
    """Pass the referral on to another service, which decides anew; the history keeps both.

    Raises Invalid where the service is not offered, is the same one, or does not fit the patient. The words are always
    needed, a coded reason may be added.
    """
    referral = lock_referral(actor, "redirect", referral_id)
    check_reason("redirect", reason, comment)
    target = (
        Service.objects.select_related("clinic", "service_type")
        .filter(pk=service_id, is_active=True, clinic__status=ClinicStatus.OPEN)
        .first()
    )
    errors: dict[str, list[str]] = {}
    if target is None or target.pk == referral.service_id:
        errors["service"] = [_("Please choose another service that is offered now.")]
    else:
        errors |= misfit(referral, target)
    if not comment.strip():
        errors["comment"] = [_("Please tell the other clinic why it is the right one.")]
    if errors:
        raise Invalid(errors)
    _drop_holds(actor, referral, "redirect")
    details = {"from": str(referral.service_id), "to": str(target.pk), "clinic": target.clinic.name_ru}
    changed = aim(referral, target)
    check_consents(referral)
    move(actor, referral, "redirect", reason=reason, comment=comment, details=details, changed=changed)
    link(referral.patient_id, referral.target_organization_id, LinkKind.RECEIVED)
    return referral


@service
def cancel_referral(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Take the referral back for good, with a coded reason. A booked time is given back, by a reason that cancels
    the appointment."""
    return _close(actor, referral_id, "cancel", reason, comment)


def _close(actor: Actor, referral_id: uuid.UUID, action: str, reason: str, comment: str) -> Referral:
    """End a referral by an act of `GIVES_TIME_BACK`: whatever it holds or has booked is free again."""
    referral = lock_referral(actor, action, referral_id)
    booked = referral.state == ReferralState.BOOKED
    check_reason(action, reason, comment, booked=booked)
    ended, details = _active(referral), {}
    if booked:
        details = {
            "freed": referral.appointment_at.isoformat(),
            "zone": referral.appointment_clinic.time_zone,
        }
    referral.appointment_at = referral.appointment_clinic = None
    move(
        actor, referral, action, reason=reason, comment=comment, details=details,
        changed=("appointment_at", "appointment_clinic"),
    )  # fmt: skip
    end_bookings(actor, ended, reason=reason, comment=comment)
    return referral


def _active(referral: Referral) -> list[Booking]:
    return list(
        Booking.objects.select_for_update(no_key=True).filter(referral=referral, state__in=ACTIVE_BOOKING)
    )


def _drop_holds(actor: Actor, referral: Referral, reason: str) -> None:
    holds = [booking for booking in _active(referral) if booking.state == BookingState.HELD]
    end_bookings(actor, holds, reason=reason)
