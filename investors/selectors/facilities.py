"""What the cluster promised to build, against what has opened and what is planned.

A facility is a site of the clinic registry that the cluster office marked as a new object of the programme. It counts
as open from its day of opening, as planned from the end of the month or year for which its record plans to open it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Case, Count, DateField, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, TruncMonth

from clinics.models import ClusterTarget
from clinics.policies import clinic_policy
from clinics.selectors.cluster import current_cluster
from clinics.states import ClinicStatus
from cluster_portal.common.translated import localized
from cluster_portal.web import maps
from investors.selectors.roadmap import today

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: The code of the promise among the cluster's targets.
CODE = "facilities"
#: The circle of a town on the map, in units of the drawing.
RING = 15
#: The surroundings of a single place on the map, in degrees.
AROUND = 0.4
#: How the record of a site names when it is to open: 03.2027, 2027-03, 2027.
MONTH_YEAR, YEAR_MONTH, YEAR = (
    r"(?:^|\D)(0?[1-9]|1[0-2])[./]20\d\d",
    r"20\d\d-(0[1-9]|1[0-2])(?:\D|$)",
    r"20\d\d",
)
COMING = (ClinicStatus.PLANNED, ClinicStatus.UNDER_CONSTRUCTION)


@dataclass(frozen=True, slots=True)
class Year:
    """A row of the table: what opened in a year, and how many stand at its end.

    `planned` counts what is open and what is to open by then, `promised` is where the promise stands; None where
    nothing can be said.
    """

    year: int
    opened: int | None
    whole: int | None
    planned: int | None
    promised: int | None


@dataclass(frozen=True, slots=True)
class Facilities:
    """The promise and how far it has come. `openings` and `plans` are months (their last days) with numbers.

    `before` opened before the first month that is told, on a day that is not on record, or are planned for no day
    that is still to come: `undated` of those open, `unscheduled` of those planned.
    """

    target: ClusterTarget
    today: date
    since: date
    due: date | None
    openings: list[tuple[date, int]]
    plans: list[tuple[date, int]]
    before: int = 0
    undated: int = 0
    unscheduled: int = 0

    @property
    def value(self) -> int:
        """How many were promised."""
        return int(self.target.value)

    @property
    def opened(self) -> int:
        """How many are open, whatever is known of their day."""
        return self.before + self.undated + sum(number for _day, number in self.openings)

    @property
    def coming(self) -> int:
        """How many are being built or planned."""
        return self.unscheduled + sum(number for _day, number in self.plans)

    @property
    def until(self) -> date:
        """The last day that matters."""
        return max(self.today, self.due or self.today, *(day for day, _number in self.plans))

    def promised_on(self, day: date) -> int | None:
        """Where the promise stands on a day when it is kept evenly; None before it was made or without an end."""
        if self.due is None or day < self.since:
            return None
        share = min(1.0, (day - self.since).days / max(1, (self.due - self.since).days))
        return round(self.value * share)

    @property
    def years(self) -> list[Year]:
        """The table behind the chart, from the year of the promise to the last planned opening."""
        rows, opened, planned = [], self.before + self.undated, 0
        for year in range(self.since.year, self.until.year + 1):
            made = sum(number for day, number in self.openings if day.year == year)
            opened += made
            planned += sum(number for day, number in self.plans if day.year == year)
            told, ahead = year <= self.today.year, year >= self.today.year
            rows.append(
                Year(
                    year, made if told else None, opened if told else None, opened + planned if ahead else None,
                    self.promised_on(date(year, 12, 31)),
                )
            )  # fmt: skip
        return rows


def facilities_target() -> ClusterTarget | None:
    """The promise of facilities, if the cluster has made one."""
    return ClusterTarget.objects.filter(code=CODE).first()


def facilities(actor: Actor) -> Facilities | None:
    """The promise against the sites that the actor may see; None without a promise. Two queries."""
    target = facilities_target()
    if target is None:
        return None
    day = today()
    counted = list(
        clinic_policy.queryset(actor)
        .filter(is_programme=True, status__in=[ClinicStatus.OPEN, *COMING])
        .annotate(month=TruncMonth(_day_of()), is_open=Q(status=ClinicStatus.OPEN))
        .values_list("is_open", "month")
        .annotate(number=Count("pk"))
        .order_by("is_open", "month")
    )
    openings = [(_last(month), number) for is_open, month, number in counted if is_open and month]
    plans = [(_last(month), number) for is_open, month, number in counted if not is_open and month]
    since = target.source_date or min((first for first, _number in openings), default=day)
    started = since.replace(day=1)
    return Facilities(
        target, day, since, date(target.due_year, 12, 31) if target.due_year else None,
        openings=[(min(last, day), number) for last, number in openings if last >= started],
        plans=[(last, number) for last, number in plans if last >= day],
        before=sum(number for last, number in openings if last < started),
        undated=sum(number for is_open, month, number in counted if is_open and not month),
        unscheduled=sum(number for is_open, month, number in counted if not is_open and not month)
        + sum(number for last, number in plans if last < day),
    )  # fmt: skip


def _last(month: date) -> date:
    """The last day of the month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _found(pattern: str) -> Func:
    """What a pattern finds in the words of the record; null where it finds nothing."""
    return Func(
        F("planned_for"), Value(pattern), function="substring", arg_joiner=" from ", output_field=TextField()
    )


