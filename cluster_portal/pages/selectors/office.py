"""The state of the cluster for its office: aggregates only, nobody's name and nobody's record."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, FloatField, Func, Q
from django.utils import timezone

from clinics.models import Clinic, Licence
from clinics.selectors.cluster import current_cluster
from clinics.selectors.licences import local_day
from clinics.states import ClinicStatus, LicenceStatus
from cluster_portal.common.aggregates import Percentile
from cluster_portal.common.translated import localized
from cluster_portal.pages.selectors.public import Target, targets
from patients.models import Referral
from patients.selectors.measures import WAITING, overdue, visit_day
from patients.states import ReferralState

#: Rows and columns of the matrix, bars of the chart, lines of the lists.
ROWS, COLUMNS, BARS, LINES = 10, 7, 8, 6
#: Licences that end within this many days are named.
SOON = timedelta(days=60)


@dataclass(slots=True)
class Matrix:
    """Who refers to whom: the busiest organisations, and sums over all of them."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[int | None], int]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    total: int = 0
    top: int = 0


@dataclass(slots=True)
class State:
    """Everything on the office's screen, as of `at`."""

    at: datetime
    clinics: dict[str, int] = field(default_factory=dict)
    programme: dict[str, int] = field(default_factory=dict)
    ownership: dict[str, int] = field(default_factory=dict)
    states: list[tuple[str, str, int]] = field(default_factory=list)
    sent: int = 0
    open: int = 0
    overdue: int = 0
    overdue_at: list[dict[str, Any]] = field(default_factory=list)
    in_time: float | None = None
    waits: list[dict[str, Any]] = field(default_factory=list)
    longest: float = 0
    matrix: Matrix = field(default_factory=Matrix)
    licences: list[dict[str, Any]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @property
    def unaddressed(self) -> int:
        """Referrals of the period that name a service but no clinic: they are in no column of the matrix."""
        return self.sent - self.matrix.total


def state_of_cluster(days: int) -> State:
    """The figures over the last `days` days. Seven queries, whatever the data."""
    now = timezone.now()
    since = now - timedelta(days=days)
    state = State(at=now)
    _count_clinics(state)
    state.targets = targets(state.programme.get(ClinicStatus.OPEN, 0))
    _count_referrals(state, since)
    _count_overdue(state)
    _measure_waits(state, since)
    state.matrix = _matrix(since)
    state.licences = _ending_licences()
    return state


def _count_clinics(state: State) -> None:
    rows = Clinic.objects.values("status", "is_programme", "organization__ownership").annotate(n=Count("pk"))
    clinics, programme, ownership = Counter(), Counter(), Counter()
    for row in rows.order_by():
        clinics[row["status"]] += row["n"]
        if row["is_programme"]:
            programme[row["status"]] += row["n"]
        if row["status"] == ClinicStatus.OPEN:
            ownership[row["organization__ownership"]] += row["n"]
    state.clinics, state.programme, state.ownership = dict(clinics), dict(programme), dict(ownership)


def _count_referrals(state: State, since: datetime) -> None:
    """What is open now, and what was closed within the period, by state. Drafts are their authors' affair."""
    live = Q(state__in=[*WAITING, ReferralState.IN_CARE])
    rows = (
        Referral.objects.filter(submitted_at__isnull=False)
        .filter(live | Q(state_since__gte=since))
        .values("state")
        .annotate(n=Count("pk"), sent=Count("pk", filter=Q(submitted_at__gte=since)))
        .order_by()
    )
    numbers = {row["state"]: row["n"] for row in rows}
    state.states = [
        (value, label, numbers.get(value, 0))
        for value, label in ReferralState.choices
        if value != ReferralState.DRAFT
    ]
    state.sent = sum(row["sent"] for row in rows)
    state.open = sum(numbers.get(value, 0) for value in (*WAITING, ReferralState.IN_CARE))


def _count_overdue(state: State) -> None:
    """Open referrals past the norm, by the clinic at which they wait."""
    rows = list(
        Referral.objects.filter(submitted_at__isnull=False)
        .alias(visit_day=visit_day())
        .filter(overdue())
        .values("target_clinic", name=localized("target_clinic__short_name"))
        .annotate(n=Count("pk"))
        .order_by("-n", "name")
    )
    state.overdue = sum(row["n"] for row in rows)
    state.overdue_at = rows[:LINES]


def _measure_waits(state: State, since: datetime) -> None:
    """Days from submission to the visit by specialty, and the share of visits within the norm."""
    wait = ExpressionWrapper(F("appointment_at") - F("submitted_at"), output_field=DurationField())
    days = Func(wait, template="(extract(epoch from %(expressions)s) / 86400.0)", output_field=FloatField())
    rows = list(
        Referral.objects.filter(submitted_at__gte=since, appointment_at__isnull=False)
        .annotate(days=days, day=local_day("appointment_at", "appointment_clinic__time_zone"))
        .values(
            code=F("service_type__specialty"), specialty=localized("service_type__specialty__name")
        )
        .annotate(
            n=Count("pk"),
            half=Percentile("days", 0.5),
            most=Percentile("days", 0.9),
            dated=Count("pk", filter=Q(due_on__isnull=False)),
            late=Count("pk", filter=Q(day__gt=F("due_on"))),
        )
        .order_by("-n", "specialty")
    )  # fmt: skip
    dated = sum(row["dated"] for row in rows)
    state.in_time = 1 - sum(row["late"] for row in rows) / dated if dated else None
    state.waits = rows[:BARS]
    state.longest = max((row["most"] for row in state.waits), default=0)


def _matrix(since: datetime) -> Matrix:
    """Referrals submitted in the period, from organisation to organisation."""
    rows = (
        Referral.objects.filter(submitted_at__gte=since, target_organization__isnull=False)
        .values(
            "source_organization", "target_organization",
            source=localized("source_organization__short_name"), target=localized("target_organization__short_name"),
        )
        .annotate(n=Count("pk"))
        .order_by()
    )  # fmt: skip
    cells: dict[tuple, int] = {}
    names: dict[Any, str] = {}
    sources, receivers = defaultdict(int), defaultdict(int)
    for row in rows:
        source, target = row["source_organization"], row["target_organization"]
        names[source], names[target] = row["source"], row["target"]
        cells[source, target] = row["n"]
        sources[source] += row["n"]
        receivers[target] += row["n"]
    busiest = sorted(sources, key=lambda pk: (-sources[pk], names[pk]))[:ROWS]
    columns = sorted(receivers, key=lambda pk: (-receivers[pk], names[pk]))[:COLUMNS]
    shown = [[None if pk == to else cells.get((pk, to), 0) for to in columns] for pk in busiest]
    return Matrix(
        columns=[names[pk] for pk in columns],
        rows=[(names[pk], row, sources[pk]) for pk, row in zip(busiest, shown, strict=True)],
        totals=[receivers[pk] for pk in columns],
        total=sum(sources.values()),
        top=max((n for row in shown for n in row if n), default=0),
    )


def _ending_licences() -> list[dict[str, Any]]:
    """Licences of open clinics that end soon, the soonest first."""
    today: date = timezone.localdate(timezone=_zone())
    rows = (
        Licence.objects.filter(
            status=LicenceStatus.ACTIVE,
            clinic__status=ClinicStatus.OPEN,
            valid_to__range=(today, today + SOON),
        )
        .values("number", "valid_to", "clinic_id", name=localized("clinic__short_name"))
        .order_by("valid_to", "number")
    )
    return [row | {"left": (row["valid_to"] - today).days} for row in rows[:LINES]]


def _zone() -> ZoneInfo:
    return ZoneInfo(current_cluster().time_zone)
