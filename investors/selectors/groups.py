"""Working groups as their readers see them: who sits there, when they meet, what was decided, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Prefetch, Q
from django.utils import timezone

from cluster_portal.common.asking import Asking
from investors.group_states import GROUP_LEAD, MEETING, TASK, GroupRole, MeetingState, TaskState
from investors.models import Decision, GroupMember, GroupTask, Meeting, RoadmapItem, WorkingGroup
from investors.policies.groups import group_policy, meeting_policy, member_policy, task_policy
from investors.policies.roadmap import roadmap_policy
from investors.selectors.roadmap import today

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

ORDER = ("-formed_on", "id")
MEETING_ORDER = ("-starts", "id")
TASK_ORDER = ("due_on", "id")


@dataclass(frozen=True, slots=True)
class TasksAsked(Asking):
    """What the bar above the tasks asks for; `mine` are those that the reader does."""

    state: str = ""
    group: str = ""
    mine: bool = False
    overdue: bool = False


def groups(actor: Actor) -> QuerySet[WorkingGroup]:
    """The groups that the actor may see, each with `seats`, `open_tasks`, `late_tasks` and its `next_meeting`."""
    is_open = Q(tasks__state=TaskState.OPEN)
    return (
        group_policy.queryset(actor)
        .annotate(
            seats=Count("members", filter=Q(members__left_on__isnull=True), distinct=True),
            open_tasks=Count("tasks", filter=is_open, distinct=True),
            late_tasks=Count("tasks", filter=is_open & Q(tasks__due_on__lt=today()), distinct=True),
            next_meeting=Min(
                "meetings__starts",
                filter=Q(meetings__state=MeetingState.PLANNED, meetings__starts__gte=timezone.now()),
            ),
        )
        .order_by(*ORDER)
    )  # fmt: skip


def tasks(actor: Actor, asked: TasksAsked) -> QuerySet[GroupTask]:
    """Tasks of the groups that the actor may see, those due first foremost; each with `late`."""
    late = Q(state=TaskState.OPEN, due_on__lt=today())
    rows = task_policy.queryset(actor).annotate(late=ExpressionWrapper(late, BooleanField()))
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.group:
        rows = rows.filter(group=asked.group)
    if asked.mine:
        rows = rows.filter(responsible__user=actor.user_id, responsible__left_on__isnull=True)
    if asked.overdue:
        rows = rows.filter(late)
    return rows.select_related("group", "responsible", "decision__meeting", "item").order_by(*TASK_ORDER)


def own_tasks(actor: Actor) -> QuerySet[GroupTask]:
    """What the actor still has to do in the groups where they sit."""
    return GroupTask.objects.filter(
        responsible__user=actor.user_id, responsible__left_on__isnull=True, state=TaskState.OPEN,
        group__ended_on__isnull=True,
    )  # fmt: skip


def meetings(actor: Actor) -> QuerySet[Meeting]:
    """Meetings of the groups that the actor may see, the latest first."""
    return meeting_policy.queryset(actor).select_related("group").order_by(*MEETING_ORDER)


def seats(actor: Actor, group_id: uuid.UUID, *, now: bool = True) -> QuerySet[GroupMember]:
    """Who sits in a group, or with `now` off who ever did: the chair first."""
    rows = member_policy.queryset(actor).filter(group=group_id)
    rows = rows.filter(left_on__isnull=True) if now else rows
    leads = ExpressionWrapper(~Q(role=GroupRole.MEMBER), BooleanField())
    return rows.annotate(leads=leads).order_by("-leads", "role", "name", "id")


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A group with all that belongs to it. Tasks that are over come last; each has its `actions`."""

    group: WorkingGroup
    seats: list[GroupMember]
    former: list[GroupMember]
    meetings: list[Meeting]
    tasks: list[GroupTask]
    keeps: bool
    may_end: bool


