"""What the receiving side decides on a referral, and how the referring side takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clinics.models import Service
from clinics.selectors.openness import day_of
from clinics.states import ClinicStatus
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.models import Booking
from patients.services.booking import end_bookings
from patients.services.deadlines import due_day
from patients.services.drafts import check_consents, misfit
from patients.services.links import link
from patients.services.steps import check_reason, lock_referral, move
from patients.services.targets import aim
from patients.states import ACTIVE_BOOKING, BookingState, LinkKind, Priority

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


@service
def accept_referral(
    actor: Actor, *, referral_id: uuid.UUID, priority: str = "", comment: str = ""
) -> Referral:
    """Accept for booking; a changed `priority` needs a comment and moves the deadline."""
    referral = lock_referral(actor, "accept", referral_id)
    details, changed = {}, ()
    if priority and priority != referral.priority:
        if priority not in Priority.values:
            raise Invalid({"priority": [_("Please choose a priority.")]})
        if not comment.strip():
            raise Invalid({"comment": [_("Please say why the priority changes.")]})
        details = {"priority": [referral.priority, priority]}
        referral.priority = priority
        clinic = referral.target_clinic
        submitted_on = day_of(referral.submitted_at, clinic.time_zone)
        referral.due_on = due_day(referral, country=clinic.country, on=submitted_on)
        changed = ("priority", "due_on")
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
    """Refuse for good, with a coded reason."""
    referral = lock_referral(actor, "reject", referral_id)
    check_reason("reject", reason, comment)
    _drop_holds(actor, referral, reason)
    move(actor, referral, "reject", reason=reason, comment=comment)
    return referral


@service
def redirect_referral(
    actor: Actor, *, referral_id: uuid.UUID, service_id: uuid.UUID, comment: str
) -> Referral:
    """Pass the referral on to another service, which decides anew; the history keeps both.

    Raises Invalid where the service is not offered, is the same one, or does not fit the patient.
    """
    referral = lock_referral(actor, "redirect", referral_id)
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
    move(actor, referral, "redirect", comment=comment, details=details, changed=changed)
    link(referral.patient_id, referral.target_organization_id, LinkKind.RECEIVED)
    return referral


@service
def cancel_referral(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Take the referral back for good, with a coded reason; its time is freed."""
    referral = lock_referral(actor, "cancel", referral_id)
    check_reason("cancel", reason, comment)
    ended = _active(referral)
    referral.appointment_at = referral.appointment_clinic = None
    move(
        actor,
        referral,
        "cancel",
        reason=reason,
        comment=comment,
        changed=("appointment_at", "appointment_clinic"),
    )
    end_bookings(actor, ended, reason=reason)
    return referral


def _active(referral: Referral) -> list[Booking]:
    return list(
        Booking.objects.select_for_update(no_key=True).filter(referral=referral, state__in=ACTIVE_BOOKING)
    )


def _drop_holds(actor: Actor, referral: Referral, reason: str) -> None:
    holds = [booking for booking in _active(referral) if booking.state == BookingState.HELD]
    end_bookings(actor, holds, reason=reason)
