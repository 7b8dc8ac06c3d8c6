"""A building opens: its plots are built, and what is in it may be a clinic that the registry has from then on.

The order of locks is the project, the cluster (the registry enters one clinic at a time), then plots by their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.services.records import announce_clinic
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors import outlines
from investors.errors import BuildingOpen, PlotNotGiven, ResidentUnregistered
from investors.models import AgreementPlot, Plot, Project
from investors.policies.projects import project_policy
from investors.project_states import PROJECT
from investors.selectors.openings import clinics_standing, needs_clinic, plots_to_build
from investors.selectors.projects import today
from investors.services.plots import move_on
from investors.services.project_notices import tell_of_opening
from investors.states import PlotState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor

#: What is told of a new clinic; where it stands is told by the plot.
CLINIC_FIELDS = (*columns("name"), *columns("short_name"), "type", *columns("city"), *columns("address"))


@service
def open_building(
    actor: Actor,
    *,
    project_id: uuid.UUID,
    opened_on: date | None = None,
    plot_ids: Iterable[uuid.UUID] | None = None,
    clinic_id: uuid.UUID | None = None,
    data: Mapping[str, Any] | None = None,
    confirmed_distinct: bool = False,
) -> Project:
    """The building of a project opens, today or on the day told, on the plots named (all of its agreement).

    With `data` (CLINIC_FIELDS) a clinic of the resident is entered in the registry as planned, in the middle of the
    first plot, for the cluster office to open; with `clinic_id` it is one that the registry has there already; with
    neither it is no clinic, which only projects of other directions than care may be. Saying the same again changes
    nothing.

    Raises NotFound, Forbidden, IllegalTransition, Invalid, BuildingOpen, ResidentUnregistered, PlotNotGiven,
    LikelyDuplicate, ClinicOfAnother.
    """
    project = project_policy.get(actor, "keep", project_id, lock=True)
    day = opened_on or today()
    if project.opened_on:
        if project.opened_on == day:
            return project
        raise BuildingOpen(field="opened_on", extra={"opened_on": project.opened_on.isoformat()})
    PROJECT.move(project, "open")
    if day > today():
        raise Invalid({"opened_on": [_("This day has not come yet.")]})
    plots = _chosen(project, plot_ids)
    project.clinic = _clinic(actor, project, plots, clinic_id, data, confirmed_distinct)
    project.opened_on = day
    _build(project, plots)
    project.save(update_fields=["state", "opened_on", "clinic", "updated_at"])
    tell_of_opening(project)
    return project


def _chosen(project: Project, plot_ids: Iterable[uuid.UUID] | None) -> list[Plot]:
    """The plots that are built on, in their order."""
    plots = plots_to_build(project)
    if plot_ids is None:
        return plots
    wanted = set(plot_ids)
    chosen = [plot for plot in plots if plot.pk in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise Invalid({"plots": [_("Choose plots of the project's agreement.")]})
    return chosen


def _clinic(
    actor: Actor, project: Project, plots: list[Plot], clinic_id: uuid.UUID | None,
    data: Mapping[str, Any] | None, confirmed_distinct: bool,
) -> Clinic | None:  # fmt: skip
    if clinic_id:
        found = next((one for one in clinics_standing(actor, project, plots) if one.pk == clinic_id), None)
        if found is None:
            raise Invalid({"clinic": [_("Choose a clinic of the resident that stands on its plots.")]})
        return found
    if not data:
        if needs_clinic(project):
            raise Invalid({"type": [_("What kind of clinic is it?")]})
        return None
    if unknown := set(data) - set(CLINIC_FIELDS):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    organization = project.agreement.investor.organization_id
    if organization is None:
        raise ResidentUnregistered
    lon, lat = outlines.middle(plots[0].outline)
    about = {name: getattr(project, name) for name in columns("description")}
    place = {"lon": round(lon, 6), "lat": round(lat, 6)}
    return announce_clinic(
        actor, organization_id=organization, data=about | place | dict(data),
        confirmed_distinct=confirmed_distinct,
    )  # fmt: skip


def _build(project: Project, plots: list[Plot]) -> None:
    """Move the plots on; two buildings may stand on one. Raises PlotNotGiven."""
    keys = [plot.pk for plot in plots]
    rows = (
        Plot.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).select_related("site")
    )
    locked = list(rows.order_by("pk"))
    held = set(
        AgreementPlot.objects.filter(agreement=project.agreement_id, plot__in=keys, is_held=True).values_list(
            "plot", flat=True
        )
    )
    given = (PlotState.ALLOCATED, PlotState.BUILT)
    if bad := [plot.number for plot in locked if plot.pk not in held or plot.state not in given]:
        raise PlotNotGiven(field="plots", extra={"plots": bad})
    for plot in locked:
        if plot.state == PlotState.ALLOCATED:
            move_on(plot, "build")
