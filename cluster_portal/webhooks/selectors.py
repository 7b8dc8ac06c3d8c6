"""Reads of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import get_resolver

from cluster_portal.api import changes
from cluster_portal.common.actor import resolve_actor
from cluster_portal.webhooks.models import Delivery
from cluster_portal.webhooks.policies import delivery_policy, program_policy, subscription_policy
from cluster_portal.webhooks.states import DeliveryState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.accounts.models import ApiClient
    from cluster_portal.api.changes import Source
    from cluster_portal.common.actor import Actor
    from cluster_portal.webhooks.models import Subscription

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


def kept_webhooks(actor: Actor) -> QuerySet[Subscription]:
    """Webhooks as their keepers look at them: with the program, its `organization_name`, and how many messages are
    `waiting` and `dead` (given up).
    """
    return (
        subscriptions_of(actor)
        .select_related("client")
        .annotate(
            organization_name=F("client__memberships__organization__short_name_ru"),
            waiting=_number(DeliveryState.PENDING),
            dead=_number(DeliveryState.DEAD),
        )
    )


def _number(state: str) -> Coalesce:
    rows = Delivery.objects.filter(subscription=OuterRef("pk"), state=state).order_by()
    return Coalesce(Subquery(rows.values("subscription").annotate(n=Count("*")).values("n")), 0)


def open_webhook(actor: Actor, webhook_id: uuid.UUID) -> Subscription:
    """One of `kept_webhooks`. Raises NotFound."""
    return subscription_policy.get(actor, "view", webhook_id, queryset=kept_webhooks(actor))


def messages_of(actor: Actor, webhook_id: uuid.UUID, state: str = "") -> QuerySet[Delivery]:
    """The messages of a webhook in one state, or in any."""
    rows = deliveries_of(actor).filter(subscription=webhook_id)
    return rows.filter(state=state) if state else rows


def open_program(actor: Actor, program_id: uuid.UUID) -> ApiClient:
    """A program for which the actor makes webhooks. Raises NotFound."""
    return program_policy.get(actor, "view", program_id)


def reader_of(program: ApiClient) -> Actor:
    """Who the program is with all the scopes that it may ask for."""
    return resolve_actor(client=program, scopes=frozenset(program.allowed_scopes))


def events_open_to(program: ApiClient) -> dict[str, Source]:
    """The events that the program's scopes open."""
    reader = reader_of(program)
    return {event: source for event, source in known_events().items() if source.open_to(reader)}
