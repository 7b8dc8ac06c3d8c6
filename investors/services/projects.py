"""Projects: the land office begins them and says in which phase they are; their companies tell what was made.

The lock is the project's, before a milestone's; a figure is confirmed or taken away under its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common import numbering
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.errors import (
    BuildingNotOpen,
    BuildingOpen,
    FigureConfirmed,
    MilestoneMet,
    MilestonesOpen,
    ProjectClosed,
    ProjectFull,
    ProjectUnfounded,
)
from investors.models import Project, ProjectFigure, ProjectFunding, ProjectMilestone
from investors.policies.projects import figure_policy, funding_policy, milestone_policy, project_policy
from investors.policies.residents import agreement_policy
from investors.project_states import OPEN_PROJECT, PROJECT
from investors.selectors.projects import pledged_by
from investors.services.project_notices import tell_of_figure, tell_of_late, tell_of_phase
from investors.states import HOLDING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors

SEQUENCE, PREFIX = "investors_project_number", "PRJ"
#: What is entered of a project beside its agreement.
FIELDS = (
    *columns("title"), *columns("description"), "direction", "investment_pledged", "currency", "jobs_pledged",
)  # fmt: skip
MILESTONE_FIELDS = (*columns("title"), "due_on")
FIGURE_FIELDS = ("counted_on", "investment", "jobs", "source")
FUNDING_FIELDS = ("kind", "organization", "amount")


@service
def begin_project(actor: Actor, *, agreement_id: uuid.UUID, data: Mapping[str, Any]) -> Project:
    """Put a project on record under an agreement that holds its plots. `data` holds FIELDS; what is pledged is that of
    the interest from which the agreement came where nothing is told, the currency the agreement's.

    Raises NotFound, Forbidden (also for one's own company), Invalid, ProjectUnfounded.
    """
    project_policy.require(actor, "create")
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    if agreement.state not in HOLDING:
        raise ProjectUnfounded(field="agreement")
    project = Project(agreement=agreement)
    said = {name: value for name, value in data.items() if value is not None}
    fill(project, pledged_by(agreement) | said, FIELDS)
    project.number = numbering.next_number(SEQUENCE, prefix=PREFIX, year=_today().year)
    project.save(force_insert=True)
    return project


@service
def update_project(actor: Actor, *, project_id: uuid.UUID, data: Mapping[str, Any]) -> Project:
    """Correct a project that goes on; what is not given stays. Raises NotFound, Forbidden, Invalid, ProjectClosed."""
    project = _open(actor, project_id)
    fill(project, data, FIELDS)
    project.save()
    return project


@service
def prepare_project(actor: Actor, *, project_id: uuid.UUID) -> Project:
    """It is being designed. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, project_id, "prepare")


@service
def implement_project(actor: Actor, *, project_id: uuid.UUID) -> Project:
    """It is being built. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, project_id, "implement")


@service
def deliver_project(actor: Actor, *, project_id: uuid.UUID) -> Project:
    """It is built, and being handed over and equipped. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, project_id, "deliver")


@service
def complete_project(actor: Actor, *, project_id: uuid.UUID, completed_on: date | None = None) -> Project:
    """Everything is done, today or on the day told.

    Raises NotFound, Forbidden, IllegalTransition, Invalid (a day to come), BuildingNotOpen, MilestonesOpen.
    """
    project = project_policy.get(actor, "keep", project_id, lock=True)
    PROJECT.move(project, "complete")
    if project.opened_on is None:
        raise BuildingNotOpen
    project.completed_on = completed_on or _today()
    _refuse_future("completed_on", project.completed_on)
    if project.milestones.filter(met_on__isnull=True).exists():
        raise MilestonesOpen
    project.save(update_fields=["state", "completed_on", "updated_at"])
    tell_of_phase("complete", project)
    return project


