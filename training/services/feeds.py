"""The address of one's own calendar: given out once, taken back at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from clinics.services.feeds import give_address
from cluster_portal.common.service import service
from training.models import TrainingFeed
from training.policies import training_feed_policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


@service
def open_training_feed(actor: Actor) -> str:
    """A new address of the calendar of the actor's own sessions, as its secret, which nobody can read again; the one
    before it no longer works. Raises Forbidden.
    """
    training_feed_policy.require(actor, "create")
    revoke_training_feed(actor)
    return give_address(actor, TrainingFeed())[1]


@service
def revoke_training_feed(actor: Actor) -> int:
    """From now on the actor's address is nobody's. How many there were."""
    now = timezone.now()
    return training_feed_policy.queryset(actor, "revoke").update(revoked_at=now, updated_at=now)
