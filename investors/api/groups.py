"""Working groups for programs: who sits in them, when they meet, what they decide, who does it until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint, rows_named
from cluster_portal.common.errors import Invalid, NotFound
from investors.api.companies import ReasonBody
from investors.group_states import MEETING, GroupRole, MeetingState, TaskState
from investors.models import GroupTask, Meeting, WorkingGroup
from investors.policies.groups import group_policy, meeting_policy, task_policy
from investors.selectors import groups as selectors
from investors.services import groups as services
from investors.services import meetings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class GroupInput(InputSerializer):
    """A group; the Russian words are asked for."""

    title = Translations(200)
    purpose = Translations(2000)
    formed_on = serializers.DateField()


class MemberInput(InputSerializer):
    """Somebody who joins; `email` is that of their account, if they have one."""

    name = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=200)
    post = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(GroupRole.choices)
    joined_on = serializers.DateField()
    email = serializers.EmailField(required=False, allow_blank=True)


class SeatEndBody(InputSerializer):
    member = serializers.UUIDField()
    left_on = serializers.DateField(required=False)


class MemberSerializer(OutputSerializer):
    """A seat in a group; without `left_on` it is taken."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    body = serializers.CharField()
    post = serializers.CharField()
    role = serializers.ChoiceField(GroupRole.choices)
    joined_on = serializers.DateField()
    left_on = serializers.DateField(allow_null=True)


