"""The room of a session: booked with the line of the agenda, and gone with it. The session is locked by the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.common.errors import NotFound
from training.errors import RoomTaken
from training.models import RoomBooking
from training.policies import teaching_room_policy
from training.selectors.rooms import hall_of
from training.services.room_bookings import give, leave, lock_rooms, shift
from training.states import OCCUPYING, RoomBookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor
    from training.models import IntakeSession


def follow(actor: Actor, session: IntakeSession, hall: uuid.UUID | None) -> None:
    """Let the room of a session be `hall` at the session's time. Raises NotFound and RoomTaken, at `hall`."""
    held = hall_of(session)
    if hall is None:
        leave_rooms([session.pk], "")
        return
    if not teaching_room_policy.queryset(actor, "book").filter(pk=hall).exists():
        raise NotFound(field="hall")
    rooms = lock_rooms({hall, held} - {None})
    booking = session.room_bookings.filter(state__in=OCCUPYING).select_for_update(no_key=True).first()
    try:
        if booking is None:
            give(
                actor, rooms[hall], session.starts, session.ends, session=session, state=RoomBookingState.CONFIRMED,
                title=session.title_ru, organization_id=actor.organization_id,
            )  # fmt: skip
        elif (booking.room_id, booking.starts, booking.ends) != (hall, session.starts, session.ends):
            shift(actor, booking, rooms[hall], session.starts, session.ends)
    except RoomTaken as error:
        error.field = "hall"
        raise


def leave_rooms(session_ids: Iterable[uuid.UUID], reason: str) -> None:
    """Give the rooms of these sessions back."""
    rows = RoomBooking.objects.filter(session__in=list(session_ids), state__in=OCCUPYING)
    if not (rooms := set(rows.values_list("room", flat=True))):
        return
    lock_rooms(rooms)
    for booking in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        leave(booking, reason)
