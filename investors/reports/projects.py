"""Projects against their plans, and every milestone of them and of the roadmap with the days by which it slips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.figures import share
from cluster_portal.reports.base import Parameters, Report, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import CHUNK
from investors.policies import REPORTERS
from investors.project_states import ProjectState
from investors.selectors.progress import course_of, projects_with_course, steps
from investors.selectors.projects import ProjectsAsked, plots_of, today
from investors.states import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor
    from investors.selectors.progress import Step


class ProjectParameters(Parameters):
    state = forms.ChoiceField(
        label=pgettext_lazy("project", "Phase"), required=False,
        choices=[("", pgettext_lazy("report", "all phases")), *ProjectState.choices],
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("Direction"), required=False,
        choices=[("", pgettext_lazy("report", "all directions")), *Direction.choices],
    )  # fmt: skip


@register
class ProjectsAgainstPlan(Report):
    """How far the residents' projects have come."""

    code = "investors.projects"
    title = _("Projects against plan")
    description = _("Every project: money and jobs pledged and made, milestones met and late, days of slip.")
    group = "investors"
    roles = REPORTERS
    parameters = ProjectParameters
    notes = (
        _("Made is what the last confirmed figure of a project tells."),
        _("The slip is that of the milestone which slipped most against the day that was planned first."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        number = {"type": Type.INTEGER, "width": 12, "total": True}
        return [
            Column("number", _("Number"), width=18),
            Column("title", _("Title"), width=44),
            Column("company", _("Company"), width=34),
            Column("direction", _("Direction"), width=26),
            Column("plots", _("Plots of land"), width=14),
            Column("state", pgettext_lazy("project", "Phase"), width=18),
            Column("currency", _("Currency"), width=10),
            Column("pledged", pgettext_lazy("report", "Money pledged"), Type.DECIMAL, width=20),
            Column("made", pgettext_lazy("report", "Money made"), Type.DECIMAL, width=20),
            Column("share", pgettext_lazy("report", "Share made"), Type.PERCENT, width=12),
            Column("jobs_pledged", pgettext_lazy("report", "Jobs pledged"), **number),
            Column("jobs_made", pgettext_lazy("report", "Jobs made"), **number),
            Column("counted_on", pgettext_lazy("project", "As of"), Type.DATE, width=12),
            Column("milestones", pgettext_lazy("report", "Milestones"), **number),
            Column("met", pgettext_lazy("report", "Met"), **number),
            Column("late", pgettext_lazy("report", "Late"), **number),
            Column("slip", pgettext_lazy("report", "Slip, days"), Type.INTEGER, width=12),
            Column("upcoming", pgettext_lazy("report", "Next milestone"), width=34),
            Column("due_on", pgettext_lazy("report", "Its day"), Type.DATE, width=12),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        day = today()
        for row in projects_with_course(actor, _asked(params)).iterator(chunk_size=CHUNK):
            course, made = course_of(row, day), row.made or 0
            upcoming = course.upcoming
            yield [
                row.number, row.title, row.agreement.investor.name, capfirst(row.get_direction_display()),
                ", ".join(plot.number for plot in plots_of(row)), capfirst(row.get_state_display()), row.currency,
                row.investment_pledged, made, share(made, row.investment_pledged), row.jobs_pledged, row.jobs or 0,
                row.counted_on, course.milestones, course.met, course.late, course.slip,
                upcoming.title if upcoming else "", upcoming.due_on if upcoming else None,
            ]  # fmt: skip

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return projects_with_course(actor, _asked(params)).count()


def _asked(params: dict[str, Any]) -> ProjectsAsked:
    return ProjectsAsked(state=params["state"], direction=params["direction"])


class StepParameters(Parameters):
    of = forms.ChoiceField(
        label=pgettext_lazy("report", "Of what"), required=False,
        choices=[
            ("", pgettext_lazy("report", "projects and roadmap")), ("projects", pgettext_lazy("page", "Projects")),
            ("roadmap", pgettext_lazy("page", "Roadmap")),
        ],
    )  # fmt: skip
    shown = forms.ChoiceField(
        label=pgettext_lazy("report", "Which ones"), required=False,
        choices=[
            ("", pgettext_lazy("report", "all")), ("late", pgettext_lazy("report", "overdue")),
            ("awaited", pgettext_lazy("report", "not reached yet")), ("reached", pgettext_lazy("report", "reached")),
        ],
    )  # fmt: skip


@register
class Milestones(Report):
    """What was to be reached when, and when it was."""

    code = "investors.milestones"
    title = _("Milestones of projects and the roadmap")
    description = _("Planned and actual days of every milestone, the slip in days, who is responsible.")
    group = "investors"
    roles = REPORTERS
    parameters = StepParameters
    notes = (
        _("The slip is counted from the day that was planned first: to the day of reaching it, or to the one planned "
          "now, or to today once that is over."),
        _("Milestones of cancelled projects are left out."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("of", pgettext_lazy("report", "Project or goal"), width=40),
            Column("title", pgettext_lazy("report", "Milestone"), width=50),
            Column("responsible", _("Responsible"), width=34),
            Column("first_on", pgettext_lazy("report", "Planned first"), Type.DATE, width=14),
            Column("due_on", pgettext_lazy("report", "Planned now"), Type.DATE, width=14),
            Column("met_on", pgettext_lazy("report", "Reached"), Type.DATE, width=14),
            Column("slip", pgettext_lazy("report", "Slip, days"), Type.INTEGER, width=12),
            Column("late", pgettext_lazy("report", "Overdue"), Type.BOOLEAN, width=12),
            Column("state", _("State"), width=18),
            Column("reason", _("Reason"), width=40),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        for step in steps(actor, params["of"]):
            if _is_shown(step, params["shown"]):
                yield [
                    step.of, step.title, step.responsible, step.first_on, step.due_on, step.met_on, step.slip,
                    step.late, step.state, step.reason,
                ]  # fmt: skip


def _is_shown(step: Step, shown: str) -> bool:
    match shown:
        case "late":
            return step.late
        case "awaited":
            return step.met_on is None and step.slip is not None
        case "reached":
            return step.met_on is not None
    return True
