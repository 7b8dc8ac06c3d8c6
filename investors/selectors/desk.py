"""What waits for the land office: the numbers of the menu and of its home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.accounts.roles import Role
from investors.selectors.companies import to_verify

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def countable(actor: Actor) -> dict[str, QuerySet]:
    """The numbers of the menu as queries."""
    return {"investors.to_verify": to_verify(actor)} if actor.has(Role.LAND) else {}