@service
def cancel_project(actor: Actor, *, project_id: uuid.UUID, reason: str) -> Project:
    """It will not be built. Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason, BuildingOpen."""
    require_words("reason", reason)
    project = project_policy.get(actor, "keep", project_id, lock=True)
    PROJECT.move(project, "cancel")
    if project.opened_on:
        raise BuildingOpen
    project.reason = reason.strip()[:300]
    project.save(update_fields=["state", "reason", "updated_at"])
    tell_of_phase("cancel", project)
    return project


@service
def add_milestone(actor: Actor, *, project_id: uuid.UUID, data: Mapping[str, Any]) -> ProjectMilestone:
    """Plan a milestone; `data` holds MILESTONE_FIELDS.

    Raises NotFound, Forbidden, Invalid, ProjectClosed, ProjectFull.
    """
    project = _open(actor, project_id)
    milestone = ProjectMilestone(project=project)
    fill(milestone, data, MILESTONE_FIELDS)
    if project.milestones.count() >= ProjectMilestone.MOST:
        raise ProjectFull
    milestone.save(force_insert=True)
    return milestone


@service
def update_milestone(actor: Actor, *, milestone_id: uuid.UUID, data: Mapping[str, Any]) -> ProjectMilestone:
    """Call a milestone otherwise; `move_milestone` gives it another day. Raises as that."""
    _open(actor, milestone_policy.get(actor, "keep", milestone_id).project_id)
    milestone = milestone_policy.get(actor, "keep", milestone_id, lock=True)
    fill(milestone, data, columns("title"))
    milestone.save()
    return milestone


@service
def meet_milestone(actor: Actor, *, milestone_id: uuid.UUID, met_on: date | None = None) -> ProjectMilestone:
    """It is reached, today or on the day told. Raises NotFound, Forbidden, Invalid, ProjectClosed, MilestoneMet."""
    milestone = _waiting(actor, milestone_id)
    milestone.met_on = met_on or _today()
    _refuse_future("met_on", milestone.met_on)
    milestone.save(update_fields=["met_on", "updated_at"])
    return milestone


@service
def move_milestone(actor: Actor, *, milestone_id: uuid.UUID, due_on: date, reason: str) -> ProjectMilestone:
    """Give it another day; the database keeps the old one with the reason.

    Raises NotFound, Forbidden, Invalid, ProjectClosed, MilestoneMet.
    """
    require_words("reason", reason)
    milestone = _waiting(actor, milestone_id)
    if due_on == milestone.due_on:
        raise Invalid({"due_on": [_("This is its day already.")]})
    milestone.due_on, milestone.reason = due_on, reason.strip()[:300]
    milestone.save(update_fields=["due_on", "reason", "updated_at"])
    return milestone


@service
def remind_of_milestones(actor: Actor) -> int:
    """Tell who keeps a project that a milestone was not reached in time, once a due day. Returns how many hear."""
    late = ProjectMilestone.objects.filter(
        met_on__isnull=True, due_on__lt=_today(), project__state__in=OPEN_PROJECT
    )
    rows = late.select_related("project__agreement").order_by("id")
    return sum(tell_of_late(milestone) for milestone in rows)


@service
def report_figure(actor: Actor, *, project_id: uuid.UUID, data: Mapping[str, Any]) -> ProjectFigure:
    """Tell what was made up to a day; `data` holds FIGURE_FIELDS. What the land office tells is confirmed with that.

    Raises NotFound, Forbidden, Invalid (also a day to come), FigureExists (at `counted_on`).
    """
    project = project_policy.get(actor, "report", project_id, lock=True)
    figure = ProjectFigure(project=project, author_id=actor.user_id)
    fill(figure, data, FIGURE_FIELDS, _check_figure)
    if project_policy.allows(actor, "keep", project):
        figure.confirmed_at, figure.confirmed_by_id = timezone.now(), actor.user_id
    figure.save(force_insert=True)
    if figure.confirmed_at is None:
        tell_of_figure("reported", figure)
    return figure


