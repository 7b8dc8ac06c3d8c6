"""How much of their time the rooms for teaching are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinics.selectors.calendar import hours_on, start_of
from clinics.selectors.figures.numbers import CHUNK
from training.models import RoomBooking
from training.policies import room_report_policy
from training.selectors.rooms import ORDER
from training.states import RoomBookingState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinics.selectors.measures import Period
    from cluster_portal.common.actor import Actor
    from training.models import TeachingRoom

#: Bookings that use a room, and those that came to nothing, as each is counted.
USING = (RoomBookingState.CONFIRMED, RoomBookingState.TAKEN_UP)
LOST = {
    RoomBookingState.REJECTED: "rejected", RoomBookingState.CANCELLED: "cancelled",
    RoomBookingState.RELEASED: "released",
}  # fmt: skip
NOTHING = timedelta()


@dataclass(slots=True)
class RoomUse:
    """A room over a period. `opened` is the time of its opening hours, `closed` that part of it in which it was closed
    for everybody; `used` the time of confirmed bookings, `taught` what of it was for sessions of intakes. Bookings are
    counted where they begin in the period.
    """

    room: TeachingRoom
    opened: timedelta = NOTHING
    closed: timedelta = NOTHING
    used: timedelta = NOTHING
    taught: timedelta = NOTHING
    bookings: int = 0
    rejected: int = 0
    cancelled: int = 0
    released: int = 0

    @property
    def available(self) -> timedelta:
        """How long the room could be had."""
        return self.opened - self.closed


def use_of_rooms(actor: Actor, period: Period, *, kind: str = "") -> list[RoomUse]:
    """Each room with its use on the days of a period by its own clock, site by site. Two queries."""
    rows = room_report_policy.queryset(actor).select_related("clinic")
    rows = rows.filter(kind=kind) if kind else rows
    found = {room.pk: RoomUse(room) for room in rows.order_by(*ORDER)}
    spans = {pk: _span(use.room, period) for pk, use in found.items()}
    hours = {pk: list(_hours(use.room, period)) for pk, use in found.items()}
    for pk, use in found.items():
        use.opened = sum((ends - starts for starts, ends in hours[pk]), NOTHING)
    if not found:
        return []
    bookings = RoomBooking.objects.filter(
        room__in=found, ends__gt=min(first for first, _end in spans.values()),
        starts__lt=max(end for _first, end in spans.values()),
    )  # fmt: skip
    told = bookings.values_list("room", "starts", "ends", "state", "session")
    for pk, starts, ends, state, session in told.iterator(chunk_size=CHUNK):
        use, (first, end) = found[pk], spans[pk]
        if starts >= end or ends <= first:
            continue
        if state in USING:
            length = _shared(starts, ends, [(first, end)])
            use.used += length
            use.taught += length if session else NOTHING
        elif state == RoomBookingState.BLOCKED:
            use.closed += _shared(starts, ends, hours[pk])
        if starts >= first:
            use.bookings += state in USING
            if counter := LOST.get(state):
                setattr(use, counter, getattr(use, counter) + 1)
    return list(found.values())


def _span(room: TeachingRoom, period: Period) -> tuple[datetime, datetime]:
    """When the period begins and is over by the room's clock."""
    return start_of(period.first, room.time_zone), start_of(period.last + timedelta(days=1), room.time_zone)


def _hours(room: TeachingRoom, period: Period) -> Iterable[tuple[datetime, datetime]]:
    """From when to when the room is open on each day of the period."""
    zone = ZoneInfo(room.time_zone)
    for day in period:
        hours = hours_on(room, day)
        if hours and (room.closed_on is None or day < room.closed_on):
            yield datetime.combine(day, hours[0], zone), datetime.combine(day, hours[1], zone)


def _shared(starts: datetime, ends: datetime, others: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How much of a time lies within others, of which no two overlap."""
    return sum(
        (min(ends, last) - max(starts, first) for first, last in others if starts < last and ends > first),
        NOTHING,
    )
