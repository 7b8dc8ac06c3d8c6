"""Who hears of projects: the company of what is decided about its own, the cluster office of a building that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.staff import office_people
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from investors.services.notices import people_of

if TYPE_CHECKING:
    from investors.models import Project

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


def title_of(project: Project) -> dict[str, str]:
    """A project's title in each language that has one, as notices take it."""
    return {code: text for code in LANGUAGES if (text := getattr(project, f"title_{code}"))}
