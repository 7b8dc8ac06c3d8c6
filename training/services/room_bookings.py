"""Who has a room when: asked for, confirmed, moved, given back, released where nobody came.

The order of locks: the intake and its session where there is one, **the rooms by their ids, then bookings by theirs**.
Whatever gives a room to somebody holds the lock of that room, so what was looked at under it stays true until the
commit; the exclusion constraint stands behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Conflict, IllegalTransition, Invalid, NotFound
from cluster_portal.common.filling import require_words
from cluster_portal.common.service import service
from training.errors import AskToMove, BelongsToSession, NotNow, RoomTaken
from training.models import RoomBooking, RoomSeries, TeachingRoom
from training.policies import room_booking_policy, teaching_room_policy
from training.selectors import rooms as selectors
from training.selectors.recurrence import occurrences
from training.services.room_notices import note_rooms
from training.services.steps import say_why
from training.states import MOVABLE, OCCUPYING, ROOM_BOOKING, TRAINING_OFFICE, RoomBookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from training.selectors.rooms import Occurrence

_S = RoomBookingState


@service
def book_room(
    actor: Actor, *, room_id: uuid.UUID, starts: datetime, ends: datetime, title: str, people: int | None = None,
    rule: str = "", skip: Collection[datetime] = (),
) -> list[RoomBooking]:  # fmt: skip
    """Book a room, or ask for it where the training office has to agree; with `rule` (RFC 5545) each time it makes.

    Of times that cannot be had only those are left out that `skip` names by their beginnings, so that nothing is left
    out unseen. Raises NotFound, Forbidden, Invalid, and RoomTaken with the times that cannot be had.
    """
    room = teaching_room_policy.get(actor, "book", room_id, lock=True, queryset=_rooms())
    require_words("title", title)
    if people and people > room.capacity:
        raise Invalid({"people": [_("The room has %(n)d places.") % {"n": room.capacity}]})
    found = _times(room, starts, ends, rule, skip)
    at_once = TRAINING_OFFICE in room_booking_policy.sides(actor, RoomBooking()) or not room.needs_consent
    return _give(
        actor, room, found, rule, title=title.strip()[:200], people=people,
        state=_S.CONFIRMED if at_once else _S.PENDING, organization_id=actor.organization_id,
    )  # fmt: skip


@service
def close_room(
    actor: Actor, *, room_id: uuid.UUID, starts: datetime, ends: datetime, reason: str, rule: str = "",
    skip: Collection[datetime] = (),
) -> list[RoomBooking]:  # fmt: skip
    """Keep a room from everybody for a time (repairs, cleaning). As `book_room`; opening hours are not asked."""
    room = teaching_room_policy.get(actor, "edit", room_id, lock=True, queryset=_rooms())
    why = say_why(reason)
    found = _times(room, starts, ends, rule, skip, is_block=True)
    return _give(actor, room, found, rule, title=why[:200], state=_S.BLOCKED)


@service
def confirm_booking(actor: Actor, *, booking_id: uuid.UUID) -> RoomBooking:
    """Give the room to who asked; others who asked for that time are refused with it.

    Raises NotFound, Forbidden, IllegalTransition, and RoomTaken where somebody has the room by now.
    """
    booking = lock_booking(actor, "confirm", booking_id)
    ROOM_BOOKING.move(booking, "confirm")
    _require_free(booking)
    note_rooms(actor, "confirm", [booking])
    return _given(actor, booking, "state")


@service
def reject_booking(actor: Actor, *, booking_id: uuid.UUID, reason: str) -> RoomBooking:
    """Refuse a request. Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason."""
    booking = _end(lock_booking(actor, "reject", booking_id), "reject", say_why(reason))
    note_rooms(actor, "reject", [booking])
    return booking


@service
def cancel_booking(
    actor: Actor, *, booking_id: uuid.UUID, reason: str, and_later: bool = False
) -> RoomBooking:
    """Give a room back; with `and_later` the following ones of its series too.

    Raises NotFound, Forbidden, Invalid without a reason, BelongsToSession, IllegalTransition for what is over.
    """
    booking = lock_booking(actor, "cancel", booking_id)
    why = say_why(reason)
    if booking.session_id:
        raise BelongsToSession
    if booking.ends <= timezone.now():
        raise IllegalTransition(extra={"state": booking.state, "action": "cancel"})
    later = selectors.later_of_series(booking) if and_later else RoomBooking.objects.none()
    ended = [booking, *later.select_for_update(of=("self",), no_key=True).order_by("pk")]
    for one in ended:
        _end(one, "cancel", why)
    note_rooms(actor, "cancel", ended)
    return booking


@service
def reopen_room(actor: Actor, *, booking_id: uuid.UUID) -> RoomBooking:
    """End the closing of a room. Raises NotFound, Forbidden, IllegalTransition."""
    return _end(lock_booking(actor, "reopen", booking_id), "reopen", "")


@service
def take_up_booking(actor: Actor, *, booking_id: uuid.UUID) -> RoomBooking:
    """Say that those who booked the room are there. Raises NotFound, Forbidden, IllegalTransition, NotNow."""
    booking = lock_booking(actor, "take_up", booking_id)
    ROOM_BOOKING.move(booking, "take_up")
    if not selectors.is_time_to_come(booking):
        raise NotNow
    booking.save(update_fields=["state", "updated_at"])
    return booking


@service
def release_booking(actor: Actor, *, booking_id: uuid.UUID) -> bool:
    """Give a room that nobody came to back. False where somebody came, or gave it back, meanwhile."""
    booking = lock_booking(actor, "release", booking_id)
    if booking.pk not in selectors.unused():
        return False
    _end(booking, "release", "")
    note_rooms(actor, "release", [booking])
    return True


@service
def move_booking(
    actor: Actor, *, booking_id: uuid.UUID, starts: datetime, ends: datetime, room_id: uuid.UUID | None = None
) -> RoomBooking:
    """Give a booking another time or room; it keeps its own where the new one cannot be had.

    Raises NotFound, Forbidden, Invalid, RoomTaken, BelongsToSession, IllegalTransition for what is over, and AskToMove
    where it is confirmed and the training office has to agree.
    """
    also = [teaching_room_policy.get(actor, "book", room_id).pk] if room_id else []
    booking, rooms = _lock(actor, "move", booking_id, also)
    room = rooms[room_id or booking.room_id]
    if booking.session_id:
        raise BelongsToSession
    if booking.state not in MOVABLE:
        raise IllegalTransition(extra={"state": booking.state, "action": "move"})
    by_office = TRAINING_OFFICE in room_booking_policy.sides(actor, booking)
    if booking.state == _S.CONFIRMED and room.needs_consent and not by_office:
        raise AskToMove
    if booking.people and booking.people > room.capacity:
        raise Invalid({"room": [_("The room has %(n)d places.") % {"n": room.capacity}]})
    shift(actor, booking, room, starts, ends)
    note_rooms(actor, "move", [booking])
    return booking


def shift(
    actor: Actor, booking: RoomBooking, room: TeachingRoom, starts: datetime, ends: datetime
) -> RoomBooking:
    """Put a locked booking into a locked room at a time. Raises Invalid, RoomTaken."""
    check_order(starts, ends)
    booking.room, booking.starts, booking.ends = room, starts, ends
    _require_free(booking)
    return _given(actor, booking, "room", "starts", "ends")


def give(actor: Actor, room: TeachingRoom, starts: datetime, ends: datetime, **columns: Any) -> RoomBooking:
    """Book a locked room. Raises Invalid, RoomTaken."""
    return _give(actor, room, _times(room, starts, ends, "", ()), "", **columns)[0]


def leave(booking: RoomBooking, reason: str) -> None:
    """Cancel a locked booking, whatever it follows. What was taken up stays on record as it was."""
    if booking.state in selectors.ASKED:
        _end(booking, "cancel", reason)


def lock_rooms(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, TeachingRoom]:
    """The rooms with their sites, locked in the order of their ids. Raises NotFound."""
    ids = set(ids)
    rows = _rooms().select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    if found.keys() != ids:
        raise NotFound(field="room")
    return found


def lock_booking(actor: Actor, action: str, booking_id: uuid.UUID) -> RoomBooking:
    """The booking with its room, both locked, to do `action` to it. Raises NotFound and Forbidden."""
    return _lock(actor, action, booking_id)[0]


def _lock(
    actor: Actor, action: str, booking_id: uuid.UUID, also: Iterable[uuid.UUID] = ()
) -> tuple[RoomBooking, dict[uuid.UUID, TeachingRoom]]:
    """The booking, and its room and those of `also`, locked."""
    # Asked first, so that nobody locks what is none of their business.
    seen = room_booking_policy.get(actor, action, booking_id)
    rooms = lock_rooms({seen.room_id, *also})
    booking = room_booking_policy.get(actor, action, booking_id, lock=True)
    if booking.room_id not in rooms:
        # It was moved meanwhile; whoever asks again sees where it is.
        raise Conflict
    booking.room = rooms[booking.room_id]
    return booking, rooms


def _rooms() -> Any:
    return TeachingRoom.objects.select_related("clinic")


def check_order(starts: datetime, ends: datetime) -> None:
    if ends <= starts:
        raise Invalid({"ends": [_("The end is not after the beginning.")]})


def _times(
    room: TeachingRoom, starts: datetime, ends: datetime, rule: str, skip: Collection[datetime], *,
    is_block: bool = False,
) -> list[Occurrence]:  # fmt: skip
    """The times that can be had. Raises Invalid, RoomTaken."""
    check_order(starts, ends)
    times = occurrences(starts, ends, rule, room.time_zone)
    found = selectors.look_at_times(room, times, is_block=is_block)
    refused = [one for one in found if one.why and one.starts not in skip]
    free = [one for one in found if not one.why]
    if refused or not free:
        raise taken(refused or found)
    return free


def taken(refused: Iterable[Occurrence]) -> RoomTaken:
    """The error that names the times which cannot be had."""
    refused = list(refused)
    words = ", ".join(dict.fromkeys(one.words for one in refused))
    told = [
        {"starts": one.starts.isoformat(), "ends": one.ends.isoformat(), "why": one.why, "title": one.words}
        for one in refused
    ]
    return RoomTaken(
        _("The room cannot be had at this time: %(why)s.") % {"why": words},
        field="starts",
        extra={"occurrences": told},
    )


def _give(
    actor: Actor, room: TeachingRoom, times: list[Occurrence], rule: str, **columns: Any
) -> list[RoomBooking]:
    series = RoomSeries.objects.create(rule=rule.strip()[:200]) if rule else None
    made = [
        RoomBooking(
            room=room, starts=one.starts, ends=one.ends, series=series, user_id=actor.user_id, booked_by=actor.name,
            **columns,
        )
        for one in times
    ]  # fmt: skip
    RoomBooking.objects.bulk_create(made)
    if made[0].state in OCCUPYING:
        _refuse_rivals(actor, room, made)
    return made


def _require_free(booking: RoomBooking) -> None:
    """Raise RoomTaken where its room cannot be had at its time."""
    is_block = booking.state == _S.BLOCKED
    (one,) = selectors.look_at_times(
        booking.room, [(booking.starts, booking.ends)], but=booking.pk, is_block=is_block
    )
    if one.why:
        raise taken([one])


def _given(actor: Actor, booking: RoomBooking, *columns: str) -> RoomBooking:
    booking.save(update_fields=[*columns, "updated_at"])
    if booking.state in OCCUPYING:
        _refuse_rivals(actor, booking.room, [booking])
    return booking


def _refuse_rivals(actor: Actor, room: TeachingRoom, given: list[RoomBooking]) -> None:
    """Whoever asked for a time that the room is given away or closed at is told so; the room is locked."""
    first, last = min(one.starts for one in given), max(one.ends for one in given)
    asking = room.bookings.filter(state=_S.PENDING, starts__lt=last, ends__gt=first)
    why = _("The room was given to somebody else for this time.")
    if given[0].state == _S.BLOCKED:
        why = _("The room is closed at this time: %(why)s") % {"why": given[0].title}
    refused = [
        _end(rival, "reject", why[:300])
        for rival in asking.select_for_update(of=("self",), no_key=True).order_by("pk")
        if any(rival.starts < one.ends and rival.ends > one.starts for one in given)
    ]
    note_rooms(actor, "reject", refused)


def _end(booking: RoomBooking, action: str, reason: str) -> RoomBooking:
    ROOM_BOOKING.move(booking, action)
    booking.end_reason = reason
    booking.save(update_fields=["state", "end_reason", "updated_at"])
    return booking
