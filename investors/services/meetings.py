"""What a working group does: it meets, decides, and gives its members tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from investors.group_states import MEETING, TASK, TaskState
from investors.models import Decision, GroupMember, GroupTask, Meeting, MeetingPresence
from investors.policies.groups import meeting_policy, task_policy
from investors.policies.roadmap import roadmap_policy
from investors.roadmap_errors import MeetingAhead
from investors.selectors.roadmap import today
from investors.services.group_notices import tell_of_meeting, tell_of_task
from investors.services.groups import working_group

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from cluster_portal.common.actor import Actor

MEETING_FIELDS = ("starts", "place", "agenda")
TASK_FIELDS = ("text", "responsible", "due_on", "decision", "item")


@service
def call_meeting(actor: Actor, *, group_id: uuid.UUID, data: Mapping[str, Any]) -> Meeting:
    """Call a group together; `data` holds MEETING_FIELDS. Its members hear of it.

    A meeting of the past may be entered: it is held next. Raises NotFound, Forbidden, Invalid, GroupDissolved.
    """
    meeting = Meeting(group=working_group(actor, group_id))
    fill(meeting, data, MEETING_FIELDS)
    meeting.save(force_insert=True)
    if meeting.starts > timezone.now():
        tell_of_meeting("called", meeting)
    return meeting


@service
def change_meeting(actor: Actor, *, meeting_id: uuid.UUID, data: Mapping[str, Any]) -> Meeting:
    """Move a planned meeting or correct its agenda; members hear of another time or place.

    Raises NotFound, Forbidden, IllegalTransition once it was held or cancelled, Invalid, GroupDissolved.
    """
    meeting = _locked(actor, meeting_id)
    MEETING.find(meeting.state, "hold")
    before = (meeting.starts, meeting.place)
    fill(meeting, data, MEETING_FIELDS)
    meeting.save()
    if (meeting.starts, meeting.place) != before and meeting.starts > timezone.now():
        tell_of_meeting("moved", meeting)
    return meeting


@service
def hold_meeting(
    actor: Actor, *, meeting_id: uuid.UUID, minutes: str, present: Iterable[uuid.UUID],
    decisions: Iterable[str] = (),
) -> Meeting:  # fmt: skip
    """Put down how a meeting went: who was there, what was said, what was decided. This is not changed any more.

    Raises NotFound, Forbidden, IllegalTransition, MeetingAhead, Invalid (at `minutes`, `present`), GroupDissolved.
    """
    meeting = _locked(actor, meeting_id)
    MEETING.find(meeting.state, "hold")
    if meeting.starts > timezone.now():
        raise MeetingAhead
    require_words("minutes", minutes)
    wanted = set(present)
    there = list(GroupMember.objects.filter(group=meeting.group_id, pk__in=wanted))
    if not wanted or len(there) != len(wanted):
        raise Invalid({"present": [_("Choose those of the group who were there.")]})
    Decision.objects.bulk_create(
        Decision(meeting=meeting, number=number, text=text)
        for number, text in enumerate((line.strip() for line in decisions if line.strip()), 1)
    )
    MeetingPresence.objects.bulk_create(MeetingPresence(meeting=meeting, member=member) for member in there)
    MEETING.move(meeting, "hold")
    meeting.minutes = minutes.strip()
    meeting.save(update_fields=["state", "minutes", "updated_at"])
    return meeting


@service
def cancel_meeting(actor: Actor, *, meeting_id: uuid.UUID, reason: str) -> Meeting:
    """A meeting will not take place; members hear why. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    meeting = _locked(actor, meeting_id)
    require_words("reason", reason)
    MEETING.move(meeting, "cancel")
    meeting.reason = reason.strip()[:300]
    meeting.save(update_fields=["state", "reason", "updated_at"])
    if meeting.starts > timezone.now():
        tell_of_meeting("cancelled", meeting)
    return meeting


