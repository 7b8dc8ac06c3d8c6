"""A referral on its way through the state table, and what a story wishes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from patients.states import ACTIVE_BOOKING, Priority

if TYPE_CHECKING:
    from datetime import date, datetime

    from cluster_portal.demo.demand import Need
    from cluster_portal.demo.registry import Offer, Site
    from cluster_portal.demo.staff import Clerk
    from cluster_portal.demo.timetable import Found


class Stop(Exception):
    """The next step lies in the future, or the wished state is reached."""


@dataclass(slots=True, eq=False)
class Recipe:
    """What a referral should become: nothing said, whatever chance brings.

    `goal` is the state to stop in; `visit` the earliest start of the visit; `need` and `clerk` are given where the
    story needs them; `steady` leaves out what would spoil it (refusals, no-shows, changes of mind).
    """

    goal: str = ""
    visit: datetime | None = None
    need: Need | None = None
    clerk: Clerk | None = None
    steady: bool = False


@dataclass(slots=True, eq=False)
class Reservation:
    """One booking of a referral, as it stands."""

    id: str
    slot: str
    found: Found
    state: str
    made: datetime
    by: str | None
    changed: datetime
    end_reason: str = ""
    end_comment: str = ""


@dataclass(slots=True, eq=False)
class Run:
    """A referral on its way. `clock` is the moment that its story has reached; `left` are sites that passed it on;
    `anywhere`: it asks for a service type at whatever clinic, until it is booked."""

    id: str
    number: str
    need: Need
    recipe: Recipe
    clerk: Clerk
    created: datetime
    clock: datetime
    state: str = ""
    since: datetime | None = None
    offer: Offer | None = None
    left: list[Site] = field(default_factory=list)
    priority: str = ""
    submitted: datetime | None = None
    due: date | None = None
    anywhere: bool = False
    late_code: str = ""
    late_reason: str = ""
    no_shows: int = 0
    unread: bool = False
    completed: datetime | None = None
    steps: list[tuple] = field(default_factory=list)
    bookings: list[Reservation] = field(default_factory=list)

    @property
    def urgent(self) -> bool:
        return self.priority != Priority.PLANNED

    @property
    def booking(self) -> Reservation | None:
        """The active one."""
        return next((b for b in self.bookings if b.state in ACTIVE_BOOKING), None)


def dashed(key: str) -> str:
    """A key as it stands in JSON."""
    return str(UUID(key))
