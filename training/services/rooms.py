"""Rooms for teaching: kept by the training office; and the addresses of their calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clinics.services.feeds import give_address, revoke_feed
from clinics.services.records import check_hours
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from training.models import RoomFeed, TeachingRoom
from training.policies import room_feed_policy, teaching_room_policy

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: What is entered of a room.
FIELDS = (
    "clinic", *columns("name"), "kind", "capacity", "features", *columns("note"), "opening_hours",
    "needs_consent", "release_after", "closed_on",
)  # fmt: skip


@service
def add_room(actor: Actor, *, data: dict[str, Any]) -> TeachingRoom:
    """Put a room on record. `data` holds FIELDS (`clinic` as a row). Raises Forbidden, Invalid, RoomNameTaken."""
    teaching_room_policy.require(actor, "create")
    room = TeachingRoom()
    fill(room, data, FIELDS, _check)
    room.save(force_insert=True)
    return room


@service
def update_room(actor: Actor, *, room_id: uuid.UUID, data: dict[str, Any]) -> TeachingRoom:
    """Correct a room; bookings outside new hours stay. Raises NotFound, Forbidden, Invalid, RoomNameTaken."""
    room = teaching_room_policy.get(actor, "edit", room_id, lock=True)
    fill(room, data, FIELDS, _check)
    room.save()
    return room


@service
def open_room_feed(actor: Actor, *, room_id: uuid.UUID) -> tuple[RoomFeed, str]:
    """An address of a room's calendar and its secret. Raises Forbidden, NotFound, FeedExists."""
    room_feed_policy.require(actor, "create")
    return give_address(actor, RoomFeed(room=teaching_room_policy.get(actor, "view", room_id)))


@service
def revoke_room_feed(actor: Actor, *, feed_id: uuid.UUID) -> RoomFeed:
    """From now on the address is nobody's. Raises NotFound."""
    return revoke_feed(actor, feed_id=feed_id, policy=room_feed_policy)


def _check(room: TeachingRoom) -> dict[str, list[Any]]:
    wrong = check_hours(room.opening_hours)
    return {"opening_hours": [wrong]} if wrong else {}