class GroupSerializer(OutputSerializer):
    """A working group; without `ended_on` it is at work."""

    id = serializers.UUIDField()
    title = TranslatedField()
    purpose = TranslatedField()
    formed_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    members = serializers.IntegerField(source="seats")
    open_tasks = serializers.IntegerField()
    overdue_tasks = serializers.IntegerField(source="late_tasks")
    next_meeting = DateTimeField(allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class GroupDetailSerializer(GroupSerializer):
    available_actions = AvailableActionsField()


class GroupViewSet(PolicyViewSet):
    """Working groups: the offices see all, members their own; chair and secretary keep the papers."""

    required_scope = "investors"
    policy = group_policy
    selector = staticmethod(selectors.groups)
    serializer_class = GroupDetailSerializer
    list_serializer_class = GroupSerializer

    def available_actions(self, actor: Actor, obj: WorkingGroup) -> Iterable[str]:
        if obj.ended_on is not None:
            return []
        keeps = ["seat", "leave"] if group_policy.keeps(actor, obj.pk) else []
        return keeps + (["end"] if group_policy.allows(actor, "end", obj) else [])

    @extend_schema(request=GroupInput, responses={201: GroupDetailSerializer})
    def create(self, request: Request) -> Response:
        """Form a group."""
        group_policy.require(self.actor, "create")
        group = services.form_group(self.actor, data=self.validated(GroupInput))
        return self.respond(self.find(group.pk), status=201)

    @extend_schema(request=GroupInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct what is said of a group."""
        self.call(services.correct_group, "group_id", data=self.validated(GroupInput, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(responses=MemberSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def members(self, request: Request, pk: str) -> Response:
        """Everybody who sits in the group or did, the chair first."""
        group_policy.get(self.actor, "view", pk)
        return Response(MemberSerializer(selectors.seats(self.actor, pk, now=False), many=True).data)

    @extend_schema(request=MemberInput, responses={201: MemberSerializer})
    @action(detail=True, methods=["post"])
    def seat(self, request: Request, pk: str) -> Response:
        """Take somebody into the group."""
        data = self.validated(MemberInput)
        member = services.seat_member(self.actor, group_id=pk, email=data.pop("email", ""), data=data)
        return Response(MemberSerializer(member).data, status=201)

    @extend_schema(request=SeatEndBody, responses={200: MemberSerializer})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Somebody leaves the group."""
        group_policy.get(self.actor, "view", pk)
        data = self.validated(SeatEndBody)
        if not selectors.seats(self.actor, pk).filter(pk=data["member"]).exists():
            raise Invalid({"member": [NotFound.title]})
        member = services.unseat_member(self.actor, member_id=data["member"], left_on=data.get("left_on"))
        return Response(MemberSerializer(member).data)

    end = action_endpoint("end", services.end_group, key="group_id")


class DecisionSerializer(OutputSerializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    text = serializers.CharField()


class MeetingInput(InputSerializer):
    """A meeting of a group that is called."""

    group = serializers.UUIDField()
    starts = DateTimeField()
    place = serializers.CharField(max_length=200)
    agenda = serializers.CharField(max_length=5000)


class MeetingChange(InputSerializer):
    starts = DateTimeField(required=False)
    place = serializers.CharField(max_length=200, required=False)
    agenda = serializers.CharField(max_length=5000, required=False)


class MinutesBody(InputSerializer):
    """How a meeting went; this is not changed any more."""

    minutes = serializers.CharField(max_length=20_000)
    present = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)
    decisions = serializers.ListField(
        child=serializers.CharField(max_length=2000), max_length=100, required=False
    )


class MeetingSerializer(OutputSerializer):
    """A meeting; `minutes`, `present` and `decisions` are there once it was held."""

    id = serializers.UUIDField()
    group = serializers.UUIDField(source="group_id")
    starts = DateTimeField()
    place = serializers.CharField()
    agenda = serializers.CharField()
    state = serializers.ChoiceField(MeetingState.choices)
    reason = serializers.CharField()
    minutes = serializers.CharField()
    present = serializers.SerializerMethodField()
    decisions = DecisionSerializer(many=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()

    def get_present(self, meeting: Meeting) -> list[str]:
        return sorted(str(one.member_id) for one in meeting.presences.all())


class MeetingDetailSerializer(MeetingSerializer):
    available_actions = AvailableActionsField()


class MeetingFilter(filters.FilterSet):
    """Filters of meetings."""

    group = filters.UUIDFilter(field_name="group_id")
    state = filters.MultipleChoiceFilter(choices=MeetingState.choices)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Meeting
        fields: list[str] = []


def _meetings(actor: Actor) -> QuerySet[Meeting]:
    return selectors.meetings(actor).prefetch_related("presences", "decisions")


class MeetingViewSet(PolicyViewSet):
    """Meetings of working groups."""

    required_scope = "investors"
    policy = meeting_policy
    selector = staticmethod(_meetings)
    serializer_class = MeetingDetailSerializer
    list_serializer_class = MeetingSerializer
    filterset_class = MeetingFilter

    def available_actions(self, actor: Actor, obj: Meeting) -> Iterable[str]:
        if obj.group.ended_on is not None:
            return []
        return MEETING.available(obj.state, meeting_policy.sides(actor, obj))

    @extend_schema(request=MeetingInput, responses={201: MeetingDetailSerializer})
    def create(self, request: Request) -> Response:
        """Call a group together; its members hear of it."""
        data = self.validated(MeetingInput)
        meeting = meetings.call_meeting(self.actor, group_id=data.pop("group"), data=data)
        return self.respond(self.find(meeting.pk), status=201)

    @extend_schema(request=MeetingChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Move a planned meeting or correct its agenda."""
        self.call(meetings.change_meeting, "meeting_id", data=self.validated(MeetingChange, partial=True))
        return self.respond(self.find(pk))

    hold = action_endpoint("hold", meetings.hold_meeting, key="meeting_id", body=MinutesBody)
    cancel = action_endpoint("cancel", meetings.cancel_meeting, key="meeting_id", body=ReasonBody)


class TaskInput(InputSerializer):
    """Something to do; `decision` is of the group, `item` one of the roadmap."""

    group = serializers.UUIDField()
    text = serializers.CharField(max_length=500)
    responsible = serializers.UUIDField()
    due_on = serializers.DateField()
    decision = serializers.UUIDField(required=False, allow_null=True)
    item = serializers.UUIDField(required=False, allow_null=True)


class TaskChange(InputSerializer):
    text = serializers.CharField(max_length=500, required=False)
    responsible = serializers.UUIDField(required=False)
    due_on = serializers.DateField(required=False)
    decision = serializers.UUIDField(required=False, allow_null=True)
    item = serializers.UUIDField(required=False, allow_null=True)


class TaskSerializer(OutputSerializer):
    """What a member does until when; `overdue` by the cluster's calendar."""

    id = serializers.UUIDField()
    group = serializers.UUIDField(source="group_id")
    decision = serializers.UUIDField(source="decision_id", allow_null=True)
    item = serializers.UUIDField(source="item_id", allow_null=True)
    text = serializers.CharField()
    responsible = serializers.UUIDField(source="responsible_id")
    due_on = serializers.DateField()
    overdue = serializers.BooleanField(source="late")
    state = serializers.ChoiceField(TaskState.choices)
    done_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class TaskDetailSerializer(TaskSerializer):
    available_actions = AvailableActionsField()


class TaskFilter(filters.FilterSet):
    """Filters of tasks; `mine` are those of the person who asks."""

    group = filters.UUIDFilter(field_name="group_id")
    item = filters.UUIDFilter(field_name="item_id")
    responsible = filters.UUIDFilter(field_name="responsible_id")
    state = filters.MultipleChoiceFilter(choices=TaskState.choices)
    overdue = FlagFilter(field_name="late")
    due_to = DayFilter(field_name="due_on", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = GroupTask
        fields: list[str] = []


def _tasks(actor: Actor) -> QuerySet[GroupTask]:
    return selectors.tasks(actor, selectors.TasksAsked())


class TaskViewSet(PolicyViewSet):
    """Tasks of working groups: whoever does one says when it is done."""

    required_scope = "investors"
    policy = task_policy
    selector = staticmethod(_tasks)
    serializer_class = TaskDetailSerializer
    list_serializer_class = TaskSerializer
    filterset_class = TaskFilter

    def available_actions(self, actor: Actor, obj: GroupTask) -> Iterable[str]:
        return selectors.available(actor, obj)

    @extend_schema(request=TaskInput, responses={201: TaskDetailSerializer})
    def create(self, request: Request) -> Response:
        """Give a member something to do; they hear of it."""
        data = self.validated(TaskInput)
        group = group_policy.get(self.actor, "view", data.pop("group"))
        task = meetings.give_task(
            self.actor, group_id=group.pk, data=rows_named(data, selectors.to_name(self.actor))
        )
        return self.respond(self.find(task.pk), status=201)

    @extend_schema(request=TaskChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct an open task, or give it to somebody else."""
        self.find(pk)
        data = rows_named(self.validated(TaskChange, partial=True), selectors.to_name(self.actor))
        self.call(meetings.correct_task, "task_id", data=data)
        return self.respond(self.find(pk))

    finish = action_endpoint("finish", meetings.finish_task, key="task_id")
    drop = action_endpoint("drop", meetings.drop_task, key="task_id", body=ReasonBody)
    reopen = action_endpoint("reopen", meetings.reopen_task, key="task_id", body=ReasonBody)
