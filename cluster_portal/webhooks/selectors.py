"""Reads of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import get_resolver

from cluster_portal.api import changes
from cluster_portal.webhooks.policies import delivery_policy, subscription_policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.api.changes import Source
    from cluster_portal.common.actor import Actor
    from cluster_portal.webhooks.models import Delivery, Subscription

KINDS = (changes.CREATED, changes.UPDATED, changes.GONE)


def known_events() -> dict[str, Source]:
    """Every event that can be subscribed to, with the resource that it is of."""
    # The feed learns what it tells of where addresses are wired; a worker has had no reason to read them yet.
    _wired = get_resolver().url_patterns
    return {f"{name}.{kind}": source for name, source in changes.sources().items() for kind in KINDS}


def subscriptions_of(actor: Actor) -> QuerySet[Subscription]:
    """The webhooks that the actor may see."""
    return subscription_policy.queryset(actor)


def deliveries_of(actor: Actor) -> QuerySet[Delivery]:
    """The messages of the webhooks that the actor may see."""
    return delivery_policy.queryset(actor)
