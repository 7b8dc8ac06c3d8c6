"""Who may do what with the roadmap: the cluster office writes it, everybody reads what it publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.models import RoadmapItem
from investors.policies import READERS
from investors.states import CLUSTER_OFFICE

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


class RoadmapPolicy(Policy):
    """The offices read every item, everybody else, visitors too, the published ones."""

    model = RoadmapItem
    rules = {
        "view": lambda actor: EVERYBODY if actor.has(*READERS) else Q(is_public=True),
        "edit": lambda actor: EVERYBODY if actor.has(Role.OFFICE) else NOBODY,
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.OFFICE),
        "promise": lambda actor: actor.has(Role.OFFICE),
    }

    def sides(self, actor: Actor, item: RoadmapItem) -> frozenset[str]:
        """What the actor is to an item, for the state table."""
        return frozenset({CLUSTER_OFFICE} if actor.has(Role.OFFICE) else ())


roadmap_policy = RoadmapPolicy()
