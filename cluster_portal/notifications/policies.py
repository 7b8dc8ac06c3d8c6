"""A notice is nobody's but its reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.common.policy import NOBODY, Policy
from cluster_portal.notifications.models import Notice

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    return Q(user=actor.user_id) if actor.user_id else NOBODY


class NoticePolicy(Policy):
    """One's own, whichever organisation one acts for at the moment."""

    model = Notice
    rules = {"view": _own, "read": _own}


notice_policy = NoticePolicy()
