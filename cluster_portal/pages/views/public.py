"""The public pages: home and what the cluster is."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.views.generic import TemplateView

from clinics.selectors.cluster import current_cluster
from cluster_portal.pages import hero
from cluster_portal.pages.selectors import public
from cluster_portal.pages.selectors.kept import kept

if TYPE_CHECKING:
    from clinics.models import Cluster


class Home(TemplateView):
    """What the cluster is, for patients and visitors. Staff go to their desk by the button in its head."""

    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cluster = current_cluster()
        facts, wide, tall = kept("home", lambda: _facts_and_maps(cluster))
        return super().get_context_data(facts=facts, wide=wide, tall=tall, **kwargs)


def _facts_and_maps(cluster: Cluster) -> tuple[public.Facts, hero.Hero | None, hero.Hero | None]:
    facts = public.home_facts(cluster.country)
    wide, tall = (
        hero.draw(cluster.slug, facts.towns, cluster.country, wide=is_wide) for is_wide in (True, False)
    )
    return facts, wide, tall


class About(TemplateView):
    """The cluster's promises with their sources, its other members, how a referral goes, contacts."""

    template_name = "pages/about.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = kept("members", public.other_members)
        groups = [
            (label, list(rows))
            for label, rows in groupby(members, key=lambda member: member.get_cluster_role_display())
        ]
        targets = kept("targets", lambda: public.targets(public.programme_done()))
        return super().get_context_data(targets=targets, groups=groups, members=len(members), **kwargs)
