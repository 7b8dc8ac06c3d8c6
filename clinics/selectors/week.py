"""A clinic's week as its coordinator plans it: people by days, every slot with its share and its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic, Practitioner, Schedule, ScheduleException, Slot, Specialty
from clinics.policies import own, slot_administration_policy
from clinics.selectors.calendar import days_off, start_of
from clinics.states import LEFT, OUT_OF_ORDER, REPLACED, ROOM_CLOSED, ExceptionReason, SlotState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

DAYS = 7
#: The most squares that a cell shows.
SQUARES = 24


@dataclass(slots=True)
class Pip:
    """One slot as a square: `share` is its audience, `state` draft, free, taken, closed or threat."""

    share: str
    state: str


def _merged(pips: list[Pip]) -> Pip:
    """Several slots as one square: what threatens shows, and what is mixed is half full."""
    states = {pip.state for pip in pips}
    if "threat" in states:
        return Pip(pips[0].share, "threat")
    return Pip(pips[0].share, pips[0].state if len(states) == 1 else "partly")


@dataclass(slots=True)
class Cell:
    """One person's day.

    `starts` and `ends` are the clinic's clock; `taken` of `places` counts published slots; `away` is the reason of an
    exception that covers the day; `threats` counts booked slots that are to be closed.
    """

    day: date
    starts: datetime | None = None
    ends: datetime | None = None
    taken: int = 0
    places: int = 0
    drafts: int = 0
    threats: int = 0
    away: str = ""
    pips: list[Pip] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.places - self.taken

    @property
    def squares(self) -> list[Pip]:
        """The pips as a cell has room for: of very many, several to a square."""
        together = -(-len(self.pips) // SQUARES)
        if together <= 1:
            return self.pips
        return [_merged(self.pips[n : n + together]) for n in range(0, len(self.pips), together)]


@dataclass(slots=True)
class Line:
    """One person's week."""

    practitioner: Practitioner
    room: str = ""
    cells: list[Cell] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return sum(cell.taken for cell in self.cells)

    @property
    def places(self) -> int:
        return sum(cell.places for cell in self.cells)

    @property
    def share(self) -> int:
        """Percent of the published places that are taken."""
        return round(100 * self.taken / self.places) if self.places else 0


@dataclass(slots=True)
class Day:
    """A column: `off` is the name of the public holiday."""

    day: date
    off: str = ""


@dataclass(slots=True)
class Week:
    """The whole grid. `shares` counts places by audience, `drafts` what «publish» would publish."""

    clinic: Clinic
    monday: date
    days: list[Day]
    lines: list[Line]
    shares: Counter[str]
    drafts: int

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=DAYS - 1)

    @property
    def last_day(self) -> date:
        """The last day that the grid shows."""
        return self.days[-1].day

    @property
    def taken(self) -> int:
        return sum(line.taken for line in self.lines)

    @property
    def places(self) -> int:
        return sum(line.places for line in self.lines)

    def line_of(self, practitioner_id: object) -> Line | None:
        """The line of a person, by id or its text."""
        return next((line for line in self.lines if str(line.practitioner.pk) == str(practitioner_id)), None)


def own_clinics(actor: Actor) -> list[Clinic]:
    """The sites of the organisation that the actor acts for, those with schedules first."""
    planned = Schedule.objects.filter(service__clinic=OuterRef("pk"), is_active=True)
    return list(
        Clinic.objects.filter(own("organization")(actor))
        .exclude(status="closed")
        .alias(planned=Exists(planned))
        .order_by("-planned", "-level", "name_ru")
    )


def specialties_at(clinic: Clinic) -> list[Specialty]:
    """What the people who have patterns there do; `patterns` is their number."""
    planned = Schedule.objects.filter(service__clinic=clinic, is_active=True)
    numbers = planned.values("service__service_type__specialty").annotate(n=Count("pk")).order_by()
    count = numbers.filter(service__service_type__specialty=OuterRef("pk")).values("n")
    return list(
        Specialty.objects.annotate(patterns=Subquery(count)).filter(patterns__gt=0).order_by("name_ru")
    )


def week_of(
    actor: Actor, clinic: Clinic, monday: date, *, specialty: str = "", now: datetime | None = None
) -> Week:
    """The grid of seven days from `monday` (days without a slot at the end of the week are left out).

    `specialty` narrows it to people who give services of that specialty, shown with all of their time. Five queries,
    whatever the data.
    """
    now = now or timezone.now()
    zone = ZoneInfo(clinic.time_zone)
    last = monday + timedelta(days=DAYS - 1)
    lines = {person.pk: Line(person) for person in _people(clinic, specialty, now)}
    away = _away(clinic, monday, last)
    slots = _slots_of(actor, clinic, monday, list(lines)).order_by("start")
    cells: dict[tuple[uuid.UUID, date], Cell] = {}
    shares: Counter[str] = Counter()
    drafts = 0
    for slot in slots.values(
        "practitioner", "start", "end", "room", "audience", "state", "taken", "capacity", "block_reason"
    ):
        day = slot["start"].astimezone(zone).date()
        cell = cells.setdefault((slot["practitioner"], day), Cell(day))
        lines[slot["practitioner"]].room = slot["room"] or lines[slot["practitioner"]].room
        _count(cell, slot, now)
        if slot["state"] != SlotState.BLOCKED:
            shares[slot["audience"]] += slot["capacity"]
            cell.starts = cell.starts or slot["start"]
            cell.ends = slot["end"]
        drafts += slot["state"] == SlotState.DRAFT and slot["start"] > now
    off = days_off(clinic.country, monday, last)
    columns = [Day(day, off.get(day, "")) for day in (monday + timedelta(days=n) for n in range(DAYS))]
    worked = {day for _person, day in cells}
    while len(columns) > 5 and columns[-1].day not in worked:
        columns.pop()
    for pk, line in lines.items():
        for column in columns:
            cell = cells.get((pk, column.day)) or Cell(column.day)
            cell.away = away.get((pk, column.day), "")
            line.cells.append(cell)
    return Week(clinic, monday, columns, list(lines.values()), shares, drafts)


