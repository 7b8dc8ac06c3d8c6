"""What the whole cluster's land has come to: sums alone, nobody's offer and nobody's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum

from clinics.selectors.cluster import current_cluster
from investors.models import Interest, Plot, Site, Tender
from investors.project_states import OPEN_PROJECT, ProjectState
from investors.selectors.plots import Balance
from investors.selectors.projects import misses, projects
from investors.states import ENDED, OFFERED, OPEN_INTEREST, Direction, TenderState

if TYPE_CHECKING:
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


def land_figures(period: Period) -> LandFigures:
    """Four queries."""
    whole = Site.objects.aggregate(area=Sum("area"))["area"] or Decimal()
    states: dict[str, tuple[Decimal, int]] = {}
    directions: dict[str, tuple[Decimal, int]] = {}
    counted = Plot.objects.filter(state__in=OFFERED).values("state", "direction")
    for row in counted.annotate(hectares=Sum("area"), number=Count("pk")).order_by():
        for found, key in ((states, row["state"]), (directions, row["direction"])):
            hectares, number = found.get(key, (Decimal(), 0))
            found[key] = (hectares + row["hectares"], number + row["number"])
    first, end = period.moments()
    tenders = Tender.objects.aggregate(
        running=Count("pk", filter=Q(state__in=RUNNING)),
        complete=Count("pk", filter=Q(state=TenderState.COMPLETE)),
        announced=Count("pk", filter=Q(published_at__gte=first, published_at__lt=end)),
    )
    interests = Interest.objects.aggregate(
        interests=Count("pk", filter=Q(state__in=OPEN_INTEREST)),
        told=Count("pk", filter=Q(created_at__gte=first, created_at__lt=end)),
        investment=Sum("investment", filter=Q(state__in=OPEN_INTEREST)),
    )
    return LandFigures(
        balance=Balance(whole, [(state, *states[state]) for state in OFFERED if state in states]),
        directions=sorted(
            ((str(Direction(key).label), *sums) for key, sums in directions.items()),
            key=lambda line: (-line[1], line[0]),
        ),
        **tenders,
        **interests | {"investment": interests["investment"] or Decimal()},
    )


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


def project_figures(actor: Actor) -> ProjectFigures:
    """What the projects that the actor may see have come to. One query, beside that of the cluster."""
    own = Q(currency=current_cluster().currency)
    rows = projects(actor).exclude(state=ProjectState.CANCELLED).select_related(None).prefetch_related(None)
    found = rows.annotate(misses=misses()).order_by().aggregate(
        open=Count("pk", filter=Q(state__in=OPEN_PROJECT)),
        completed=Count("pk", filter=Q(state=ProjectState.COMPLETED)),
        late=Count("pk", filter=Q(misses=True, state__in=OPEN_PROJECT)),
        pledged=Sum("investment_pledged", filter=own), all_made=Sum("made", filter=own),
        jobs_pledged=Sum("jobs_pledged"), jobs_made=Sum("jobs"),
    )  # fmt: skip
    found["made"] = found.pop("all_made")
    return ProjectFigures(
        **found | {"pledged": found["pledged"] or Decimal(), "made": found["made"] or Decimal()}
        | {name: found[name] or 0 for name in ("jobs_pledged", "jobs_made")}
    )  # fmt: skip


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
