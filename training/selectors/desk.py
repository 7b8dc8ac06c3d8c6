"""What waits for the people of training: the queues of the menu and of their homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.accounts.roles import Role
from training.selectors.rooms import asked_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def countable(actor: Actor) -> dict[str, QuerySet]:
    """The numbers of the menu as queries."""
    return {"training.rooms_asked": asked_for(actor)} if actor.has(Role.TRAINING) else {}
