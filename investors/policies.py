"""Who may do what with land: the land office writes, everybody reads what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.models import Plot, PlotDocument, Site, Utility
from investors.states import LAND_OFFICE, PlotState

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor

#: Those who see drafts; the cluster office only reads them.
READERS = frozenset({Role.LAND, Role.OFFICE})


def _writes(actor: Actor) -> Q:
    """The land office, everywhere."""
    return EVERYBODY if actor.has(Role.LAND) else NOBODY


def _visible(path: str) -> Callable[[Actor], Q]:
    """The offices see every row, everybody else, visitors too, those of plots that were published."""
    public = ~Q(**{f"{path}state": PlotState.DRAFT})
    return lambda actor: EVERYBODY if actor.has(*READERS) else public


class SitePolicy(Policy):
    """Sites are no secret."""

    model = Site
    rules = {"view": lambda actor: EVERYBODY, "edit": _writes}
    model_rules = {"create": lambda actor: actor.has(Role.LAND)}


class PlotPolicy(Policy):
    """What was published stays everybody's, whatever becomes of it."""

    model = Plot
    rules = {"view": _visible(""), "edit": _writes}
    model_rules = {
        "create": lambda actor: actor.has(Role.LAND),
        # The office's own list, with drafts.
        "browse": lambda actor: actor.has(*READERS),
    }

    def sides(self, actor: Actor, plot: Plot) -> frozenset[str]:
        """What the actor is to a plot, for the state table."""
        return frozenset({LAND_OFFICE} if actor.has(Role.LAND) else ())


class UtilityPolicy(Policy):
    """As the plot."""

    model = Utility
    rules = {"view": _visible("plot__"), "edit": _writes}


class DocumentPolicy(Policy):
    """As the plot."""

    model = PlotDocument
    rules = {"view": _visible("plot__"), "edit": _writes}


site_policy = SitePolicy()
plot_policy = PlotPolicy()
utility_policy = UtilityPolicy()
document_policy = DocumentPolicy()
