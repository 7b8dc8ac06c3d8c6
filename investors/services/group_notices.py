"""Who hears of what a working group does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.cluster import current_cluster
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording

if TYPE_CHECKING:
    from investors.models import GroupTask, Meeting

_KINDS = (
    Kind("investors.meeting_called", _("Meeting on %(at)s, %(place)s: %(group)s"), "calendar-event", "accent"),
    Kind(
        "investors.meeting_moved", _("The meeting is moved to %(at)s, %(place)s: %(group)s"), "calendar-event", "urgent"
    ),
    Kind("investors.meeting_cancelled", _("The meeting on %(at)s is cancelled: %(group)s"), "calendar-x", "danger"),
    Kind("investors.task_given", _("You have a task until %(due)s: %(task)s"), "list-check", "accent"),
    Kind("investors.task_overdue", _("Your task was due on %(due)s: %(task)s"), "clock-x", "urgent"),
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_of_meeting(what: str, meeting: Meeting) -> int:
    """Tell the members that a meeting is `called`, `moved` or `cancelled`. Returns how many hear of it."""
    at = meeting.starts.astimezone(ZoneInfo(current_cluster().time_zone))
    users = meeting.group.members.filter(left_on__isnull=True, user__isnull=False).values_list(
        "user", flat=True
    )
    params = {
        "at": wording.in_every_language(lambda: wording.moment(at, "long")),
        "place": meeting.place,
        "group": {language: getattr(meeting.group, f"title_{language}") for language in LANGUAGES},
    }
    return notify(
        SYSTEM, users=list(users), kind=f"investors.meeting_{what}", params=params,
        url=reverse("investors:meeting", args=[meeting.pk]),
        key=f"meeting:{meeting.pk}:{what}:{meeting.updated_at.timestamp():.0f}",
    )  # fmt: skip


def tell_of_task(what: str, task: GroupTask) -> int:
    """Tell whoever has to do a task that it was `given` or is `overdue`, once a due day. Returns how many hear."""
    if task.responsible.user_id is None or task.responsible.left_on is not None:
        return 0
    params = {
        "due": wording.day_in_every_language(task.due_on),
        "task": task.text,
    }
    return notify(
        SYSTEM, users=[task.responsible.user_id], kind=f"investors.task_{what}", params=params,
        url=reverse("investors:group", args=[task.group_id]),
        key=f"task:{task.pk}:{what}:{task.due_on}:{task.responsible_id.hex[-12:]}",
    )  # fmt: skip
