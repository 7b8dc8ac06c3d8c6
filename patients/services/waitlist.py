"""What people do with the waiting list: join it, say what suits, answer an offered time, leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Service
from clinics.states import ClinicStatus
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.errors import OfferGone
from patients.models.waitlist import LONGEST_WAY
from patients.services.booking import book_locked
from patients.services.entries import close, enter, entry_of, look_for_times, open_offer_of
from patients.services.occupancy import active_bookings, end_bookings
from patients.services.steps import check_reason, lock_referral, move
from patients.states import BookingState, DayPart

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date

    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Referral, WaitlistOffer

WISHES = ("clinics", "weekdays", "parts", "earliest_on", "latest_on", "notice_hours", "note")


@service
def wait_referral(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    clinics: Iterable[uuid.UUID] = (),
    weekdays: Iterable[int] = (),
    parts: Iterable[str] = (),
    earliest_on: date | None = None,
    latest_on: date | None = None,
    notice_hours: int = 24,
    note: str = "",
) -> Referral:
    """Put an accepted referral on the waiting list: the first time that suits is offered to the referring clinic.

    Nothing said suits everything; `notice_hours` is how long before a time the patient must know of it. The deadline
    goes on running. Raises Invalid at the wish that makes no sense.
    """
    referral = lock_referral(actor, "wait", referral_id)
    wishes = _checked(
        referral, clinics=clinics, weekdays=weekdays, parts=parts, earliest_on=earliest_on, latest_on=latest_on,
        notice_hours=notice_hours, note=note,
    )  # fmt: skip
    move(actor, referral, "wait", comment=wishes["note"])
    enter(actor, referral, wishes)
    return referral


@service
def change_preferences(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    clinics: Iterable[uuid.UUID] = (),
    weekdays: Iterable[int] = (),
    parts: Iterable[str] = (),
    earliest_on: date | None = None,
    latest_on: date | None = None,
    notice_hours: int = 24,
    note: str = "",
) -> Referral:
    """Say anew what times suit; the place in the queue stays. An offered time stays offered. Raises Invalid."""
    referral = lock_referral(actor, "change_preferences", referral_id)
    wishes = _checked(
        referral, clinics=clinics, weekdays=weekdays, parts=parts, earliest_on=earliest_on, latest_on=latest_on,
        notice_hours=notice_hours, note=note,
    )  # fmt: skip
    entry = entry_of(referral)
    for name, value in wishes.items():
        setattr(entry, name, value)
    entry.save(update_fields=[*wishes, "updated_at"])
    move(actor, referral, "change_preferences", comment=wishes["note"])
    look_for_times(entry.service_type_id)
    return referral


@service
def stop_waiting(actor: Actor, *, referral_id: uuid.UUID, comment: str = "") -> Referral:
    """Take a referral off the waiting list; it awaits booking again. An offered time goes to the next patient."""
    referral = lock_referral(actor, "stop_waiting", referral_id)
    move(actor, referral, "stop_waiting", comment=comment)
    end_bookings(actor, _held(referral), reason="stopped")
    return referral


@service
def accept_offer(
    actor: Actor, *, referral_id: uuid.UUID, late_code: str = "", late_reason: str = ""
) -> Booking:
    """Take the offered time: the held place becomes the booking.

    Raises OfferGone where it is no longer kept, LateReasonRequired where it lies beyond the norm and nothing says
    why, and what `book_referral` raises where the clinic has closed the time meanwhile.
    """
    referral = lock_referral(actor, "accept_offer", referral_id)
    offer = _answerable(referral)
    return book_locked(actor, referral, offer.slot_id, late_code, late_reason, action="accept_offer")


@service
def decline_offer(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Decline the offered time with a coded reason; the next patient is asked, this one waits on.

    The same time is not offered to this patient again. Raises OfferGone and Invalid.
    """
    referral = lock_referral(actor, "decline_offer", referral_id)
    check_reason("decline_offer", reason, comment)
    offer = _answerable(referral)
    close(actor, offer, "decline", reason=reason, comment=comment)
    referral.offer_until = None
    move(actor, referral, "decline_offer", reason=reason, comment=comment, changed=("offer_until",))
    end_bookings(actor, _held(referral), reason="declined")
    look_for_times(offer.entry.service_type_id)
    return referral


def _answerable(referral: Referral) -> WaitlistOffer:
    offer = open_offer_of(referral)
    if offer is None or offer.until <= timezone.now() or offer.booking.state != BookingState.HELD:
        raise OfferGone
    return offer


def _held(referral: Referral) -> list[Booking]:
    """What is kept for the referral, locked."""
    return [
        booking
        for booking in active_bookings(referral)
        if booking.referral_id == referral.pk and booking.state == BookingState.HELD
    ]


def _checked(referral: Referral, **wishes: Any) -> dict[str, Any]:
    """The wishes in their tidy form. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    clinics = list(dict.fromkeys(wishes["clinics"] or ()))
    weekdays, parts = sorted(set(wishes["weekdays"] or ())), sorted(set(wishes["parts"] or ()))
    if clinics and _offering(referral, clinics) < len(clinics):
        errors["clinics"] = [_("Please choose clinics that offer this service.")]
    if not set(weekdays) <= set(range(1, 8)):
        errors["weekdays"] = [_("Weekdays are numbers from 1 (Monday) to 7.")]
    if not set(parts) <= set(DayPart.values):
        errors["parts"] = [_("Please choose a part of the day.")]
    first, last = wishes["earliest_on"], wishes["latest_on"]
    if first and last and last < first:
        errors["latest_on"] = [_("The last day is before the first one.")]
    elif last and last < timezone.localdate():
        errors["latest_on"] = [_("This day has passed.")]
    if not 0 <= wishes["notice_hours"] <= LONGEST_WAY:
        errors["notice_hours"] = [_("From 0 to %(hours)d hours.") % {"hours": LONGEST_WAY}]
    if errors:
        raise Invalid(errors)
    return wishes | {
        "clinics": clinics,
        "weekdays": weekdays,
        "parts": parts,
        "note": wishes["note"].strip()[:300],
    }


def _offering(referral: Referral, clinics: list[uuid.UUID]) -> int:
    """How many of these clinics offer what the referral asks for."""
    rows = Service.objects.filter(
        clinic__in=clinics,
        clinic__status=ClinicStatus.OPEN,
        service_type=referral.service_type_id,
        is_active=True,
    )
    return rows.order_by().values("clinic").distinct().count()


__all__ = [
    "WISHES", "accept_offer", "change_preferences", "decline_offer", "stop_waiting", "wait_referral",
]  # fmt: skip
