"""The state of the cluster for its office and its analysts: aggregates only, nobody's name and nobody's record.

Referrals, visits and places are read from the sums by day, so the screen says as of when it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, Sum, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from clinics.models import Clinic, Licence, Organization, ServiceType
from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.equipment import Year, latest_year
from clinics.selectors.figures.licences import closed_by_a_lapse
from clinics.selectors.licences import NOT_RENEWED, WARNINGS
from clinics.selectors.measures import Period
from clinics.selectors.summaries import PLACES
from clinics.states import ClinicStatus, LicenceStatus
from cluster_portal.common import summaries
from cluster_portal.common.translated import localized
from cluster_portal.pages.selectors.public import Target, targets
from cluster_portal.web.drawings import round_up
from patients.models import Reason
from patients.selectors import reading
from patients.selectors.figures import outflow
from patients.selectors.measures import (
    NO_TIME,
    REFUSE,
    RETURN,
    WAITING,
    WITHIN_NORM_TARGET,
    share,
)
from patients.selectors.summaries import DECISIONS, REFERRALS, VISITS
from patients.states import ReferralState
from training.selectors.figures.home import TRAINING

#: Rows and columns of the matrix, flows of its short form, bars of the chart, lines of the lists.
ROWS, COLUMNS, FLOWS, BARS, LINES = 10, 7, 6, 9, 6
#: Licences that end within the first of the warnings are named.
SOON = timedelta(days=WARNINGS[0])
#: A clinic is compared with others from so many patients or places on; below it a share is chance.
ENOUGH = 10
#: The steps in which the course of a period is drawn.
STEPS = ((45, reading.DAY), (200, reading.WEEK))


@dataclass(slots=True)
class Matrix:
    """Who refers to whom: the busiest organisations, and sums over all of them."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[int | None], int]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    total: int = 0
    top: int = 0
    flows: list[tuple[str, str, int]] = field(default_factory=list)


def known(part: int, *whole: int) -> float | None:
    """`part` of the sum of `whole`; None where there is nothing, or where one of them is covered (negative)."""
    return None if min(part, *whole) < 0 else share(part, sum(whole))


@dataclass(slots=True)
class WaitLine:
    """Waits for one service, in calendar days; `late` of `judged` were not seen within the norm."""

    name: str
    seen: int
    half: float | None
    most: float | None
    norm: float | None
    late: int
    judged: int

    @property
    def share(self) -> float | None:
        return known(self.late, self.judged)


@dataclass(slots=True)
class Line:
    """`part` of `whole` at one clinic, or for one reason."""

    name: str
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return share(self.part, self.whole)


