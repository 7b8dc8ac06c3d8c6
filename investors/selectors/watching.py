"""What somebody watches, and what a saved search finds today."""

from __future__ import annotations

import uuid
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import NotFound
from investors.models import SavedSearch
from investors.policies import search_policy, watch_policy
from investors.selectors.plots import AREAS, AVAILABLE, POWERS, Asked, offered_plots
from investors.states import ON_OFFER, Direction, PlotState, Tenure, UtilityKind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Plot, PlotWatch

#: What each filter may hold.
_KNOWN = {
    "direction": Direction.values, "area": AREAS, "state": (AVAILABLE, *PlotState.values), "tenure": Tenure.values,
    "power": [str(one) for one in POWERS], "utility": UtilityKind.values,
}  # fmt: skip
_signer = Signer(salt="investors.search")


def watched(actor: Actor) -> QuerySet[PlotWatch]:
    """The plots that the actor watches, the latest first."""
    return watch_policy.queryset(actor).select_related("plot__site").order_by("-created_at", "-id")


def watches(actor: Actor, plot: Plot) -> bool:
    """Whether the actor watches this plot."""
    return watch_policy.queryset(actor).filter(plot=plot).exists()


def searches(actor: Actor) -> QuerySet[SavedSearch]:
    """The actor's searches, the latest first."""
    return search_policy.queryset(actor).order_by("-created_at", "-id")


def every_search() -> list[uuid.UUID]:
    """All searches of people who may sign in."""
    rows = SavedSearch.objects.filter(user__is_active=True).order_by("id")
    return list(rows.values_list("pk", flat=True))


def as_kept(asked: Asked) -> dict[str, str]:
    """The filters of the public list as a search keeps them: those that narrow."""
    return {name: value for name, value in asdict(asked).items() if value}


def asked_by(search: SavedSearch) -> Asked | None:
    """What a search asks for; None where the list above the plots has such a filter no longer."""
    kept = search.asked
    names = {field.name for field in fields(Asked)}
    if not isinstance(kept, dict) or not all(name in names and _is_known(name, kept[name]) for name in kept):
        return None
    return Asked(**kept)


def _is_known(name: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if name == "site":
        try:
            return bool(uuid.UUID(value))
        except ValueError:
            return False
    return value in _KNOWN[name]


def fitting(search: SavedSearch) -> QuerySet[Plot]:
    """What is on offer and fits a search, as everybody may see it; nothing fits one that is not understood."""
    asked = asked_by(search)
    if asked is None:
        return offered_plots(ANONYMOUS).none()
    rows = offered_plots(ANONYMOUS).filter(asked.conditions(), state__in=ON_OFFER)
    return rows.filter(site=asked.site) if asked.site else rows


def sign(search: SavedSearch) -> str:
    """What the link in a letter says: it stops this search and does nothing else."""
    return _signer.sign(search.pk.hex)


def search_of_letter(token: str) -> SavedSearch | None:
    """The search of a letter; None once it is stopped. Raises NotFound for what is no letter of ours."""
    try:
        return SavedSearch.objects.filter(pk=uuid.UUID(_signer.unsign(token))).first()
    except (BadSignature, ValueError) as exc:
        raise NotFound from exc
