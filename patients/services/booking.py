"""Keeping, booking, moving and giving back a time.

Lock order, everywhere: the referral, its bookings, the slots in the order of their ids, the quotas in the order of
theirs. The slot's counter moves by a conditional UPDATE, the quota's by a trigger when the booking is written; CHECK,
unique and exclusion constraints stand behind both. There is no lock anywhere else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper
from django.utils import timezone

from clinics.errors import LicenceLapsed, PermitLapsed, SlotClosed, SlotReserved
from clinics.models import Slot
from clinics.selectors.licences import why_closed
from clinics.selectors.openness import day_of, is_open_for, licensed_on_its_day
from clinics.selectors.permits import may_practise, why_barred
from clinics.selectors.quotas import is_used_up, quota_of_slot
from clinics.states import BookingMode, SlotState
from cluster_portal.common.errors import IllegalTransition, NotFound
from cluster_portal.common.prepared import Prepared
from cluster_portal.common.service import service
from patients.errors import AlreadyMoved, LateReasonRequired, NeedsTriage, OfferOpen, WrongService
from patients.models import Booking, Referral
from patients.models.reason import OTHER
from patients.services.drafts import check_consents, is_offered, misfit
from patients.services.links import link
from patients.services.occupancy import (
    active_bookings,
    alternatives,
    end_bookings,
    is_decided,
    make_room,
    met_by,
    occupy,
)
from patients.services.steps import check_reason, lock_referral, move
from patients.services.targets import aim
from patients.states import BOOKING, BookingState, LinkKind, ReasonKind, ReferralState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

HOLDABLE = frozenset(
    {ReferralState.DRAFT, ReferralState.RETURNED, ReferralState.ACCEPTED, ReferralState.WAITLISTED}
)

#: What giving a time reads: the referral whole, of its patient and clinics only what the checks ask for.
TO_LOCK = Referral.objects.select_related("patient", "source_clinic", "target_clinic").only(
    *(field.name for field in Referral._meta.concrete_fields),
    "patient__birth_date", "patient__sex", "source_clinic__country", "target_clinic__country",
    "target_clinic__organization",
)  # fmt: skip
_SLOTS = Slot.objects.select_related("service__clinic", "service_type", "clinic").only(
    *(field.name for field in Slot._meta.concrete_fields),
    "service__clinic", "service__service_type", "service__is_active", "service__booking_mode", "service__age_min",
    "service__age_max", "service__sex", "service__payments", "service__clinic__status", "service__clinic__country",
    "service__clinic__organization", "service_type__specialty", "clinic__time_zone",
)  # fmt: skip
_SLOT = Prepared(
    lambda pk, referral, patient, payment, now: _SLOTS.filter(pk=pk).annotate(
        licensed=licensed_on_its_day(),
        permitted=ExpressionWrapper(may_practise(), BooleanField()),
        meets_others=Exists(met_by(referral, patient, now)),
        quota=quota_of_slot(payment),
        used_up=is_used_up(payment),
    ),
    pk=UUID,
    referral=UUID,
    patient=UUID,
    payment=str,
    now=datetime,
)


@service
def hold_slot(actor: Actor, *, referral_id: UUID, slot_id: UUID) -> Booking:
    """Keep a slot for the actor for `HOLD_MINUTES` while the patient is asked; an older hold is let go.

    Raises SlotTaken with the nearest free slots, SlotClosed, SlotReserved, LicenceLapsed, PermitLapsed, WrongService,
    NeedsTriage, QuotaUsedUp, PatientBusy, OfferOpen while the waiting list keeps another time for the patient, and
    IllegalTransition where the referral cannot be booked (any more).
    """
    referral = lock_referral(actor, "hold", referral_id, rows=TO_LOCK)
    if referral.state not in HOLDABLE:
        raise IllegalTransition(extra={"state": referral.state, "action": "hold"})
    slot, current = slot_for(actor, referral, slot_id)
    until = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES)
    for booking in current:
        if booking.referral_id != referral.pk:
            continue
        if booking.offered and booking.held_until > timezone.now():
            # What the waiting list keeps is kept for longer, and is not let go by a look at other times.
            if booking.slot_id != slot.pk:
                raise OfferOpen(field="slot", extra={"until": booking.held_until.isoformat()})
            return booking
        if booking.slot_id == slot.pk:
            booking.held_until, booking.held_by_id, booking.offered = until, actor.user_id, False
            booking.save(update_fields=["held_until", "held_by", "offered", "updated_at"])
            return booking
    return occupy(
        actor, referral, slot, current, state=BookingState.HELD, held_until=until, held_by_id=actor.user_id
    )


@service
def release_hold(actor: Actor, *, referral_id: UUID) -> None:
    """Let the referral's hold go; nothing happens where there is none. An offered time is declined, not let go."""
    referral = lock_referral(actor, "hold", referral_id)
    holds = [b for b in active_bookings(referral) if b.state == BookingState.HELD and not b.offered]
    end_bookings(actor, holds, reason="released")


