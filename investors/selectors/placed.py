"""Where projects are: the outlines of their agreements' plots, for maps of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Max, Min, OuterRef, Q

from investors.models import AgreementPlot, Plot
from investors.models.boxes import meets
from investors.selectors.projects import plots_of, projects

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Project


def placed_projects(actor: Actor) -> QuerySet[Project]:
    """The projects that the actor may see, with `west`, `south`, `east` and `north` of their plots together."""
    edges = {"west": Min, "south": Min, "east": Max, "north": Max}
    return projects(actor).annotate(
        **{side: most(f"agreement__given__plot__{side}") for side, most in edges.items()}
    )


def touches(west: float, south: float, east: float, north: float) -> Q:
    """The condition that a plot of a project may touch a box."""
    near = Plot.objects.filter(meets(west, south, east, north)).values("pk")
    return Q(Exists(AgreementPlot.objects.filter(agreement=OuterRef("agreement"), plot__in=near)))


def geometry_of(project: Project) -> dict[str, Any]:
    """The outlines of a row of `placed_projects` as one GeoJSON geometry."""
    outlines = [plot.outline["coordinates"] for plot in plots_of(project)]
    return {"type": "MultiPolygon", "coordinates": outlines}