def _day_of() -> Case:
    """A day in the month on which a site opened or is to open; a year alone is meant to its end."""
    year = Cast(_found(YEAR), IntegerField())
    month = Cast(Coalesce(_found(MONTH_YEAR), _found(YEAR_MONTH), Value("12")), IntegerField())
    planned = Func(year, month, Value(1), function="make_date", output_field=DateField())
    return Case(
        When(status=ClinicStatus.OPEN, then=F("opened_on")),
        When(planned_for__regex=YEAR, then=planned),
        output_field=DateField(),
    )


@dataclass(slots=True)
class Town:
    """A town on the map with its facilities; `x` and `y` in units of the drawing, `share` open of 100."""

    key: str
    name: str
    lat: float
    lon: float
    opened: int
    coming: int
    x: float = 0
    y: float = 0

    @property
    def number(self) -> int:
        return self.opened + self.coming

    @property
    def share(self) -> float:
        return round(self.opened * 100 / self.number, 1)


@dataclass(slots=True)
class FacilitiesMap:
    """The region with a circle for each town."""

    frame: maps.Frame
    towns: list[Town]
    labels: list[maps.Pin] = field(default_factory=list)


def facilities_map(actor: Actor, width: int, height: int) -> FacilitiesMap | None:
    """Where the programme's sites stand within the cluster's country; None where nobody drew it. One query."""
    cluster = current_cluster()
    towns = [Town(**row) for row in _towns(actor, cluster.country)]
    bounds = maps.bounds_of([(town.lon, town.lat) for town in towns], margin=0.12)
    if bounds is None:
        return None
    west, south, east, north = bounds
    wide, high = max(0.0, AROUND - (east - west)) / 2, max(0.0, AROUND - (north - south)) / 2
    box = tuple(round(edge, 2) for edge in (west - wide, south - high, east + wide, north + high))
    frame = maps.frame(cluster.slug, width, height, bounds=box)
    if frame is None:
        return None
    for town in towns:
        town.x, town.y = frame.xy(town.lon, town.lat)
    labels = maps.place_labels(
        [maps.Pin(town.x, town.y, town.name, radius=RING, size=13) for town in towns], width, height
    )
    return FacilitiesMap(frame, towns, [pin for pin in labels if pin.shown])


def _towns(actor: Actor, country: str) -> list[dict[str, Any]]:
    is_open = Q(status=ClinicStatus.OPEN)
    rows = clinic_policy.queryset(actor).filter(
        is_programme=True, country=country, status__in=[ClinicStatus.OPEN, *COMING]
    )
    return list(
        rows.order_by()
        .values(key=F("city_ru"), name=localized("city"))
        .annotate(
            lat=Avg("lat"), lon=Avg("lon"), opened=Count("pk", filter=is_open), coming=Count("pk", filter=~is_open)
        )
        .order_by("-opened", "-coming", "key")
    )  # fmt: skip
