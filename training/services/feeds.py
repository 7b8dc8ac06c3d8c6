"""The address of one's own calendar: given out once, taken back at any time."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import get_language

from clinics.selectors.feeds import digest
from clinics.services.feeds import SECRET
from cluster_portal.common.service import service
from training.models import TrainingFeed
from training.policies import feed_policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


@service
def open_feed(actor: Actor) -> str:
    """A new address of the calendar of the actor's own sessions, as its secret, which nobody can read again; the one
    before it no longer works. Raises Forbidden.
    """
    feed_policy.require(actor, "create")
    revoke_feed(actor)
    secret = secrets.token_urlsafe(SECRET)
    TrainingFeed.objects.create(
        user_id=actor.user_id, language=(get_language() or "ru")[:2], token_hash=digest(secret)
    )
    return secret


@service
def revoke_feed(actor: Actor) -> int:
    """From now on the actor's address is nobody's. How many there were."""
    now = timezone.now()
    return feed_policy.queryset(actor).update(revoked_at=now, updated_at=now)
