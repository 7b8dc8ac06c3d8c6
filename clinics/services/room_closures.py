"""Rooms that are closed for some days or for good, or get another number: nobody who is booked there is dropped.

A time is in the room whose number its slot says. Locks are taken of the room, the patterns that name it, their slots by
ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import CalendarFeed, Room, RoomClosure, Schedule, Slot
from clinics.policies import room_policy
from clinics.selectors.calendar import end_of, start_of, today_at
from clinics.services.out_of_order import still_wanted
from clinics.services.places import lock_slots
from clinics.services.schedules import refill
from clinics.services.slots import close, reopen
from clinics.states import ROOM_CLOSED, SlotState
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


@service
def close_room(
    actor: Actor,
    *,
    room_id: uuid.UUID,
    first_day: date,
    last_day: date,
    reason: str,
    keep_booked: bool = False,
) -> RoomClosure:
    """Close a room on these days, both inclusive: drafts vanish, free times close, no new ones come.

    Raises NotFound, Forbidden, Invalid, and StrandedBookings with every time in the way; nothing is changed then. With
    `keep_booked` the closure stands, the booked times stay until their patients are moved, and nobody else gets in.
    """
    room = _locked(actor, room_id)
    closure = RoomClosure(room=room, first_day=first_day, last_day=last_day, reason=reason.strip())
    _check(closure)
    closure.save(force_insert=True)
    _lock_patterns(room.clinic_id, room.number)
    slots = lock_slots(_slots_of(closure).values_list("pk", flat=True))
    _shut(actor, slots.values(), keep_booked=keep_booked)
    return closure


@service
def reopen_room(actor: Actor, *, room_id: uuid.UUID, closure_id: uuid.UUID) -> int:
    """Take a closure back: what it closed opens as far as the patterns still ask for it, and they fill their days.

    Returns how many times opened. Raises NotFound, Forbidden.
    """
    room = _locked(actor, room_id)
    try:
        closure = RoomClosure.objects.get(pk=closure_id, room=room)
    except (RoomClosure.DoesNotExist, ValidationError):
        raise NotFound from None
    closure.room = room
    patterns = _lock_patterns(room.clinic_id, room.number)
    slots = lock_slots(_slots_of(closure).filter(block_reason=ROOM_CLOSED).values_list("pk", flat=True))
    closure.delete()
    opened = reopen(still_wanted(list(slots.values()), patterns))
    refill(patterns)
    return opened


def follow_room(
    actor: Actor, room: Room, *, number: str, closed_on: date | None, keep_booked: bool = False
) -> None:
    """After a locked room was changed, which had `number` and `closed_on` before.

    Patterns, times ahead and calendars say its new number. Times after its last day close as in `close_room`, also with
    StrandedBookings; those that a later last day has place for open again.
    """
    if (number, closed_on) == (room.number, room.closed_on):
        return
    others = Room.objects.filter(clinic=room.clinic_id, number=number, closed_on__isnull=True)
    if others.exclude(pk=room.pk).exists():
        # The number has been given to another room, and whatever says it means that one.
        return
    patterns = _lock_patterns(room.clinic_id, number)
    ahead = Slot.objects.filter(clinic=room.clinic_id, room=number, start__gt=timezone.now())
    slots = lock_slots(ahead.values_list("pk", flat=True))
    if number != room.number:
        renamed = {"room": room.number, "updated_at": timezone.now()}
        Schedule.objects.filter(pk__in=patterns).update(**renamed)
        Slot.objects.filter(pk__in=slots).update(**renamed)
        _rename_feeds(room, number)
    if closed_on != room.closed_on:
        zone, last_day = ZoneInfo(room.clinic.time_zone), room.closed_on
        after = {pk for pk, s in slots.items() if last_day and s.start.astimezone(zone).date() > last_day}
        _shut(actor, [slots[pk] for pk in after], keep_booked=keep_booked)
        closed = [s for pk, s in slots.items() if pk not in after and s.block_reason == ROOM_CLOSED]
        reopen(still_wanted(closed, patterns))
        refill(patterns)


def _rename_feeds(room: Room, number: str) -> None:
    """Addresses of the room's calendar go on under its new number. Whoever has one of that calendar already, because
    patterns named the number before there was such a room, keeps that one alone.
    """
    feeds = CalendarFeed.objects.filter(clinic=room.clinic_id, room=number)
    working = CalendarFeed.objects.filter(
        clinic=room.clinic_id, room=room.number, user=OuterRef("user"), revoked_at__isnull=True
    )
    feeds.filter(Exists(working), revoked_at__isnull=True).update(revoked_at=timezone.now())
    feeds.update(room=room.number)


def _shut(actor: Actor, slots: Iterable[Slot], *, keep_booked: bool) -> None:
    """Close those of the locked slots that are open, and let drafts vanish."""
    slots = list(slots)
    alive = [slot for slot in slots if slot.state == SlotState.PUBLISHED and not slot.block_reason]
    close(actor, alive, ROOM_CLOSED, keep_booked=keep_booked)
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    Slot.objects.filter(pk__in=drafts).delete()


def _locked(actor: Actor, room_id: uuid.UUID) -> Room:
    return room_policy.get(actor, "shut", room_id, lock=True, queryset=Room.objects.select_related("clinic"))


def _check(closure: RoomClosure) -> None:
    errors = {}
    if closure.last_day < closure.first_day:
        errors["last_day"] = [_("The last day is before the first one.")]
    elif closure.last_day < today_at(closure.room.clinic.time_zone):
        errors["last_day"] = [_("This day is over.")]
    if not closure.reason:
        errors["reason"] = [_("Please say why: colleagues and the journal will ask.")]
    elif len(closure.reason) > 300:
        errors["reason"] = [_("The message is longer than %(n)s characters.") % {"n": 300}]
    if errors:
        raise Invalid(errors)


def _lock_patterns(clinic_id: uuid.UUID, number: str) -> list[uuid.UUID]:
    """The patterns of a room, locked: none of them makes times there meanwhile."""
    rows = Schedule.objects.select_for_update(no_key=True).filter(
        service__clinic=clinic_id, room=number, is_active=True
    )
    return [pattern.pk for pattern in rows.order_by("pk")]


def _slots_of(closure: RoomClosure) -> QuerySet[Slot]:
    clinic = closure.room.clinic
    first = start_of(closure.first_day, clinic.time_zone)
    end = end_of(closure.last_day, clinic.time_zone)
    return Slot.objects.filter(
        clinic=clinic, room=closure.room.number, start__gte=max(first, timezone.now()), start__lt=end
    )
