"""Vocabulary and state tables of working groups: their meetings and tasks."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row


class GroupRole(TextChoices):
    """What somebody is in a working group."""

    CHAIR = "chair", pgettext_lazy("group", "chair")
    SECRETARY = "secretary", pgettext_lazy("group", "secretary")
    MEMBER = "member", pgettext_lazy("group", "member")


#: Who keeps a group's papers beside the cluster office.
LEADING = (GroupRole.CHAIR, GroupRole.SECRETARY)


class MeetingState(TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "planned")
    HELD = "held", pgettext_lazy("meeting", "held")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "cancelled")


class TaskState(TextChoices):
    OPEN = "open", pgettext_lazy("group", "to be done")
    DONE = "done", pgettext_lazy("group", "done")
    DROPPED = "dropped", pgettext_lazy("group", "dropped")


#: The sides of a group's papers: who keeps them, and who does a task.
GROUP_LEAD, RESPONSIBLE = "group_lead", "responsible"

MEETING = Machine(
    "state",
    [
        row("hold", MeetingState.PLANNED, MeetingState.HELD, GROUP_LEAD),
        row("cancel", MeetingState.PLANNED, MeetingState.CANCELLED, GROUP_LEAD),
    ],
)
TASK = Machine(
    "state",
    [
        row("finish", TaskState.OPEN, TaskState.DONE, GROUP_LEAD, RESPONSIBLE),
        row("drop", TaskState.OPEN, TaskState.DROPPED, GROUP_LEAD),
        row("reopen", (TaskState.DONE, TaskState.DROPPED), TaskState.OPEN, GROUP_LEAD),
    ],
)
