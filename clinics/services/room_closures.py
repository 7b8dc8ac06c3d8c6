"""Rooms that are closed for some days: nobody is seen there, and nobody who is booked is dropped.

A time is in the room that its slot names. Locks are taken of the room, the patterns that name it, their slots by ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Room, RoomClosure, Schedule, Slot
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
    _lock_patterns(room)
    slots = list(lock_slots(_slots_of(closure).values_list("pk", flat=True)).values())
    alive = [slot for slot in slots if slot.state == SlotState.PUBLISHED and not slot.block_reason]
    close(actor, alive, ROOM_CLOSED, keep_booked=keep_booked)
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    Slot.objects.filter(pk__in=drafts).delete()
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
    patterns = _lock_patterns(room)
    slots = lock_slots(_slots_of(closure).filter(block_reason=ROOM_CLOSED).values_list("pk", flat=True))
    closure.delete()
    opened = reopen(still_wanted(list(slots.values()), patterns))
    refill(patterns)
    return opened


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


def _lock_patterns(room: Room) -> list[uuid.UUID]:
    """The patterns of the room, locked: none of them makes times there meanwhile."""
    rows = Schedule.objects.select_for_update(no_key=True).filter(
        service__clinic=room.clinic_id, room=room.number, is_active=True
    )
    return [pattern.pk for pattern in rows.order_by("pk")]


def _slots_of(closure: RoomClosure) -> QuerySet[Slot]:
    clinic = closure.room.clinic
    first = start_of(closure.first_day, clinic.time_zone)
    end = end_of(closure.last_day, clinic.time_zone)
    return Slot.objects.filter(
        clinic=clinic, room=closure.room.number, start__gte=max(first, timezone.now()), start__lt=end
    )
