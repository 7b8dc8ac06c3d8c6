"""Who may do what with working groups: the offices read all, members their own; chair and secretary keep the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.group_states import GROUP_LEAD, LEADING, RESPONSIBLE
from investors.models import GroupMember, GroupTask, Meeting, WorkingGroup
from investors.policies import READERS

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


def _seats(actor: Actor, *roles: str, at: str) -> Q:
    """Rows of the groups in which the actor sits now (in one of `roles`); `at` leads to the group's key."""
    if actor.user_id is None:
        return NOBODY
    seats = GroupMember.objects.filter(user=actor.user_id, left_on__isnull=True)
    if roles:
        seats = seats.filter(role__in=roles)
    return Q(**{f"{at}__in": seats.values("group")})


def _seen(actor: Actor, at: str) -> Q:
    return EVERYBODY if actor.has(*READERS) else _seats(actor, at=at)


def _kept(actor: Actor, at: str) -> Q:
    return EVERYBODY if actor.has(Role.OFFICE) else _seats(actor, *LEADING, at=at)


class GroupPolicy(Policy):
    """The cluster office forms groups and ends them."""

    model = WorkingGroup
    rules = {
        "view": lambda actor: _seen(actor, "pk"),
        "edit": lambda actor: _kept(actor, "pk"),
        "end": lambda actor: EVERYBODY if actor.has(Role.OFFICE) else NOBODY,
    }
    model_rules = {"create": lambda actor: actor.has(Role.OFFICE)}

    def keeps(self, actor: Actor, group_id: uuid.UUID) -> bool:
        """Whether the actor keeps the papers of a group."""
        return WorkingGroup.objects.filter(self.q(actor, "edit"), pk=group_id).exists()


class MemberPolicy(Policy):
    model = GroupMember
    rules = {"view": lambda actor: _seen(actor, "group_id"), "edit": lambda actor: _kept(actor, "group_id")}


class MeetingPolicy(Policy):
    model = Meeting
    rules = {"view": lambda actor: _seen(actor, "group_id"), "edit": lambda actor: _kept(actor, "group_id")}

    def sides(self, actor: Actor, meeting: Meeting) -> frozenset[str]:
        """What the actor is to a meeting, for the state table."""
        return frozenset({GROUP_LEAD} if group_policy.keeps(actor, meeting.group_id) else ())


class TaskPolicy(Policy):
    """Whoever has to do a task says when it is done."""

    model = GroupTask
    rules = {
        "view": lambda actor: _seen(actor, "group_id"),
        "edit": lambda actor: _kept(actor, "group_id"),
        "finish": lambda actor: (
            EVERYBODY if actor.has(Role.OFFICE) else _seats(actor, *LEADING, at="group_id") | _doing(actor)
        ),
    }

    def sides(self, actor: Actor, task: GroupTask, keeps: bool | None = None) -> frozenset[str]:
        """What the actor is to a task, for the state table. `keeps` spares the question where it was asked."""
        keeps = group_policy.keeps(actor, task.group_id) if keeps is None else keeps
        found = {GROUP_LEAD} if keeps else set()
        if actor.user_id is not None and task.responsible.user_id == actor.user_id:
            found.add(RESPONSIBLE)
        return frozenset(found)


def _doing(actor: Actor) -> Q:
    if actor.user_id is None:
        return NOBODY
    return Q(responsible__user=actor.user_id, responsible__left_on__isnull=True)


group_policy, member_policy, meeting_policy, task_policy = (
    GroupPolicy(), MemberPolicy(), MeetingPolicy(), TaskPolicy(),
)  # fmt: skip
