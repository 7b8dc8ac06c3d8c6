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
from investors.selectors.plots import Asked, offered_plots
from investors.states import ON_OFFER

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Plot, PlotWatch

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


def fitting(search: SavedSearch) -> QuerySet[Plot]:
    """What is on offer and fits a search, as everybody may see it."""
    names = {field.name for field in fields(Asked)}
    asked = Asked(**{name: value for name, value in search.asked.items() if name in names})
    rows = offered_plots(ANONYMOUS).filter(asked.conditions(), state__in=ON_OFFER)
    return rows.filter(site=asked.site) if asked.site else rows


def sign(search: SavedSearch) -> str:
    """What the link in a letter says: it stops this search and does nothing else."""
    return _signer.sign(search.pk.hex)


def search_of_letter(token: str) -> SavedSearch:
    """The search of a letter. Raises NotFound, also once it is stopped."""
    try:
        found = SavedSearch.objects.filter(pk=uuid.UUID(_signer.unsign(token))).first()
    except (BadSignature, ValueError):
        found = None
    if found is None:
        raise NotFound
    return found
