"""Taking places and giving them back, with what they use of a quota: under the locks that `booking` documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinics.errors import QuotaUsedUp, SlotTaken
from clinics.models import Quota
from clinics.selectors.calendar import start_of
from clinics.selectors.nearest import nearest_free
from clinics.selectors.quotas import month_after
from clinics.services.places import give_back_place, lock_slots, take_place
from clinics.services.quotas import lock_quotas
from clinics.states import BookingMode
from patients.models import Booking
from patients.services.drafts import EDITABLE, age_on
from patients.services.entries import places_are_free
from patients.states import ACTIVE_BOOKING, BOOKING, OCCUPYING, BookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from clinics.models import Slot
    from cluster_portal.common.actor import Actor
    from patients.models import Referral


def end_bookings(actor: Actor, bookings: Iterable[Booking], *, reason: str, comment: str = "") -> None:
    """End held or booked bookings (locked by the caller) and give their places and quotas back.

    Who waits for such a time is offered it after the commit.
    """
    bookings = list(bookings)
    _give_back(bookings)
    lock_quotas(booking.quota_id for booking in bookings)
    _close(bookings, reason, comment)


def _give_back(bookings: Iterable[Booking]) -> None:
    """The places of bookings that end in this transaction, slots in the order of ids."""
    bookings = sorted(bookings, key=lambda b: b.slot_id)
    if bookings:
        places_are_free(booking.slot_id for booking in bookings)
    for booking in bookings:
        give_back_place(booking.slot_id)


def _close(bookings: Iterable[Booking], reason: str, comment: str = "") -> None:
    """Their state; with it the database gives back what they used of a quota."""
    for booking in bookings:
        BOOKING.move(booking, "release")
        booking.end_reason, booking.end_comment = reason[:20], comment[:300]
        booking.save(update_fields=["state", "end_reason", "end_comment", "updated_at"])


def met_by(referral: uuid.UUID, patient: uuid.UUID, now: datetime) -> QuerySet[Booking]:
    """The referral's active bookings and the patient's lapsed holds, which would stand in the way of a new one."""
    lapsed = Q(patient=patient, state=BookingState.HELD, held_until__lt=now)
    return Booking.objects.filter(lapsed | Q(referral=referral), state__in=ACTIVE_BOOKING)


def active_bookings(referral: Referral) -> list[Booking]:
    """`met_by`, locked in the order of their ids."""
    met = met_by(referral.pk, referral.patient_id, timezone.now())
    return list(met.select_for_update(no_key=True).order_by("pk"))


def is_decided(referral: Referral) -> bool:
    """Whether the clinic that the referral is aimed at has agreed to see the patient."""
    return referral.submitted_at is not None and referral.state not in EDITABLE


def occupy(
    actor: Actor, referral: Referral, slot: Slot, current: list[Booking], *, why: str = "replaced", **fields
) -> Booking:
    """Give back what stands in the way, take the place, and only then end and insert bookings: with them the database
    moves the quotas, which come after the slots in the order of locks.
    """
    if any(booking.slot_id != slot.pk for booking in current):
        lock_slots([slot.pk, *(booking.slot_id for booking in current)])
    _give_back(current)
    lapsed = [] if take_place(slot.pk) else _take_after_lapsed(referral, slot)
    lock_quotas([slot.quota, *(booking.quota_id for booking in (*current, *lapsed))])
    _close(lapsed, "lapsed")
    _close(current, why)
    return Booking.objects.create(
        referral=referral,
        patient_id=referral.patient_id,
        slot=slot,
        # With its time zone, which the answer names.
        clinic=slot.clinic,
        organization_id=slot.organization_id,
        start=slot.start,
        end=slot.end,
        **fields,
    )


def _take_after_lapsed(referral: Referral, slot: Slot) -> list[Booking]:
    """Under the slot's lock, give back the places of the holds on it that have lapsed, and try once more. The caller
    ends them. Raises SlotTaken.

    Also where none is left: whoever had the lock before may have ended several and taken only one of the places.
    """
    lock_slots([slot.pk])
    lapsed = _lapsed_holds([slot.pk])
    _give_back(lapsed)
    if not take_place(slot.pk):
        raise SlotTaken(field="slot", extra=alternatives(referral, slot))
    return lapsed


def release_lapsed_holds(actor: Actor, slot_ids: Iterable[uuid.UUID]) -> int:
    """End the lapsed holds on slots that the caller has locked, and give their places back. Returns how many.

    A hold that somebody is just turning into a booking is locked and passed over.
    """
    ended = _lapsed_holds(slot_ids)
    end_bookings(actor, ended, reason="lapsed")
    return len(ended)


def _lapsed_holds(slot_ids: Iterable[uuid.UUID]) -> list[Booking]:
    rows = Booking.objects.select_for_update(no_key=True, skip_locked=True).filter(
        slot__in=list(slot_ids), state=BookingState.HELD, held_until__lt=timezone.now()
    )
    return list(rows)


def make_room(actor: Actor, referral: Referral, slot: Slot, current: list[Booking]) -> None:
    """End the holds that have lapsed and still count in the quota of `slot`. Raises QuotaUsedUp where none has."""
    lapsed = Booking.objects.filter(quota=slot.quota, state=BookingState.HELD, held_until__lt=timezone.now())
    slots = set(lapsed.values_list("slot", flat=True))
    if slots:
        lock_slots([slot.pk, *slots, *(booking.slot_id for booking in current)])
    if not (slots and release_lapsed_holds(actor, slots)):
        raise QuotaUsedUp(field="slot", extra=alternatives(referral, slot))


def alternatives(referral: Referral, slot: Slot) -> dict:
    patient, age = referral.patient, age_on(referral.patient, timezone.localdate())
    fits = Q(service__age_min__lte=age, service__age_max__gte=age, service__sex__in=("", patient.sex))
    decides = ~Q(service__booking_mode=BookingMode.TRIAGE)
    if is_decided(referral):
        decides |= Q(service=referral.service_id)
    free = nearest_free(
        slot, organization_id=referral.source_organization_id, priority=referral.priority,
        payment=referral.payment, only=fits & decides,
    )  # fmt: skip
    return {
        "alternatives": [
            {
                "slot": str(s.pk),
                "start": s.start.isoformat(),
                "clinic": s.clinic.short_name,
                "clinic_id": str(s.clinic_id),
                "time_zone": s.clinic.time_zone,
                "practitioner": s.practitioner.short_name if s.practitioner else "",
            }
            for s in free
        ]
    }


def count_into(quota: Quota) -> int:
    """Make the bookings that a new quota is about count in it; its slots are locked. Returns how many there are."""
    zone = quota.service.clinic.time_zone
    bookings = Booking.objects.filter(
        slot__service=quota.service_id, referral__payment=quota.payment, state__in=OCCUPYING,
        start__gte=start_of(quota.month, zone), start__lt=start_of(month_after(quota.month), zone),
    )  # fmt: skip
    number = bookings.update(quota=quota)
    Quota.objects.filter(pk=quota.pk).update(used=number)
    return number
