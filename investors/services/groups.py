"""Working groups and who sits in them: the cluster office forms and ends a group, chair and secretary keep its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.models import GroupMember, WorkingGroup
from investors.policies.groups import group_policy, member_policy
from investors.roadmap_errors import GroupDissolved
from investors.selectors.roadmap import today

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor

FIELDS = (*columns("title"), *columns("purpose"), "formed_on")
MEMBER_FIELDS = ("name", "body", "post", "role", "joined_on")


def working_group(actor: Actor, group_id: uuid.UUID, action: str = "edit") -> WorkingGroup:
    """The group, locked: all that belongs to it is written under this lock.

    Raises NotFound, Forbidden, GroupDissolved.
    """
    group = group_policy.get(actor, action, group_id, lock=True)
    if group.ended_on is not None:
        raise GroupDissolved
    return group


@service
def form_group(actor: Actor, *, data: Mapping[str, Any]) -> WorkingGroup:
    """Form a group; `data` holds FIELDS. Raises Forbidden, Invalid."""
    group_policy.require(actor, "create")
    group = WorkingGroup()
    fill(group, data, FIELDS)
    group.save(force_insert=True)
    return group


@service
def correct_group(actor: Actor, *, group_id: uuid.UUID, data: Mapping[str, Any]) -> WorkingGroup:
    """Correct what is said of a group. Raises NotFound, Forbidden, Invalid, GroupDissolved."""
    group = working_group(actor, group_id)
    fill(group, data, FIELDS)
    group.save()
    return group


@service
def end_group(actor: Actor, *, group_id: uuid.UUID) -> WorkingGroup:
    """The group has done its work, today: its papers stay, nothing is added.

    Raises NotFound, Forbidden, GroupDissolved.
    """
    group = working_group(actor, group_id, "end")
    group.ended_on = max(today(), group.formed_on)
    group.save(update_fields=["ended_on", "updated_at"])
    return group


@service
def seat_member(
    actor: Actor, *, group_id: uuid.UUID, data: Mapping[str, Any], email: str = ""
) -> GroupMember:
    """Take somebody into a group; `data` holds MEMBER_FIELDS.

    `email` is that of their account, if they have one: the group's pages open to it. Raises NotFound, Forbidden,
    Invalid (at `email` where nobody signs in with it), ChairTaken, AlreadyInGroup, GroupDissolved.
    """
    member = GroupMember(group=working_group(actor, group_id))
    fill(member, data, MEMBER_FIELDS, _days)
    if email.strip():
        member.user = get_user_model().objects.filter(email__iexact=email.strip(), is_active=True).first()
        if member.user is None:
            raise Invalid({"email": [_("Nobody signs in with this address.")]})
    member.save(force_insert=True)
    return member


@service
def unseat_member(actor: Actor, *, member_id: uuid.UUID, left_on: date | None = None) -> GroupMember:
    """Somebody leaves the group, today or on the day told. What they were to do stays theirs until another gets it.

    Raises NotFound, Forbidden, Invalid (a day before they came, or to come), GroupDissolved.
    """
    seen = member_policy.get(actor, "edit", member_id)
    working_group(actor, seen.group_id)
    member = member_policy.get(actor, "edit", member_id, lock=True)
    if member.left_on is None:
        left_on = left_on or today()
        if not member.joined_on <= left_on <= today():
            raise Invalid({"left_on": [_("Choose a day between their coming and today.")]})
        member.left_on = left_on
        member.save(update_fields=["left_on", "updated_at"])
    return member


def _days(member: GroupMember) -> dict[str, list[Any]]:
    if member.joined_on > today():
        return {"joined_on": [_("The day is still to come.")]}
    return {}
