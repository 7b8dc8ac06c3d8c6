"""What the screens read from the sums by day: each function one query over a few thousand lines, whatever the data."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import CharField, F, IntegerField, Q, Sum, Value
from django.db.models.functions import Cast

from clinics.models import PlacesDay
from clinics.selectors.calendar import monday_of
from cluster_portal.common.summaries import of_days
from patients.models import DecisionDay, FlowDay, SentDay, VisitDay, WaitDay
from patients.selectors.measures import HALF, MOST

if TYPE_CHECKING:
    from datetime import date

    from clinics.selectors.measures import Period

DAY, WEEK, MONTH = "day", "week", "month"


@dataclass(slots=True)
class Totals:
    """`period`: sums of its referrals. `now`: of all that were ever sent. `course`: how the period went.

    Each of `course` has `at` (the first day of a day, week or month), `n` sent, and `late` of them.
    """

    period: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    course: list[dict[str, Any]] = field(default_factory=list)


def totals(period: Period, step: str) -> Totals:
    """The sums of the whole cluster."""
    lines = SentDay.objects.filter(Q(month=True) | Q(day__range=(period.first, period.last))).order_by("day")
    found = Totals()
    course: dict[date, dict[str, Any]] = {}
    for line in lines:
        sums = {name: getattr(line, name) for name in SentDay.SUMS}
        if line.month:
            found.now.update(sums)
            continue
        found.period.update(sums)
        at = line.day
        if step != DAY:
            at = at.replace(day=1) if step == MONTH else monday_of(at)
        point = course.setdefault(at, {"at": at, "n": 0, "late": 0})
        point["n"] += line.sent
        point["late"] += line.breached
    found.course = list(course.values())
    return found


@dataclass(slots=True)
class Wait:
    """How patients waited for one service: `waits` says how many of those seen waited how many days."""

    service_type: str
    waits: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    normed: int = 0
    allowed: int = 0
    within_norm: int = 0
    breached: int = 0

    @property
    def seen(self) -> int:
        return sum(self.waits.values())

    @property
    def judged(self) -> int:
        return self.within_norm + self.breached

    @property
    def half(self) -> float | None:
        return percentile(self.waits, HALF)

    @property
    def most(self) -> float | None:
        return percentile(self.waits, MOST)

    @property
    def norm(self) -> float | None:
        """The days that the norms allow, on average."""
        return self.allowed / self.normed if self.normed else None


def waits(period: Period) -> list[Wait]:
    """How patients of the period waited, by service type."""
    rows = (
        WaitDay.objects.filter(of_days(period.first, period.last))
        .order_by()
        .values_list("service_type_id", "days")
        .annotate(*(Sum(name) for name in WaitDay.SUMS))
    )
    found: dict[str, Wait] = {}
    for code, days, number, normed, allowed, within, breached in rows:
        wait = found.setdefault(code, Wait(code))
        if days is not None:
            wait.waits[days] += number
        wait.normed += normed
        wait.allowed += allowed
        wait.within_norm += within
        wait.breached += breached
    return list(found.values())


def percentile(counts: dict[int, int], fraction: float) -> float | None:
    """`percentile_cont` of the values that `counts` counts: the very number that PostgreSQL finds in the rows."""
    number = sum(counts.values())
    if not number:
        return None
    place = fraction * (number - 1)
    below, share = int(place), place - int(place)
    low = high = None
    passed = 0
    for value in sorted(counts):
        passed += counts[value]
        if low is None and passed > below:
            low = value
        if passed > min(below + 1, number - 1):
            high = value
            break
    return low + (high - low) * share


@dataclass(slots=True)
class Counts:
    """Decisions by action and reason; visits, places and who waits past the norm now (`overdue`) by organisation;
    `flows`: how many referrals went from which organisation to which (None: to none yet).
    """

    decisions: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    by_decider: dict[tuple[Any, str], int] = field(default_factory=lambda: defaultdict(int))
    visits: dict[Any, dict[str, int]] = field(default_factory=dict)
    places: dict[Any, dict[str, int]] = field(default_factory=dict)
    overdue: dict[Any, int] = field(default_factory=dict)
    flows: dict[tuple[Any, Any], int] = field(default_factory=dict)


def counts(period: Period) -> Counts:
    """Decisions, visits, places and flows of the period, by one query over the four tables."""
    when = of_days(period.first, period.last)
    text, none = Value("", output_field=CharField()), Value(0, output_field=IntegerField())

    def lines(
        table: type, kind: str, who: str, action: Any, reason: Any, columns: tuple[str, ...] | None = None
    ) -> Any:
        sums = [Sum(name) for name in columns or table.SUMS]
        sums += [none] * (len(VisitDay.SUMS) - len(sums))
        rows = table.objects.filter(when).order_by()
        keys = {"kind": Value(kind, output_field=CharField()), "who": F(who), "a": action, "r": reason}
        return (
            rows.values(**keys)
            .annotate(**{f"n{n}": value for n, value in enumerate(sums)})
            .values_list(*keys, *(f"n{n}" for n in range(len(sums))))
        )

    late = (
        FlowDay.objects.filter(month=True, overdue__gt=0)
        .order_by()
        .values("target_organization_id", kind=Value("overdue", output_field=CharField()), a=text, r=text)
        .annotate(n0=Sum("overdue"), **{f"n{n}": none for n in range(1, len(VisitDay.SUMS))})
    )
    rows = lines(DecisionDay, "decision", "organization_id", F("action"), F("reason")).union(
        lines(VisitDay, "visit", "organization_id", text, text),
        lines(PlacesDay, "place", "clinic__organization_id", text, text),
        lines(
            FlowDay,
            "flow",
            "source_organization_id",
            Cast("target_organization_id", CharField()),
            text,
            ("sent",),
        ),
        late.values_list(
            "kind", "target_organization_id", "a", "r", *(f"n{n}" for n in range(len(VisitDay.SUMS)))
        ),
        all=True,
    )
    found = Counts()
    for kind, who, action, reason, *numbers in rows:
        if kind == "decision":
            found.decisions[action, reason] += numbers[0]
            found.by_decider[who, action] += numbers[0]
        elif kind == "flow":
            found.flows[who, UUID(action) if action else None] = numbers[0]
        elif kind == "overdue":
            found.overdue[who] = numbers[0]
        else:
            table, kept = (VisitDay, found.visits) if kind == "visit" else (PlacesDay, found.places)
            kept[who] = dict(zip(table.SUMS, numbers, strict=False))
    return found