@dataclass(slots=True)
class State:
    """Everything on the office's screen. `at` is as of when its sums are, None before they were first counted;
    `trained_at` the same for the figures of training, which are read apart.
    """

    at: datetime | None
    trained_at: datetime | None
    period: Period
    step: str = reading.DAY
    clinics: dict[str, int] = field(default_factory=dict)
    programme: dict[str, int] = field(default_factory=dict)
    ownership: dict[str, int] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    sent: int = 0
    within_norm: int = 0
    breached: int = 0
    ever_returned: int = 0
    states: list[tuple[str, str, int]] = field(default_factory=list)
    open: int = 0
    without_time: int = 0
    overdue: int = 0
    overdue_at: list[Line] = field(default_factory=list)
    course: list[dict[str, Any]] = field(default_factory=list)
    waits: list[WaitLine] = field(default_factory=list)
    matrix: Matrix = field(default_factory=Matrix)
    refusals: list[tuple[str, Line]] = field(default_factory=list)
    decided: int = 0
    refused: int = 0
    returned: int = 0
    came: int = 0
    missed: int = 0
    called_off: int = 0
    missed_at: list[Line] = field(default_factory=list)
    offered: int = 0
    used: int = 0
    unused_at: list[Line] = field(default_factory=list)
    licences: list[dict[str, Any]] = field(default_factory=list)
    lapsed_services: int = 0
    equipment: Year | None = None
    outside: int = 0
    outside_costs: list[tuple[str, Any]] = field(default_factory=list)
    outside_services: list[Line] = field(default_factory=list)

    in_time_mark = WITHIN_NORM_TARGET
    in_time = property(lambda self: known(self.within_norm, self.within_norm, self.breached))
    missed_share = property(lambda self: known(self.missed, self.came, self.missed))
    used_share = property(lambda self: known(self.used, self.offered))
    refused_share = property(lambda self: known(self.refused, self.decided))
    returned_share = property(lambda self: known(self.returned, self.decided))

    @property
    def unaddressed(self) -> int:
        """Referrals of the period that name a service but no clinic: they are in no column of the matrix."""
        return max(0, self.sent - self.matrix.total) if self.matrix.total >= 0 else 0

    @property
    def course_points(self) -> list[tuple[int, int]]:
        """What the chart of the course draws: sent, and of them past the norm."""
        return [(row["n"], row["late"]) for row in self.course]

    @property
    def course_top(self) -> int:
        """The top of its axis."""
        return round_up(max((row["n"] for row in self.course), default=0))

    @property
    def course_middle(self) -> int:
        return self.course_top // 2

    @property
    def course_ends(self) -> list[date]:
        """The days that the axis names: the first, the one in the middle, the last."""
        days = [row["at"] for row in self.course]
        return [days[0], days[len(days) // 2], days[-1]] if len(days) > 2 else days

    @property
    def longest(self) -> float:
        """The longest bar of the waits (days)."""
        return max((value for row in self.waits[:BARS] for value in (row.most, row.norm) if value), default=0)


def state_of_cluster(period: Period) -> State:
    """The figures of a period; what is counted as of now says so. The same queries whatever the data."""
    own = (REFERRALS, DECISIONS, VISITS, PLACES)
    moments = summaries.moments(*own, TRAINING)
    state = State(at=summaries.earliest(moments, *own), trained_at=moments.get(TRAINING), period=period)
    state.step = next((step for longest, step in STEPS if period.days <= longest), reading.MONTH)
    names = _names()
    _count_clinics(state)
    state.targets = targets(state.programme.get(ClinicStatus.OPEN, 0))
    _read_totals(state)
    state.waits = _waits(period, names)
    counts = reading.counts(period)
    state.matrix = _flows(counts.flows, names)
    _read_counts(state, counts, names)
    state.licences = _ending_licences()
    _read_outflow(state)
    return state


def _read_outflow(state: State) -> None:
    """Who was sent outside the cluster. Counted from the register itself: it has hundreds of entries, not millions."""
    totals = outflow.totals(state.period)
    state.outside, state.outside_costs = totals.number, totals.costs
    state.outside_services = [Line(name, number, totals.number) for name, number in totals.services[:LINES]]


def _names() -> dict[str, str]:
    """Names of organisations, service types (by their keys) and reasons (`kind/code`), in the reader's language.

    One query.
    """
    organizations = Organization.objects.order_by().values_list(
        Cast("pk", CharField()), localized("short_name")
    )
    services = ServiceType.objects.order_by().values_list("pk", localized("name"))
    reasons = Reason.objects.order_by().values_list(Concat("kind", Value("/"), "code"), localized("name"))
    return dict(organizations.union(services, reasons, all=True))


def _count_clinics(state: State) -> None:
    rows = (
        Clinic.objects.alias(closed=closed_by_a_lapse())
        .values("status", "is_programme", "organization__ownership")
        .annotate(n=Count("pk"), lapsed=Sum("closed"), equipment=latest_year())
    )
    clinics, programme, ownership = Counter(), Counter(), Counter()
    for row in rows.order_by():
        # The same on every row: the screen has no statement to spare for it.
        state.equipment = Year(**row["equipment"]) if row["equipment"] else None
        clinics[row["status"]] += row["n"]
        if row["is_programme"]:
            programme[row["status"]] += row["n"]
        if row["status"] == ClinicStatus.OPEN:
            ownership[row["organization__ownership"]] += row["n"]
            state.lapsed_services += row["lapsed"]
    state.clinics, state.programme, state.ownership = dict(clinics), dict(programme), dict(ownership)


def _read_totals(state: State) -> None:
    totals = reading.totals(state.period, state.step)
    sums, now = totals.period, totals.now
    state.sent, state.within_norm, state.breached = sums["sent"], sums["within_norm"], sums["breached"]
    state.ever_returned, state.course = sums["was_returned"], totals.course
    state.states = [
        (value, label, sums[value]) for value, label in ReferralState.choices if value != ReferralState.DRAFT
    ]
    state.open = sum(now[name] for name in (*WAITING, ReferralState.IN_CARE))
    state.without_time = sum(now[name] for name in NO_TIME)
    state.overdue = now["overdue"]


def _flows(flows: dict[tuple, int], names: dict[str, str]) -> Matrix:
    cells: dict[tuple, int] = {}
    sources, receivers = defaultdict(int), defaultdict(int)
    for (source, target), number in flows.items():
        if target is not None:
            cells[source, target] = number
            sources[source] += number
            receivers[target] += number
    return _matrix(cells, sources, receivers, {pk: _name(names, pk) for pk in [*sources, *receivers]})


def _matrix(cells: dict[tuple, int], sources: dict, receivers: dict, names: dict) -> Matrix:
    busiest = sorted(sources, key=lambda pk: (-sources[pk], names[pk]))[:ROWS]
    columns = sorted(receivers, key=lambda pk: (-receivers[pk], names[pk]))[:COLUMNS]
    shown = [[None if pk == to else cells.get((pk, to), 0) for to in columns] for pk in busiest]
    flows = sorted(cells, key=lambda pair: (-cells[pair], names[pair[0]], names[pair[1]]))[:FLOWS]
    return Matrix(
        columns=[names[pk] for pk in columns],
        rows=[(names[pk], row, sources[pk]) for pk, row in zip(busiest, shown, strict=True)],
        totals=[receivers[pk] for pk in columns],
        total=sum(sources.values()),
        top=max((n for row in shown for n in row if n), default=0),
        flows=[(names[source], names[target], cells[source, target]) for source, target in flows],
    )


def _overdue(state: State, names: dict[str, str], late: dict[Any, int]) -> list[Line]:
    """Where those wait whose norm has run out."""
    lines = [Line(_name(names, pk), number, state.overdue) for pk, number in late.items()]
    return sorted(lines, key=lambda line: (-line.part, line.name))[:LINES]


def _waits(period: Period, names: dict[str, str]) -> list[WaitLine]:
    """All services of the period, the worst first: by the share past the norm, those with few patients last."""
    lines = [
        WaitLine(
            name=_name(names, wait.service_type),
            seen=wait.seen,
            half=wait.half,
            most=wait.most,
            norm=wait.norm,
            late=wait.breached,
            judged=wait.judged,
        )
        for wait in reading.waits(period)
    ]
    return sorted(lines, key=lambda line: (line.judged < ENOUGH, -(line.share or 0), -line.judged, line.name))


def _read_counts(state: State, counts: reading.Counts, names: dict[str, str]) -> None:
    state.overdue_at = _overdue(state, names, counts.overdue)
    by_action = Counter()
    for (action, _reason), number in counts.decisions.items():
        by_action[action] += number
    state.decided, state.refused = sum(by_action.values()), by_action[REFUSE]
    state.returned = by_action[RETURN]
    reasons = [
        (action, Line(names.get(f"{action}/{reason}", reason), number, by_action[action]))
        for (action, reason), number in counts.decisions.items()
        if action in (REFUSE, RETURN)
    ]
    state.refusals = sorted(reasons, key=lambda item: (-item[1].part, item[1].name))[:LINES]
    visits = counts.visits
    state.came = sum(row["came"] for row in visits.values())
    state.missed = sum(row["missed"] for row in visits.values())
    state.called_off = sum(row["called_off"] for row in visits.values())
    state.missed_at = _worst(
        Line(_name(names, pk), row["missed"], row["came"] + row["missed"]) for pk, row in visits.items()
    )
    state.offered = sum(row["offered"] for row in counts.places.values())
    state.used = sum(row["used"] for row in counts.places.values())
    state.unused_at = _worst(
        Line(_name(names, pk), row["offered"] - row["used"], row["offered"])
        for pk, row in counts.places.items()
    )


def _worst(lines: Any) -> list[Line]:
    """Where the share is largest, among those with enough to compare."""
    compared = [line for line in lines if line.whole >= ENOUGH and line.part]
    return sorted(compared, key=lambda line: (-line.share, line.name))[:LINES]


def _name(names: dict[str, str], key: Any) -> str:
    return names.get(str(key), "—") if key else "—"


def _ending_licences() -> list[dict[str, Any]]:
    """Licences of open clinics that end soon and that nothing renews, the soonest first."""
    today: date = timezone.localdate(timezone=ZoneInfo(current_cluster().time_zone))
    rows = (
        Licence.objects.filter(
            NOT_RENEWED,
            status=LicenceStatus.ACTIVE,
            clinic__status=ClinicStatus.OPEN,
            valid_to__range=(today, today + SOON),
        )
        .values("number", "valid_to", "clinic_id", name=localized("clinic__short_name"))
        .order_by("valid_to", "number")
    )
    return [row | {"left": (row["valid_to"] - today).days} for row in rows]
