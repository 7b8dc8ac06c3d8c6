"""The day of the visit: who came, who did not, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.openness import day_of
from clinics.services.places import give_back_place
from cluster_portal.common.errors import IllegalTransition, Invalid, NotFound
from cluster_portal.common.service import service
from patients.errors import TooEarly
from patients.models import Booking, Conclusion
from patients.services.drafts import check_diagnosis
from patients.services.steps import check_reason, lock_referral, move, note
from patients.states import BOOKING, BookingState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


def _booking_in(referral: Referral, state: str) -> Booking:
    booking = (
        Booking.objects.select_for_update(of=("self",), no_key=True)
        .select_related("clinic")
        .filter(referral=referral, state=state)
        .first()
    )
    if booking is None:
        raise IllegalTransition(extra={"state": referral.state})
    return booking


def is_visit_day(booking: Booking) -> bool:
    """Whether it is the day of the visit at the clinic, now."""
    zone = booking.clinic.time_zone
    return day_of(timezone.now(), zone) == day_of(booking.start, zone)


@service
def mark_arrived(actor: Actor, *, referral_id: uuid.UUID) -> Referral:
    """The patient has come. Only on the day of the slot, in the clinic's zone (TooEarly otherwise)."""
    referral = lock_referral(actor, "arrive", referral_id)
    booking = _booking_in(referral, BookingState.BOOKED)
    if not is_visit_day(booking):
        raise TooEarly
    BOOKING.move(booking, "arrive")
    booking.save(update_fields=["state", "updated_at"])
    move(actor, referral, "arrive")
    return referral


@service
def mark_no_show(actor: Actor, *, referral_id: uuid.UUID, reason: str = "", comment: str = "") -> Referral:
    """The patient did not come; counted, and the referral waits for another time. Not before the slot begins.

    A coded reason may be added where the clinic knows it.
    """
    referral = lock_referral(actor, "no_show", referral_id)
    booking = _booking_in(referral, BookingState.BOOKED)
    if booking.start > timezone.now():
        raise TooEarly(_("The visit has not begun yet."))
    check_reason("no_show", reason, comment)
    # The slot before the quota, which the booking gives back with its state.
    give_back_place(booking.slot_id)
    BOOKING.move(booking, "no_show")
    booking.end_reason, booking.end_comment = reason, comment.strip()[:300]
    booking.save(update_fields=["state", "end_reason", "end_comment", "updated_at"])
    referral.no_shows += 1
    referral.appointment_at = referral.appointment_clinic = None
    move(
        actor,
        referral,
        "no_show",
        reason=reason,
        comment=comment,
        changed=("no_shows", "appointment_at", "appointment_clinic"),
    )
    return referral


@service
def complete_referral(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    text: str,
    diagnosis_code: str,
    diagnosis_text: str = "",
    recommendations: str = "",
    practitioner_name: str = "",
) -> Conclusion:
    """Close the visit with its conclusion, which the referring side sees at once."""
    referral = lock_referral(actor, "complete", referral_id)
    diagnosis_code = diagnosis_code.strip().upper()
    errors = {}
    if len(text.strip()) < 10:
        errors["text"] = [_("Please write the conclusion.")]
    if texts := check_diagnosis(diagnosis_code):
        errors["diagnosis_code"] = texts
    if errors:
        raise Invalid(errors)
    booking = _booking_in(referral, BookingState.ARRIVED)
    BOOKING.move(booking, "fulfil")
    booking.save(update_fields=["state", "updated_at"])
    conclusion = Conclusion.objects.create(
        referral=referral,
        text=text.strip(),
        diagnosis_code=diagnosis_code,
        diagnosis_text=diagnosis_text.strip(),
        recommendations=recommendations.strip(),
        author_id=actor.user_id,
        practitioner_name=practitioner_name.strip() or actor.name,
    )
    referral.conclusion_unread, referral.completed_at = True, timezone.now()
    move(actor, referral, "complete", changed=("conclusion_unread", "completed_at"))
    return conclusion


@service
def read_conclusion(actor: Actor, *, referral_id: uuid.UUID) -> Conclusion:
    """The referring side has read the conclusion. Doing it again changes nothing."""
    referral = lock_referral(actor, "read_conclusion", referral_id)
    conclusion = Conclusion.objects.select_for_update().filter(referral=referral).first()
    if conclusion is None:
        raise NotFound
    if referral.conclusion_unread:
        conclusion.read_at, conclusion.read_by_id = timezone.now(), actor.user_id
        conclusion.save(update_fields=["read_at", "read_by", "updated_at"])
        referral.conclusion_unread = False
        referral.save(update_fields=["conclusion_unread", "updated_at"])
        note(actor, referral, "read", came_from=referral.state)
    return conclusion
