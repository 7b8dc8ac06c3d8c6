"""Who hears of projects: the company of what is decided about its own, the cluster office of a building that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.staff import office_people, people_who_are
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from investors.services.notices import people_of

if TYPE_CHECKING:
    from investors.models import Project, ProjectFigure, ProjectMilestone

_KINDS = (
    Kind("investors.project_open", _("The building is open: %(project)s"), "building", "good"),
    Kind(
        "investors.clinic_announced", _("A resident has opened a building, look at its clinic: %(project)s"),
        "building-hospital", "accent",
    ),
    Kind("investors.project_prepare", _("Your project is being prepared: %(project)s"), "file-text", "accent"),
    Kind("investors.project_implement", _("Your project is being built: %(project)s"), "flag", "accent"),
    Kind("investors.project_deliver", _("Your building is being handed over: %(project)s"), "building", "good"),
    Kind("investors.project_complete", _("Your project is complete: %(project)s"), "circle-check", "good"),
    Kind("investors.project_cancel", _("Your project was cancelled, see why: %(project)s"), "circle-x", "urgent"),
    Kind("investors.milestone_late", _("%(milestone)s was due on %(day)s: %(project)s"), "clock-x", "urgent"),
    Kind("investors.figure_reported", _("A resident tells figures as of %(day)s: %(project)s"), "chart-bar", "accent"),
    Kind("investors.figure_confirmed", _("Your figures as of %(day)s are confirmed: %(project)s"), "checks", "good"),
    Kind(
        "investors.figure_rejected",
        _("Your figures as of %(day)s are not confirmed, tell them anew: %(reason)s (%(project)s)"),
        "trash", "urgent",
    ),
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_of_phase(action: str, project: Project) -> int:
    """Tell the company's people that their project moved on."""
    return notify(
        SYSTEM, users=people_of(project.agreement.investor_id), kind=f"investors.project_{action}",
        params={"project": title_of(project)}, url=reverse("investors:project", args=[project.pk]),
        key=f"project-{action}:{project.pk}",
    )  # fmt: skip


def tell_of_opening(project: Project) -> int:
    """Tell the company's people that its building is open, and the cluster office of a clinic to open."""
    told = tell_of_phase("open", project)
    if project.clinic and project.clinic.status == "planned":
        told += notify(
            SYSTEM, users=office_people(), kind="investors.clinic_announced",
            params={"project": title_of(project)},
            url=reverse("clinics:record_clinic", args=[project.clinic_id]), key=f"clinic-announced:{project.pk}",
        )  # fmt: skip
    return told


def tell_of_figure(what: str, figure: ProjectFigure, **more: str) -> int:
    """Tell the land office that figures were `reported`, or the company that they are `confirmed` or `rejected`, for
    which there is a `reason`.
    """
    project = figure.project
    users = people_who_are(Role.LAND) if what == "reported" else people_of(project.agreement.investor_id)
    return notify(
        SYSTEM, users=users, kind=f"investors.figure_{what}",
        params={"day": wording.day_in_every_language(figure.counted_on), "project": title_of(project)} | more,
        url=reverse("investors:project", args=[project.pk]), key=f"figure-{what}:{figure.pk}",
    )  # fmt: skip


def tell_of_late(milestone: ProjectMilestone) -> int:
    """Tell the company and the land office that a milestone is not reached, once a due day. Returns how many hear."""
    project = milestone.project
    return notify(
        SYSTEM, users=[*people_of(project.agreement.investor_id), *people_who_are(Role.LAND)],
        kind="investors.milestone_late",
        params={
            "milestone": title_of(milestone), "day": wording.day_in_every_language(milestone.due_on),
            "project": title_of(project),
        },
        url=reverse("investors:project", args=[project.pk]), key=f"milestone-late:{milestone.pk}:{milestone.due_on}",
    )  # fmt: skip


def title_of(project: Project | ProjectMilestone) -> dict[str, str]:
    """A title in each language that has one, as notices take it."""
    return {code: text for code in LANGUAGES if (text := getattr(project, f"title_{code}"))}
