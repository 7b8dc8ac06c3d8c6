"""What readers see of land: a site with its balance, the plots of a part of the map, one plot with all of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, Sum, When, Window
from django.db.models.lookups import LessThanOrEqual

from investors.models import Plot, PlotDocument, Site, Utility
from investors.models.boxes import meets
from investors.policies import document_policy, plot_policy, site_policy, utility_policy
from investors.states import OFFERED, ON_OFFER, PLOT, PlotState, UtilityKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: What the filter of states calls all that may still be had.
AVAILABLE = "available"
#: Steps of the filters: hectares from … to …, free kilowatts from.
AREAS = {"0-1.5": (0, 1.5), "1.5-2.5": (1.5, 2.5), "2.5-5": (2.5, 5), "5-": (5, None)}
POWERS = (100, 300, 500, 1000)
EDGES = ("west", "south", "east", "north")
#: What a table and a plan of very many plots show of each: its texts and its outline are not read.
BRIEF = ("site", "number", "area", "direction", "state", "tenure", "term_years", "price", *EDGES)
#: In a list: what one may still get first.
_RANK = {state: rank for rank, state in enumerate((PlotState.IN_TENDER, PlotState.PUBLISHED, *OFFERED[2:]))}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bar above the list asks for; empty values narrow nothing. `utility` is one that has something free."""

    site: str = ""
    direction: str = ""
    area: str = ""
    state: str = ""
    power: str = ""
    utility: str = ""
    tenure: str = ""

    def __bool__(self) -> bool:
        return any((self.direction, self.area, self.state, self.power, self.utility, self.tenure))

    def conditions(self) -> Q:
        """The plots that fit."""
        found = Q()
        for name in ("direction", "tenure"):
            if value := getattr(self, name):
                found &= Q(**{name: value})
        if self.state:
            found &= Q(state__in=ON_OFFER) if self.state == AVAILABLE else Q(state=self.state)
        if self.area:
            least, most = AREAS[self.area]
            found &= Q(area__gte=least) if most is None else Q(area__gte=least, area__lt=most)
        if self.power:
            found &= Q(power__gte=int(self.power))
        if self.utility:
            found &= Exists(Utility.objects.filter(plot=OuterRef("pk"), kind=self.utility, free__gt=0))
        return found


@dataclass(frozen=True, slots=True)
class Balance:
    """How a site's land is divided, in hectares: for each state what it takes and in how many plots; the parts and
    `shared` (streets, park, networks) sum to `whole`.
    """

    whole: Decimal
    parts: list[tuple[PlotState, Decimal, int]]

    @property
    def offered(self) -> Decimal:
        return sum((area for _state, area, _number in self.parts), Decimal())

    @property
    def shared(self) -> Decimal:
        return self.whole - self.offered

    @property
    def available(self) -> int:
        """How many plots an investor may still get."""
        return sum(number for state, _area, number in self.parts if state in ON_OFFER)


@dataclass(slots=True)
class Land:
    """A site as a reader looks at it: `plots` are those in the box, `fitting` those of them that were asked for."""

    site: Site
    sites: list[Site]
    balance: Balance
    plots: list[Plot]
    fitting: list[Plot] = field(default_factory=list)

    @property
    def area(self) -> Decimal:
        """Hectares of what fits."""
        return sum((plot.area for plot in self.fitting), Decimal())


def sites() -> QuerySet[Site]:
    """Every site: none is secret."""
    return Site.objects.all()


def plots_on_record() -> QuerySet[Plot]:
    """Every plot, for those who name one by its key."""
    return Plot.objects.all()


def visible_plots(actor: Actor) -> QuerySet[Plot]:
    """The plots that the actor may see, with `power` and their utilities."""
    return with_power(plot_policy.queryset(actor)).prefetch_related("utilities")


def documents_of(actor: Actor, plot: Plot) -> QuerySet[PlotDocument]:
    """The files of a plot that the actor sees already, in the order of their coming."""
    return document_policy.queryset(actor).filter(plot=plot).order_by("created_at", "id")


def offered_plots(actor: Actor) -> QuerySet:
    """The plots that stand in the balance of their site, with `power` (free kilowatts; None where none is laid)."""
    return with_power(plot_policy.queryset(actor)).filter(state__in=OFFERED)


def plots_to_want(actor: Actor, plot_id: str = "") -> QuerySet[Plot]:
    """What an investor may express interest in, or that one of it which an address names."""
    rows = (
        plot_policy.queryset(actor)
        .filter(state__in=ON_OFFER)
        .select_related("site")
        .order_by("site", "number")
    )
    if not plot_id:
        return rows
    try:
        return rows.filter(pk=UUID(plot_id))
    except ValueError:
        return rows.none()