@service
def give_task(actor: Actor, *, group_id: uuid.UUID, data: Mapping[str, Any]) -> GroupTask:
    """Give a member something to do; `data` holds TASK_FIELDS. They hear of it.

    Raises NotFound, Forbidden, Invalid, GroupDissolved.
    """
    task = GroupTask(group=working_group(actor, group_id))
    _fill_task(actor, task, data)
    task.save(force_insert=True)
    tell_of_task("given", task)
    return task


@service
def correct_task(actor: Actor, *, task_id: uuid.UUID, data: Mapping[str, Any]) -> GroupTask:
    """Correct an open task, or give it to another member, who hears of it.

    Raises NotFound, Forbidden, IllegalTransition once it is over, Invalid, GroupDissolved.
    """
    task = _locked_task(actor, "edit", task_id)
    TASK.find(task.state, "finish")
    before = task.responsible_id
    _fill_task(actor, task, data)
    task.save()
    if task.responsible_id != before:
        tell_of_task("given", task)
    return task


@service
def finish_task(actor: Actor, *, task_id: uuid.UUID) -> GroupTask:
    """It is done, today. Raises NotFound, Forbidden, IllegalTransition, GroupDissolved."""
    task = _locked_task(actor, "finish", task_id)
    TASK.move(task, "finish")
    task.done_on = today()
    task.save(update_fields=["state", "done_on", "updated_at"])
    return task


@service
def drop_task(actor: Actor, *, task_id: uuid.UUID, reason: str) -> GroupTask:
    """It will not be done. Raises NotFound, Forbidden, IllegalTransition, Invalid, GroupDissolved."""
    task = _locked_task(actor, "edit", task_id)
    require_words("reason", reason)
    TASK.move(task, "drop")
    task.reason = reason.strip()[:300]
    task.save(update_fields=["state", "reason", "updated_at"])
    return task


@service
def reopen_task(actor: Actor, *, task_id: uuid.UUID, reason: str) -> GroupTask:
    """It is not done after all; why stays with it.

    Raises NotFound, Forbidden, IllegalTransition, Invalid, GroupDissolved.
    """
    task = _locked_task(actor, "edit", task_id)
    require_words("reason", reason)
    TASK.move(task, "reopen")
    task.done_on, task.reason = None, reason.strip()[:300]
    task.save(update_fields=["state", "done_on", "reason", "updated_at"])
    tell_of_task("given", task)
    return task


@service
def remind_of_tasks(actor: Actor) -> int:
    """Tell who has not done in time what they were to do, once a due day. Returns how many hear of it."""
    late = GroupTask.objects.filter(state=TaskState.OPEN, due_on__lt=today(), group__ended_on__isnull=True)
    return sum(
        tell_of_task("overdue", task) for task in late.select_related("responsible", "group").order_by("id")
    )


def _locked(actor: Actor, meeting_id: uuid.UUID) -> Meeting:
    """The meeting, locked after its group."""
    seen = meeting_policy.get(actor, "edit", meeting_id)
    working_group(actor, seen.group_id)
    return meeting_policy.get(actor, "edit", meeting_id, lock=True)


def _locked_task(actor: Actor, action: str, task_id: uuid.UUID) -> GroupTask:
    """The task, locked after its group."""
    seen = task_policy.get(actor, action, task_id)
    working_group(actor, seen.group_id, "view")
    return task_policy.get(actor, action, task_id, lock=True)


def _fill_task(actor: Actor, task: GroupTask, data: Mapping[str, Any]) -> None:
    fill(task, data, TASK_FIELDS)
    errors: dict[str, list[Any]] = {}
    seat = task.responsible
    if seat.group_id != task.group_id or seat.left_on is not None:
        errors["responsible"] = [_("Choose somebody who sits in the group.")]
    if task.decision and task.decision.meeting.group_id != task.group_id:
        errors["decision"] = [_("Choose a decision of this group.")]
    if task.item and not roadmap_policy.queryset(actor).filter(pk=task.item_id).exists():
        errors["item"] = [_("Choose items of the roadmap.")]
    if errors:
        raise Invalid(errors)