@service
def book_referral(
    actor: Actor, *, referral_id: UUID, slot_id: UUID, late_code: str = "", late_reason: str = ""
) -> Booking:
    """Book a slot, at any clinic that offers the referral's service type.

    Returns the booking; its referral is as it stands then. The referral's own hold on the slot is turned into the
    booking. Raises what `hold_slot` raises, LateReasonRequired where the day is later than the norm allows and nothing
    says why, and ConsentMissing where the clinic is another one than was agreed to. `late_code` is a reason of the
    kind `late`; words without a code are filed under "other".
    """
    referral = lock_referral(actor, "book", referral_id, rows=TO_LOCK)
    return book_locked(actor, referral, slot_id, late_code, late_reason)


def book_locked(
    actor: Actor,
    referral: Referral,
    slot_id: UUID,
    late_code: str,
    late_reason: str,
    *,
    action: str = "book",
) -> Booking:
    """`book_referral` for a referral that is locked, by the `action` of the state table that it is."""
    slot, current = slot_for(actor, referral, slot_id)
    _check_late(referral, slot, late_code, late_reason)
    changed = _go_to(referral, slot)
    move(actor, referral, action, changed=changed, details=_told(referral, slot))
    now = timezone.now()
    for booking in current:
        if booking.slot_id == slot.pk and booking.referral_id == referral.pk:
            BOOKING.move(booking, "confirm")
            booking.referral = referral
            booking.booked_by_id, booking.booked_at, booking.held_until = actor.user_id, now, None
            booking.save(update_fields=["state", "booked_by", "booked_at", "held_until", "updated_at"])
            return booking
    return occupy(
        actor, referral, slot, current, state=BookingState.BOOKED, booked_by_id=actor.user_id, booked_at=now
    )


@service
def reschedule_referral(
    actor: Actor,
    *,
    referral_id: UUID,
    slot_id: UUID,
    late_code: str = "",
    late_reason: str = "",
    comment: str = "",
    booking_id: UUID | None = None,
) -> Booking:
    """Move the booking to another slot, also at another clinic; the old place is free in the same transaction.

    `booking_id` is the booking as the caller saw it: where somebody has moved the patient meanwhile, the answer is
    AlreadyMoved and nothing changes.
    """
    referral = lock_referral(actor, "reschedule", referral_id, rows=TO_LOCK)
    require_booking(referral, booking_id)
    slot, current = slot_for(actor, referral, slot_id)
    _check_late(referral, slot, late_code, late_reason)
    own = [b for b in current if b.referral_id == referral.pk]
    if any(b.slot_id == slot.pk for b in own):
        return own[0]
    details = {
        "from": {"at": referral.appointment_at.isoformat(), "clinic": str(referral.appointment_clinic_id)}
    }
    changed = _go_to(referral, slot)
    move(
        actor,
        referral,
        "reschedule",
        changed=changed,
        comment=comment,
        details=details | _told(referral, slot),
    )
    return occupy(
        actor, referral, slot, current, state=BookingState.BOOKED, booked_by_id=actor.user_id,
        booked_at=timezone.now(), why="rescheduled",
    )  # fmt: skip


@service
def cancel_booking(actor: Actor, *, referral_id: UUID, reason: str, comment: str = "") -> Referral:
    """Give the time back with a coded reason; the referral waits for another one."""
    referral = lock_referral(actor, "cancel_booking", referral_id)
    check_reason("cancel_booking", reason, comment)
    bookings = [b for b in active_bookings(referral) if b.referral_id == referral.pk]
    referral.appointment_at = referral.appointment_clinic = None
    move(
        actor, referral, "cancel_booking", reason=reason, comment=comment,
        changed=("appointment_at", "appointment_clinic"),
    )  # fmt: skip
    end_bookings(actor, bookings, reason=reason, comment=comment)
    return referral


