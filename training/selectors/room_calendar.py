"""The rooms' calendar by day, week and month: each booking on the days of its room's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clinics.selectors.calendar import days, days_off, hours_on, monday_of
from training.selectors.rooms import bookings_between

if TYPE_CHECKING:
    from datetime import time

    from cluster_portal.common.actor import Actor
    from training.models import RoomBooking, TeachingRoom

DAY, WEEK, MONTH = "day", "week", "month"
#: Free times shorter than this are not offered.
SHORT = timedelta(minutes=30)


@dataclass(slots=True)
class Cell:
    """A room's day. `hours` is empty where it is closed."""

    room: TeachingRoom
    day: date
    hours: tuple[time, time] | None = None
    bookings: list[RoomBooking] = field(default_factory=list)


@dataclass(slots=True)
class Column:
    """A day; `off` is the name of the public holiday, `is_in` whether it is of the month that is shown."""

    day: date
    off: str = ""
    is_in: bool = True
    cells: list[Cell] = field(default_factory=list)

    @property
    def bookings(self) -> list[RoomBooking]:
        """Those of all rooms, by time."""
        found = [booking for cell in self.cells for booking in cell.bookings]
        return sorted(found, key=lambda row: (row.starts, row.room.name))


@dataclass(slots=True)
class Calendar:
    """What is shown. `before` and `after` are days of the same kind of page."""

    kind: str
    day: date
    first: date
    last: date
    before: date
    after: date
    rooms: list[TeachingRoom]
    columns: list[Column]

    @property
    def weeks(self) -> list[list[Column]]:
        """The columns seven by seven."""
        return [self.columns[n : n + 7] for n in range(0, len(self.columns), 7)]

    @property
    def lines(self) -> list[tuple[TeachingRoom, list[Cell]]]:
        """Rooms with their days."""
        return [(room, [column.cells[n] for column in self.columns]) for n, room in enumerate(self.rooms)]


def calendar_of(actor: Actor, rooms: list[TeachingRoom], kind: str, day: date, country: str) -> Calendar:
    """The page of `kind` that holds `day`. Two queries, whatever there is."""
    first, last, before, after = _span(kind, day)
    held = bookings_between(actor, rooms, first, last)
    by_day: dict[tuple[object, date], list[RoomBooking]] = {}
    for room in rooms:
        zone = ZoneInfo(room.time_zone)
        for booking in held[room.pk]:
            begins = max(booking.starts.astimezone(zone).date(), first)
            # What ends at midnight is not of the day that begins then.
            ends = min((booking.ends - timedelta(seconds=1)).astimezone(zone).date(), last)
            for one in days(begins, ends):
                by_day.setdefault((room.pk, one), []).append(booking)
    off = days_off(country, first, last)
    columns = [
        Column(
            one, off.get(one, ""), kind != MONTH or one.month == day.month,
            [Cell(room, one, hours_on(room, one), by_day.get((room.pk, one), [])) for room in rooms],
        )
        for one in days(first, last)
    ]  # fmt: skip
    return Calendar(kind, day, first, last, before, after, rooms, columns)


def _span(kind: str, day: date) -> tuple[date, date, date, date]:
    """First and last day of a page, and days of the pages before and after it."""
    if kind == DAY:
        return day, day, day - timedelta(days=1), day + timedelta(days=1)
    if kind == WEEK:
        monday = monday_of(day)
        return monday, monday + timedelta(days=6), day - timedelta(days=7), day + timedelta(days=7)
    begins = day.replace(day=1)
    after = (begins + timedelta(days=32)).replace(day=1)
    last = after - timedelta(days=1)
    sunday = monday_of(last) + timedelta(days=6)
    return monday_of(begins), sunday, begins - timedelta(days=1), after


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a room's day: a booking, or free time."""

    starts: datetime
    ends: datetime
    booking: RoomBooking | None = None


def stretches(cell: Cell) -> list[Stretch]:
    """A room's day from its opening to its closing: what is booked, and the free times between."""
    zone = ZoneInfo(cell.room.time_zone)
    if cell.hours is None:
        return [Stretch(row.starts, row.ends, row) for row in cell.bookings]
    at, closes = (datetime.combine(cell.day, clock, zone) for clock in cell.hours)
    found: list[Stretch] = []
    for row in cell.bookings:
        if row.starts - at >= SHORT:
            found.append(Stretch(at, row.starts))
        found.append(Stretch(row.starts, row.ends, row))
        at = max(at, row.ends)
    if closes - at >= SHORT:
        found.append(Stretch(at, closes))
    return found
