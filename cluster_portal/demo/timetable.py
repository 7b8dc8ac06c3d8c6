"""Weekly hours of practitioners, the slots that come of them, and who takes which."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from clinics.selectors.calendar import cut, days_off
from clinics.services.generation import WEEKS_AHEAD, deal
from clinics.states import Audience, SlotState
from cluster_portal.demo.bulk import encode

if TYPE_CHECKING:
    from cluster_portal.demo.bulk import Table
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.registry import Offer

#: How long before its day a slot was made.
AHEAD = timedelta(weeks=WEEKS_AHEAD, days=1)
#: Slots before today that nobody took are kept for so many days.
KEPT_DAYS = 7


@dataclass(slots=True, eq=False)
class Place:
    """A slot that somebody took: its key, and how many places are gone."""

    id: str
    taken: int = 0


@dataclass(slots=True, eq=False)
class Plan:
    """One schedule: a practitioner's hours for one service."""

    id: str
    offer: Offer
    practitioner: str
    name: str
    room: str
    minutes: int
    capacity: int
    shares: tuple[int, int, int]
    hours: dict[int, list[tuple[time, time]]]
    on_holidays: bool = False
    published: bool = True
    away: list[tuple[date, date]] = field(default_factory=list)
    release: timedelta = timedelta(hours=24)
    days: dict[date, list[tuple[datetime, datetime, str]]] = field(default_factory=dict)
    places: dict[datetime, Place] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Found:
    """A free slot: of which plan, from when to when."""

    plan: Plan
    start: datetime
    end: datetime