def require_booking(referral: Referral, booking_id: UUID | None) -> None:
    """Raise AlreadyMoved unless the locked referral is still booked by this booking; None asks for nothing."""
    if booking_id is None:
        return
    standing = Booking.objects.filter(pk=booking_id, referral=referral, state=BookingState.BOOKED)
    if not standing.exists():
        raise AlreadyMoved(extra={"start": referral.appointment_at and referral.appointment_at.isoformat()})


def slot_for(actor: Actor, referral: Referral, slot_id: UUID) -> tuple[Slot, list[Booking]]:
    """The slot, if this referral may have it (its service, its audience, a licence on its day, its
    practitioner's permit where one is needed, the payer's quota), and
    the locked bookings that a new one meets (`active_bookings`).

    Whether there are any comes with the slot. The referral is locked by then, so no booking of it can appear after.
    """
    slot = _SLOT.first(
        pk=slot_id,
        referral=referral.pk,
        patient=referral.patient_id,
        payment=referral.payment,
        now=timezone.now(),
    )
    if slot is None or slot.state == SlotState.DRAFT:
        raise NotFound(field="slot")
    gone = slot.state != SlotState.PUBLISHED or slot.block_reason or slot.start <= timezone.now()
    if gone or not is_offered(slot.service):
        raise SlotClosed(field="slot", extra=alternatives(referral, slot))
    if slot.service_type_id != referral.service_type_id:
        raise WrongService(field="slot")
    same = referral.service_id == slot.service_id
    if not same and (errors := misfit(referral, slot.service)):
        raise WrongService(next(iter(errors.values()))[0], field="slot")
    if slot.service.booking_mode == BookingMode.TRIAGE and not (same and is_decided(referral)):
        raise NeedsTriage(field="slot")
    # What is kept for the patient was open to them then, and stays theirs while it is kept.
    if not is_open_for(slot, referral.source_organization_id, referral.priority) and not _keeps(
        referral, slot
    ):
        raise SlotReserved(field="slot", extra=alternatives(referral, slot))
    if not slot.licensed:
        raise LicenceLapsed(_why_closed(slot), field="slot", extra=alternatives(referral, slot))
    if not slot.permitted:
        reason = f"{PermitLapsed.title} {why_barred(slot, _slot_day(slot))}"
        raise PermitLapsed(reason, field="slot", extra=alternatives(referral, slot))
    current = active_bookings(referral) if slot.meets_others else []
    if slot.used_up and not any(booking.quota_id == slot.quota for booking in current):
        make_room(actor, referral, slot, current)
    return slot, current


def _why_closed(slot: Slot) -> str:
    reason = why_closed(slot.clinic_id, slot.service_type.specialty_id, _slot_day(slot))
    return f"{LicenceLapsed.title} {reason}"


def _keeps(referral: Referral, slot: Slot) -> bool:
    holds = Booking.objects.filter(referral=referral, slot=slot, state=BookingState.HELD)
    return holds.filter(held_until__gt=timezone.now()).exists()


def _slot_day(slot: Slot):
    return day_of(slot.start, slot.clinic.time_zone)


def _check_late(referral: Referral, slot: Slot, late_code: str, late_reason: str) -> None:
    late = referral.due_on is not None and _slot_day(slot) > referral.due_on
    referral.late_reason, referral.late_code = late_reason.strip()[:300] if late else "", ""
    if not late:
        return
    if not late_code and not referral.late_reason:
        raise LateReasonRequired(field="late_code", extra={"due_on": referral.due_on.isoformat()})
    referral.late_code = late_code or OTHER
    check_reason(
        ReasonKind.LATE, referral.late_code, referral.late_reason, fields=("late_code", "late_reason")
    )


def _go_to(referral: Referral, slot: Slot) -> tuple[str, ...]:
    """Aim the referral at the slot's service and time (not saved), if the data may go there. What changed.

    A clinic that it was sent to sees the patient already; another one does from now on.
    """
    moved = aim(referral, slot.service)
    if moved:
        check_consents(referral)
        link(referral.patient_id, slot.organization_id, LinkKind.RECEIVED)
    referral.appointment_at, referral.appointment_clinic = slot.start, slot.clinic
    return "appointment_at", "appointment_clinic", "late_code", "late_reason", *moved


def _told(referral: Referral, slot: Slot) -> dict:
    late = {"late": referral.late_code} if referral.late_code else {}
    return {"at": slot.start.isoformat(), "clinic": str(slot.clinic_id), "slot": str(slot.pk)} | late