def group_file(actor: Actor, group_id: uuid.UUID) -> GroupFile:
    """Everything of one group that the actor may read. Raises NotFound."""
    group = group_policy.get(actor, "view", group_id)
    everybody = list(seats(actor, group_id, now=False))
    at_work = group.ended_on is None
    found = list(tasks(actor, TasksAsked(group=str(group.pk))))
    keeps = group_policy.keeps(actor, group.pk)
    for task in found:
        task.group = group
        task.actions = available(actor, task, keeps)
    found.sort(key=lambda task: (task.state != TaskState.OPEN, task.due_on))
    return GroupFile(
        group,
        [seat for seat in everybody if seat.left_on is None],
        [seat for seat in everybody if seat.left_on is not None],
        list(meetings(actor).filter(group=group).annotate(decided=Count("decisions"))),
        found,
        keeps and at_work,
        group_policy.allows(actor, "end", group) and at_work,
    )


def available(actor: Actor, task: GroupTask, keeps: bool | None = None) -> list[str]:
    """The steps of a task that the actor may take now. `keeps` spares the question where it was asked."""
    if task.group.ended_on is not None:
        return []
    sides = task_policy.sides(actor, task, keeps)
    return TASK.available(task.state, sides)


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """A meeting with who was there, what was decided and what came of it."""

    meeting: Meeting
    present: list[GroupMember]
    absent: list[GroupMember]
    decisions: list[Decision]
    actions: list[str]
    may_task: bool


def meeting_file(actor: Actor, meeting_id: uuid.UUID) -> MeetingFile:
    """Everything of one meeting that the actor may read. Raises NotFound."""
    meeting = meeting_policy.get(actor, "view", meeting_id, queryset=meetings(actor))
    present = list(meeting.present.order_by("name", "id"))
    there = {one.pk for one in present}
    day = meeting.starts.date()
    invited = seats(actor, meeting.group_id, now=False).filter(joined_on__lte=day).exclude(left_on__lt=day)
    told = Prefetch("tasks", tasks(actor, TasksAsked()), to_attr="told")
    sides = meeting_policy.sides(actor, meeting) if meeting.group.ended_on is None else ()
    return MeetingFile(
        meeting,
        present,
        [one for one in invited if one.pk not in there],
        list(meeting.decisions.prefetch_related(told).order_by("number")),
        MEETING.available(meeting.state, sides),
        GROUP_LEAD in sides,
    )


def decisions_of(group_id: uuid.UUID) -> QuerySet[Decision]:
    """What a group has decided, the latest first."""
    return Decision.objects.filter(meeting__group=group_id).select_related("meeting").order_by(
        "-meeting__starts", "number"
    )  # fmt: skip


def to_name(actor: Actor) -> dict[str, QuerySet]:
    """The rows that a task may name, by its columns."""
    decisions = Decision.objects.filter(meeting__in=meeting_policy.queryset(actor)).select_related("meeting")
    return {
        "responsible": member_policy.queryset(actor), "decision": decisions, "item": items_to_serve(actor),
    }  # fmt: skip


def items_to_serve(actor: Actor) -> QuerySet[RoadmapItem]:
    """The items of the roadmap for which something may be done."""
    return roadmap_policy.queryset(actor).order_by("begins_on", "id")


def group_to(actor: Actor, action: str, group_id: uuid.UUID) -> WorkingGroup:
    """A group for a form. Raises NotFound, Forbidden."""
    return group_policy.get(actor, action, group_id)


def meeting_to_edit(actor: Actor, meeting_id: uuid.UUID) -> Meeting:
    """A meeting for a form. Raises NotFound, Forbidden."""
    return meeting_policy.get(actor, "edit", meeting_id, queryset=meetings(actor))


def task_to(actor: Actor, action: str, task_id: uuid.UUID) -> GroupTask:
    """A task for a form. Raises NotFound, Forbidden."""
    return task_policy.get(actor, action, task_id, queryset=tasks(actor, TasksAsked()))


def member_to_edit(actor: Actor, member_id: uuid.UUID) -> GroupMember:
    """A seat for a form. Raises NotFound, Forbidden."""
    return member_policy.get(actor, "edit", member_id)