class Timetable:
    """All plans of a cluster, from a year ago to the horizon of published slots."""

    def __init__(self, chance: Chance, now: datetime) -> None:
        self.chance, self.now = chance, now
        self.plans: list[Plan] = []
        self._off: dict[str, frozenset[date]] = {}

    def day(self, plan: Plan, day: date) -> list[tuple[datetime, datetime, str]]:
        """The visits of a day as (start, end, audience), as `clinics.services.generation.plan` would make them."""
        visits = plan.days.get(day)
        if visits is None:
            visits = plan.days[day] = self._visits(plan, day)
        return visits

    def _visits(self, plan: Plan, day: date) -> list[tuple[datetime, datetime, str]]:
        hours = plan.hours.get(day.isoweekday())
        site = plan.offer.site
        if not hours or any(first <= day <= last for first, last in plan.away):
            return []
        if not plan.on_holidays and day in self._off[site.country]:
            return []
        times = [
            pair for starts, ends in hours for pair in cut(day, starts, ends, plan.minutes, site.zone.key)
        ]
        own, cluster, urgent = plan.shares
        audiences = _deal(len(times), own, cluster, urgent)
        return [(start, end, audience) for (start, end), audience in zip(times, audiences, strict=True)]

    def read_days_off(self) -> None:
        """Read the calendars of the countries where the plans are, for the year behind and the weeks ahead."""
        today = self.now.date()
        for country in {plan.offer.site.country for plan in self.plans}:
            span = days_off(country, today - timedelta(days=400), today + timedelta(days=100))
            self._off[country] = frozenset(span)

    def last_day(self, plan: Plan) -> date:
        """The last day for which slots stand ready."""
        return self.today(plan) + timedelta(weeks=WEEKS_AHEAD)

    def today(self, plan: Plan) -> date:
        return self.now.astimezone(plan.offer.site.zone).date()

    def find(
        self,
        offer: Offer,
        *,
        at: datetime,
        wanted: datetime,
        own: bool,
        urgent: bool,
        busy: list[tuple[datetime, datetime]],
        patience: int = 35,
    ) -> Found | None:
        """A free visit from `wanted` on, as somebody who looks `at` that moment might be given it; None where none is.

        `own`: the referring organisation is the clinic's own; `busy` are times at which the patient is elsewhere.
        """
        plans = [plan for plan in offer.plans if plan.published]
        if not plans:
            return None
        first = max(at, wanted)
        offset = self.chance.randrange(len(plans))
        day = first.astimezone(offer.site.zone).date()
        for _day in range(patience):
            if offer.licensed(day):
                for number in range(len(plans)):
                    plan = plans[(offset + number) % len(plans)]
                    found = self._free(plan, day, at, first, own, urgent, busy)
                    if found:
                        return found
            day += timedelta(days=1)
        return None

    def _free(
        self,
        plan: Plan,
        day: date,
        at: datetime,
        first: datetime,
        own: bool,
        urgent: bool,
        busy: list[tuple[datetime, datetime]],
    ) -> Found | None:
        if day > self.last_day(plan):
            return None
        visits = self.day(plan, day)
        if not visits:
            return None
        # Somebody is given one of the first free times, not always the very first.
        turn = self.chance.randrange(min(len(visits), 5))
        for number in range(len(visits)):
            start, end, audience = visits[(number + turn) % len(visits)]
            if start <= first or not _open_for(audience, at >= start - plan.release, own, urgent):
                continue
            place = plan.places.get(start)
            if place is not None and place.taken >= plan.capacity:
                continue
            if any(start < until and since < end for since, until in busy):
                continue
            return Found(plan, start, end)
        return None

    def take(self, found: Found) -> str:
        """Count one place more; the slot's key."""
        place = found.plan.places.get(found.start)
        if place is None:
            place = found.plan.places[found.start] = Place(
                self.chance.key(min(found.start - AHEAD, self.now))
            )
        place.taken += 1
        return place.id

    def give_back(self, found: Found) -> None:
        found.plan.places[found.start].taken -= 1

    def write(self, table: Table) -> None:
        """Every slot that exists now: those of the horizon, those of the last days, and older ones that were taken."""
        for plan in self.plans:
            today, site = self.today(plan), plan.offer.site
            first = today - timedelta(days=KEPT_DAYS)
            # Encoded once: everything that the slots of a plan have in common.
            self._common = "\t".join(
                map(
                    encode,
                    (
                        plan.id,
                        plan.offer.id,
                        plan.offer.type,
                        site.id,
                        site.member.id,
                        plan.practitioner,
                        plan.room,
                    ),
                )
            )
            for number in range((self.last_day(plan) - first).days + 1):
                self._write_day(table, plan, first + timedelta(days=number), today)
            for start in sorted(plan.places):
                day = start.astimezone(site.zone).date()
                if day < first:
                    visit = next(visit for visit in self.day(plan, day) if visit[0] == start)
                    self._row(table, plan, visit, SlotState.PUBLISHED.value)

    def _write_day(self, table: Table, plan: Plan, day: date, today: date) -> None:
        visits = self.day(plan, day)
        if not visits:
            return
        state, reason = (SlotState.PUBLISHED if plan.published else SlotState.DRAFT).value, ""
        untouched = not any((place := plan.places.get(visit[0])) and place.taken for visit in visits)
        if plan.published and untouched and day > today and self.chance.yes(0.006):
            state, reason = SlotState.BLOCKED.value, "Ремонт кабинета"
        for visit in visits:
            self._row(table, plan, visit, state, reason)

    def _row(
        self, table: Table, plan: Plan, visit: tuple[datetime, datetime, str], state: str, reason: str = ""
    ) -> None:
        start, end, audience = visit
        place = plan.places.get(start)
        made = min(start - AHEAD, self.now)
        made_text = made.isoformat()
        table.add_line(
            f"{place.id if place else self.chance.key(made)}\t{made_text}\t{made_text}\t{self._common}\t"
            f"{start.isoformat()}\t{end.isoformat()}\t{plan.capacity}\t{place.taken if place else 0}\t"
            f"{audience}\t{(start - plan.release).isoformat()}\t{state}\t{reason}"
        )


SLOT_COLUMNS = (
    "id created_at updated_at schedule_id service_id service_type_id clinic_id organization_id practitioner_id room "
    "start end capacity taken audience release_at state block_reason"
)


@cache
def _deal(number: int, own: int, cluster: int, urgent: int) -> list[str]:
    return [audience.value for audience in deal(number, own=own, cluster=cluster, urgent=urgent)]


def _open_for(audience: str, released: bool, own: bool, urgent: bool) -> bool:
    """The rule of `clinics.selectors.openness.is_open_for` for a published slot ahead."""
    if audience == Audience.URGENT:
        return released or urgent
    return own or (audience == Audience.CLUSTER and not released)
