"""How a clinic came to its land: a socket that the layer above plugs into.

Plots and agreements belong to `investors`, which stands above this app and must not be imported here. It registers a
function (in `ready()`), and the clinic's public page asks it; until then no clinic has such a history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor

_find: Callable[[Actor, Clinic], list[Any]] | None = None


def register(find: Callable[[Actor, Clinic], list[Any]]) -> None:
    """Plug in what knows the land. `find(actor, clinic)` gives the steps of `components/chain.html`, perhaps none."""
    global _find
    _find = find


def origin_of(actor: Actor, clinic: Clinic) -> list[Any]:
    """The steps from the plot to the clinic's licence, as far as the actor may know them."""
    return _find(actor, clinic) if _find else []
