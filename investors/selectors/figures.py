"""What the whole cluster's land has come to: sums alone, nobody's offer and nobody's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, DecimalField, F, Q, Sum, Value

from clinics.selectors.cluster import current_cluster
from investors.models import Interest, Plot, Site, Tender
from investors.project_states import OPEN_PROJECT, ProjectState
from investors.selectors.plots import Balance
from investors.selectors.projects import misses, projects
from investors.states import ENDED, OFFERED, OPEN_INTEREST, Direction, TenderState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from clinics.selectors.measures import Period
    from cluster_portal.common.actor import Actor

#: Tenders that have been announced and have not ended.
RUNNING = tuple(state for state in TenderState if state not in (TenderState.DRAFT, *ENDED))


@dataclass(slots=True)
class LandFigures:
    """`balance` of all sites together; `directions`: what is to be built, hectares, plots; of a period `announced`
    tenders and `told` interests, the rest as it is now. `investment` is what the interests in work plan to spend.
    """

    balance: Balance
    directions: list[tuple[str, Decimal, int]] = field(default_factory=list)
    running: int = 0
    complete: int = 0
    announced: int = 0
    interests: int = 0
    told: int = 0
    investment: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """Projects that were not cancelled: in work, completed, with an overdue milestone; jobs, and money of those
    that are counted in the cluster's currency, pledged and made.
    """

    open: int
    completed: int
    late: int
    pledged: Decimal
    made: Decimal
    jobs_pledged: int
    jobs_made: int


def _line(rows: QuerySet, kind: str, *amounts: Any, by: tuple[str, ...] = ()) -> QuerySet:
    """Rows summed up to lines of the one shape that a union needs: what they are, two keys, seven amounts."""
    text, none = Value("", output_field=CharField()), Value(Decimal(), output_field=DecimalField())
    keys = {"kind": Value(kind, output_field=CharField())}
    keys |= {f"key{n}": F(by[n]) if n < len(by) else text for n in range(2)}
    sums = {f"n{n}": amounts[n] if n < len(amounts) else none for n in range(7)}
    return rows.order_by().values(**keys).annotate(**sums).values_list(*keys, *sums)


def land_and_projects(actor: Actor, period: Period) -> tuple[LandFigures, ProjectFigures]:
    """What the land has come to, and the projects that the actor may see. One query, beside that of the cluster."""
    first, end = period.moments()
    own = Q(currency=current_cluster().currency)
    seen = projects(actor).exclude(state=ProjectState.CANCELLED).select_related(None).prefetch_related(None)
    lines = _line(Site.objects.all(), "site", Sum("area")).union(
        _line(
            Plot.objects.filter(state__in=OFFERED), "plots", Sum("area"), Count("pk"), by=("state", "direction")
        ),
        _line(
            Tender.objects.all(), "tenders", Count("pk", filter=Q(state__in=RUNNING)),
            Count("pk", filter=Q(state=TenderState.COMPLETE)),
            Count("pk", filter=Q(published_at__gte=first, published_at__lt=end)),
        ),
        _line(
            Interest.objects.all(), "interests", Count("pk", filter=Q(state__in=OPEN_INTEREST)),
            Count("pk", filter=Q(created_at__gte=first, created_at__lt=end)),
            Sum("investment", filter=Q(state__in=OPEN_INTEREST)),
        ),
        _line(
            seen.alias(misses=misses()), "projects", Count("pk", filter=Q(state__in=OPEN_PROJECT)),
            Count("pk", filter=Q(state=ProjectState.COMPLETED)),
            Count("pk", filter=Q(misses=True, state__in=OPEN_PROJECT)),
            Sum("investment_pledged", filter=own), Sum("made", filter=own), Sum("jobs_pledged"), Sum("jobs"),
        ),
        all=True,
    )  # fmt: skip
    sums: dict[str, list[Decimal]] = {}
    states: dict[str, tuple[Decimal, int]] = {}
    directions: dict[str, tuple[Decimal, int]] = {}
    for kind, state, direction, *amounts in lines:
        told = sums[kind] = [amount or Decimal() for amount in amounts]
        for found, key in ((states, state), (directions, direction)) if kind == "plots" else ():
            hectares, number = found.get(key, (Decimal(), 0))
            found[key] = (hectares + told[0], number + int(told[1]))
    running, complete, announced = map(int, sums["tenders"][:3])
    interests, told_of, investment = sums["interests"][:3]
    land = LandFigures(
        balance=Balance(sums["site"][0], [(state, *states[state]) for state in OFFERED if state in states]),
        directions=sorted(
            ((str(Direction(key).label), *found) for key, found in directions.items()),
            key=lambda line: (-line[1], line[0]),
        ),
        running=running, complete=complete, announced=announced,
        interests=int(interests), told=int(told_of), investment=investment,
    )  # fmt: skip
    opened, completed, late, pledged, made, jobs_pledged, jobs_made = sums["projects"]
    built = ProjectFigures(
        int(opened), int(completed), int(late), pledged, made, int(jobs_pledged), int(jobs_made)
    )
    return land, built


@dataclass(frozen=True, slots=True)
class Division:
    """The land of sites by some key. `lines`: the key, plots, hectares that are nobody's plot (only where a line is a
    site), and hectares by state; `shared` is what no plot takes where lines are not sites.
    """

    lines: list[tuple[str, int, Decimal, dict[str, Decimal]]]
    shared: Decimal


def land_by(by: str, site: str = "") -> Division:
    """What stands in the balance of all sites or of one, by `direction`, `tenure` or `site`. Two queries."""
    sites = Site.objects.filter(pk=site) if site else Site.objects.all()
    areas = {one.pk: one for one in sites.order_by("name_ru", "id")}
    plots = Plot.objects.filter(state__in=OFFERED, site__in=areas)
    found: dict[Any, tuple[int, dict[str, Decimal]]] = {pk: (0, {}) for pk in areas} if by == "site" else {}
    for row in plots.values(by, "state").annotate(hectares=Sum("area"), number=Count("pk")).order_by():
        number, states = found.get(row[by], (0, {}))
        found[row[by]] = (number + row["number"], states | {row["state"]: row["hectares"]})
    whole = sum((one.area for one in areas.values()), Decimal())
    if by == "site":
        # A site without a plot has a line too.
        lines = [
            (areas[pk].name, number, areas[pk].area - sum(states.values()), states)
            for pk, (number, states) in found.items()
        ]
        return Division(lines, Decimal())
    lines = [(key, number, Decimal(), states) for key, (number, states) in found.items()]
    lines.sort(key=lambda line: (-sum(line[3].values()), line[0]))
    offered = sum((sum(states.values()) for _key, _number, _shared, states in lines), Decimal())
    return Division(lines, whole - offered)
