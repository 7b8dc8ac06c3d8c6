"""What the land office works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from investors.models import Plot, Utility
from investors.policies import document_policy, plot_policy, site_policy, utility_policy
from investors.selectors.plots import AVAILABLE, dossier, with_power
from investors.states import ON_OFFER

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import PlotDocument, Site

#: The office's list: what was touched last stands first.
ORDER = ("-updated_at", "-id")


def office_list(actor: Actor, state: str = "") -> QuerySet:
    """Every plot, drafts too. Raises Forbidden."""
    plot_policy.require(actor, "browse")
    rows = with_power(plot_policy.queryset(actor).select_related("site"))
    if state == AVAILABLE:
        return rows.filter(state__in=ON_OFFER)
    return rows.filter(state=state) if state else rows


def sites(actor: Actor) -> list[Site]:
    """The sites by name."""
    return list(site_policy.queryset(actor).order_by("name_ru", "id"))


def site_of(actor: Actor, site_id: str) -> Site | None:
    """The site that an address names, or the first one."""
    found = sites(actor)
    return next((site for site in found if str(site.pk) == site_id), found[0] if found else None)


def plots_of(actor: Actor, site: Site) -> list[Plot]:
    """Everything that lies on a site, drafts too."""
    return list(plot_policy.queryset(actor).filter(site=site).order_by("id"))


def site_to_edit(actor: Actor, site_id: uuid.UUID) -> Site:
    """Raises NotFound, Forbidden."""
    return site_policy.get(actor, "edit", site_id)


def plot_to_edit(actor: Actor, plot_id: uuid.UUID) -> Plot:
    """Raises NotFound, Forbidden."""
    return plot_policy.get(actor, "edit", plot_id, queryset=Plot.objects.select_related("site"))


def utility_to_edit(actor: Actor, utility_id: uuid.UUID) -> Utility:
    """Raises NotFound, Forbidden."""
    return utility_policy.get(actor, "edit", utility_id, queryset=Utility.objects.select_related("plot"))


def document_to_edit(actor: Actor, document_id: uuid.UUID) -> PlotDocument:
    """Raises NotFound, Forbidden."""
    return document_policy.get(actor, "edit", document_id)


__all__ = [
    "ORDER", "document_to_edit", "dossier", "office_list", "plot_to_edit", "plots_of", "site_of", "site_to_edit",
    "sites", "utility_to_edit",
]  # fmt: skip