@service
def confirm_figure(actor: Actor, *, figure_id: uuid.UUID) -> ProjectFigure:
    """The land office has checked what the company told. Raises NotFound, Forbidden, FigureConfirmed."""
    figure = figure_policy.get(actor, "keep", figure_id, lock=True)
    if figure.confirmed_at:
        raise FigureConfirmed
    figure.confirmed_at, figure.confirmed_by_id = timezone.now(), actor.user_id
    figure.save(update_fields=["confirmed_at", "confirmed_by", "updated_at"])
    tell_of_figure("confirmed", figure)
    return figure


@service
def reject_figure(actor: Actor, *, figure_id: uuid.UUID, reason: str) -> uuid.UUID:
    """Take away what was not confirmed: the company reads why, and tells it anew. Returns the project's key.

    Raises NotFound, Forbidden, Invalid, FigureConfirmed.
    """
    require_words("reason", reason)
    figure = figure_policy.get(actor, "keep", figure_id, lock=True)
    if figure.confirmed_at:
        raise FigureConfirmed
    tell_of_figure("rejected", figure, reason=reason.strip()[:300])
    figure.delete()
    return figure.project_id


@service
def add_funding(actor: Actor, *, project_id: uuid.UUID, data: Mapping[str, Any]) -> ProjectFunding:
    """Say who pays; `data` holds FUNDING_FIELDS. Raises NotFound, Forbidden, Invalid, ProjectClosed, ProjectFull."""
    project = _open(actor, project_id)
    funding = ProjectFunding(project=project)
    fill(funding, data, FUNDING_FIELDS)
    if project.funding.count() >= ProjectFunding.MOST:
        raise ProjectFull
    funding.save(force_insert=True)
    return funding


@service
def update_funding(actor: Actor, *, funding_id: uuid.UUID, data: Mapping[str, Any]) -> ProjectFunding:
    """Correct a source; `data` holds FUNDING_FIELDS. Raises NotFound, Forbidden, Invalid, ProjectClosed."""
    _open(actor, funding_policy.get(actor, "keep", funding_id).project_id)
    funding = funding_policy.get(actor, "keep", funding_id, lock=True)
    fill(funding, data, FUNDING_FIELDS)
    funding.save()
    return funding


@service
def remove_funding(actor: Actor, *, funding_id: uuid.UUID) -> uuid.UUID:
    """Take a source away. Returns the project's key. Raises NotFound, Forbidden, ProjectClosed."""
    funding = funding_policy.get(actor, "keep", funding_id)
    project = _open(actor, funding.project_id)
    funding.delete()
    return project.pk


def _today() -> date:
    return today_at(current_cluster().time_zone)


def _refuse_future(name: str, day: date) -> None:
    if day > _today():
        raise Invalid({name: [_("This day has not come yet.")]})


def _check_figure(figure: ProjectFigure) -> Errors:
    if figure.counted_on > _today():
        return {"counted_on": [_("This day has not come yet.")]}
    return {}


def _open(actor: Actor, project_id: uuid.UUID) -> Project:
    """The project, locked, while it goes on."""
    project = project_policy.get(actor, "keep", project_id, lock=True)
    if not project.is_open:
        raise ProjectClosed
    return project


def _waiting(actor: Actor, milestone_id: uuid.UUID) -> ProjectMilestone:
    """A milestone that is still to be reached, after its project is locked."""
    _open(actor, milestone_policy.get(actor, "keep", milestone_id).project_id)
    milestone = milestone_policy.get(actor, "keep", milestone_id, lock=True)
    if milestone.met_on:
        raise MilestoneMet
    return milestone


def _move(actor: Actor, project_id: uuid.UUID, action: str) -> Project:
    project = project_policy.get(actor, "keep", project_id, lock=True)
    PROJECT.move(project, action)
    project.save(update_fields=["state", "updated_at"])
    tell_of_phase(action, project)
    return project
