"""What is known beforehand of a building that opens: its plots, the clinics that stand there, how it may be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import override, pgettext

from clinics.models import Clinic
from clinics.policies import clinic_policy
from cluster_portal.common.translated import LANGUAGES
from investors import outlines
from investors.models import Plot
from investors.selectors.plots import in_order
from investors.states import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor
    from investors.models import Project

#: What is built for these is a clinic.
CARE = (Direction.CLINICAL, Direction.REHABILITATION)


def needs_clinic(project: Project) -> bool:
    """Whether the building of a project cannot but be a clinic."""
    return project.direction in CARE


def plots_to_build(project: Project) -> list[Plot]:
    """The plots of the project's agreement, in their order."""
    rows = Plot.objects.filter(given__agreement=project.agreement_id).select_related("site")
    return sorted(rows, key=lambda plot: in_order(plot.number))


def clinics_standing(actor: Actor, project: Project, plots: Iterable[Plot]) -> list[Clinic]:
    """The resident's clinics within the outlines of plots that no project has opened; none without an organisation."""
    organization = project.agreement.investor.organization_id
    if organization is None:
        return []
    rows = clinic_policy.queryset(actor).filter(organization=organization, projects__isnull=True)
    plots = list(plots)
    return [
        one
        for one in rows.order_by("name_ru", "id")
        if any(outlines.holds(plot.outline, one.lon, one.lat) for plot in plots)
    ]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a form about an opening offers, and what it begins with."""

    plots: list[Plot]
    clinics: list[Clinic]
    begins_with: dict[str, Any]
    needs_clinic: bool


def opening_of(actor: Actor, project: Project) -> Opening:
    """Everything that is known beforehand of the opening of a project's building."""
    plots = plots_to_build(project)
    return Opening(
        plots, clinics_standing(actor, project, plots), _begins_with(project, plots), needs_clinic(project)
    )


def _begins_with(project: Project, plots: list[Plot]) -> dict[str, Any]:
    """The name from the project, the address from the plot, the town of the resident's first clinic."""
    said: dict[str, Any] = {}
    for code in LANGUAGES:
        said[f"name_{code}"] = getattr(project, f"title_{code}")
        said[f"short_name_{code}"] = getattr(project, f"title_{code}")[:120]
        with override(code):
            plot = plots[0]
            site = getattr(plot.site, f"name_{code}") or plot.site.name_ru
            number = pgettext("address", "plot No. %(number)s") % {"number": plot.number}
            said[f"address_{code}"] = f"{site}, {number}"
    near = Clinic.objects.filter(organization=project.agreement.investor.organization_id)
    if one := near.order_by("created_at", "id").first():
        said |= {f"city_{code}": getattr(one, f"city_{code}") for code in LANGUAGES}
    return said
