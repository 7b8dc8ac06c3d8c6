"""Who may do what with addresses of calendars: they are their person's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import CalendarFeed
from cluster_portal.common.policy import NOBODY, Policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    return Q(user=actor.user_id, revoked_at__isnull=True) if actor.user_id else NOBODY


class FeedPolicy(Policy):
    """One's own addresses that still work; whoever sees the schedule of their organisation may have some."""

    model = CalendarFeed
    rules = {"view": _own, "revoke": _own}
    model_rules = {"create": lambda actor: actor.user_id is not None and actor.organization_id is not None}


feed_policy = FeedPolicy()