def with_power(plots: QuerySet) -> QuerySet:
    power = Utility.objects.filter(plot=OuterRef("pk"), kind=UtilityKind.POWER)
    return plots.annotate(power=Subquery(power.values("free")))


def look_at_land(
    actor: Actor,
    asked: Asked,
    box: tuple[float, float, float, float] | None = None,
    *,
    outlined: int | None = None,
) -> Land | None:
    """A site with its balance and the plots in `box` (all of it without one), in three statements.

    With `outlined` the plots are `BRIEF`, and outlines are read only where there are no more plots than that: those of
    thousands are most of what the database would send. None where there is no site yet. A site that does not exist is
    answered by the first one.
    """
    sites = list(site_policy.queryset(actor).order_by("name_ru", "id"))
    if not sites:
        return None
    site = next((one for one in sites if str(one.pk) == asked.site), sites[0])
    rows = offered_plots(actor).filter(site=site)
    if box is not None:
        rows = rows.filter(meets(*box))
    if outlined is not None:
        few = LessThanOrEqual(Window(Count("pk")), outlined)
        rows = rows.only(*BRIEF).annotate(drawn=Case(When(few, then="outline")))
    conditions = asked.conditions()
    plots = list(rows.annotate(fits=Case(When(conditions, then=True), default=False)) if conditions else rows)
    for plot in plots if outlined is not None and len(plots) <= outlined else ():
        plot.outline = plot.drawn
    fitting = [plot for plot in plots if not conditions or plot.fits]
    fitting.sort(key=lambda plot: (_RANK[plot.state], in_order(plot.number)))
    return Land(site, sites, balance_of(actor, site), plots, fitting)


def balance_of(actor: Actor, site: Site) -> Balance:
    """The land balance of a site."""
    counted = (
        plot_policy.queryset(actor)
        .filter(site=site, state__in=OFFERED)
        .values("state")
        .annotate(hectares=Sum("area"), number=Count("pk"))
    )
    found = {row["state"]: (row["hectares"], row["number"]) for row in counted}
    return Balance(site.area, [(state, *found[state]) for state in OFFERED if state in found])


def in_order(number: str) -> tuple[int, str]:
    """Numbers of plots as people count them: 2, 10, 10А."""
    digits = re.match(r"\d+", number)
    return (int(digits[0]), number) if digits else (10**9, number)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A plot with all that is known of it; `neighbours` are drawn around it."""

    plot: Plot
    utilities: list[Utility]
    documents: list[PlotDocument]
    photos: list[PlotDocument]
    neighbours: list[Plot]
    actions: list[str]


def dossier(actor: Actor, plot_id: uuid.UUID) -> Dossier:
    """Everything of one plot. Raises NotFound."""
    plot = plot_policy.get(actor, "view", plot_id, queryset=with_power(Plot.objects.select_related("site")))
    utilities = list(utility_policy.queryset(actor).filter(plot=plot))
    kinds = UtilityKind.values
    utilities.sort(key=lambda utility: kinds.index(utility.kind))
    files = list(documents_of(actor, plot))
    near = offered_plots(actor).filter(meets(*around(plot.box))).exclude(pk=plot.pk).order_by("id")
    return Dossier(
        plot,
        utilities,
        [file for file in files if file.kind != "photo"],
        [file for file in files if file.kind == "photo"],
        list(near[:NEIGHBOURS]),
        actions_on(actor, plot),
    )


#: So many plots around one are drawn.
NEIGHBOURS = 60


def around(box: tuple[float, float, float, float], share: float = 0.6) -> tuple[float, float, float, float]:
    """A box with its surroundings."""
    west, south, east, north = box
    wide, high = (east - west) * share, (north - south) * share
    return west - wide, south - high, east + wide, north + high


def compared_plots(actor: Actor, ids: Sequence[uuid.UUID]) -> list[Plot]:
    """The plots that were ticked and may be seen, in the order of the ticks, with their utilities."""
    rows = with_power(plot_policy.queryset(actor)).filter(pk__in=ids).prefetch_related("utilities")
    found = {plot.pk: plot for plot in rows}
    return [found[pk] for pk in ids if pk in found]


def actions_on(actor: Actor, plot: Plot) -> list[str]:
    """What the actor may do with a plot now."""
    return PLOT.available(plot.state, plot_policy.sides(actor, plot))


def see_document(actor: Actor, document_id: uuid.UUID) -> PlotDocument:
    """A file of a plot that the actor sees. Raises NotFound."""
    return document_policy.get(actor, "view", document_id)