def week_slots(
    actor: Actor, clinic: Clinic, monday: date, *, specialty: str = "", now: datetime | None = None
) -> QuerySet[Slot]:
    """Every slot that the week's grid counts, not ordered. Two queries when it is read."""
    people = [person.pk for person in _people(clinic, specialty, now or timezone.now())]
    return _slots_of(actor, clinic, monday, people)


def _slots_of(actor: Actor, clinic: Clinic, monday: date, people: list[uuid.UUID]) -> QuerySet[Slot]:
    after = monday + timedelta(days=DAYS)
    return (
        slot_administration_policy.queryset(actor)
        .filter(clinic=clinic, practitioner__in=people)
        .filter(start__gte=start_of(monday, clinic.time_zone), start__lt=start_of(after, clinic.time_zone))
        .exclude(state=SlotState.BLOCKED, block_reason=REPLACED)
    )


def _people(clinic: Clinic, specialty: str, now: datetime) -> list[Practitioner]:
    patterns = Q(schedules__service__clinic=clinic, schedules__is_active=True)
    patterns &= Q(schedules__valid_to__isnull=True) | Q(
        schedules__valid_to__gte=now.date() - timedelta(days=DAYS)
    )
    if specialty:
        patterns &= Q(schedules__service__service_type__specialty=specialty)
    return list(Practitioner.objects.filter(patterns).distinct().order_by("family", "given"))


def _away(clinic: Clinic, first: date, last: date) -> dict[tuple[uuid.UUID, date], str]:
    found = {}
    for row in ScheduleException.objects.filter(clinic=clinic, first_day__lte=last, last_day__gte=first):
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if row.first_day <= day <= row.last_day:
                found[row.practitioner_id, day] = row.reason
    return found


def _count(cell: Cell, slot: dict, now: datetime) -> None:
    """Add a slot to its cell: one square for a slot of one place, one for each place up to nine else."""
    share, taken, places = slot["audience"], slot["taken"], slot["capacity"]
    if slot["state"] == SlotState.BLOCKED:
        cell.pips.append(Pip(share, "closed"))
    elif slot["state"] == SlotState.DRAFT:
        cell.drafts += 1
        cell.pips.append(Pip(share, "draft"))
    else:
        # A place that nobody may take any more is no free one.
        closing = bool(slot["block_reason"])
        cell.taken += taken
        cell.places += taken if closing else places
        threatened = closing and taken > 0 and slot["start"] > now
        cell.threats += threatened
        full = "taken" if taken >= places else "partly" if taken else "free"
        cell.pips.append(Pip(share, "threat" if threatened else full))


@dataclass(slots=True)
class Threat:
    """Booked times that are to be closed, of one person for one reason, in order of time."""

    practitioner: Practitioner | None
    reason: str
    slots: list[Slot]


def threats(actor: Actor, clinic: Clinic) -> list[Threat]:
    """Booked times ahead that wait to be closed, by person and reason, the most urgent first. One query."""
    groups: dict[tuple, list[Slot]] = defaultdict(list)
    closing = (
        slot_administration_policy.queryset(actor)
        .filter(clinic=clinic, state=SlotState.PUBLISHED, taken__gt=0, start__gt=timezone.now())
        .exclude(block_reason="")
        .select_related("practitioner")
        .order_by("start")
    )
    for slot in closing:
        groups[slot.practitioner_id, slot.block_reason].append(slot)
    return [Threat(slots[0].practitioner, reason, slots) for (_pk, reason), slots in groups.items()]


def day_slots(actor: Actor, clinic: Clinic, practitioner: Practitioner, day: date) -> list[Slot]:
    """The slots of one person's day, those that a change of the pattern has closed left out."""
    return list(
        slot_administration_policy.queryset(actor)
        .filter(
            clinic=clinic,
            practitioner=practitioner,
            start__gte=start_of(day, clinic.time_zone),
            start__lt=start_of(day + timedelta(days=1), clinic.time_zone),
        )
        .exclude(state=SlotState.BLOCKED, block_reason=REPLACED)
        .select_related("service__service_type", "schedule")
        .order_by("start")
    )


def slots_named(actor: Actor, slot_ids: Iterable[str]) -> list[Slot]:
    """Own slots by id, in order of time: the list that an error names, as a page shows it."""
    return list(
        slot_administration_policy.queryset(actor)
        .filter(pk__in=list(slot_ids))
        .select_related("practitioner", "clinic")
        .order_by("start")
    )


def reason_label(code: str) -> str:
    """A block reason in words: codes in the reader's language, anything else as it was typed."""
    words = {
        OUT_OF_ORDER: _("equipment in repair"),
        LEFT: _("the practitioner has left"),
        ROOM_CLOSED: _("the room is closed"),
    }
    if code in words:
        return words[code]
    return ExceptionReason(code).label if code in ExceptionReason else code
