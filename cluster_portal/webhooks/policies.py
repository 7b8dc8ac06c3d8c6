"""A webhook is its program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.common.policy import NOBODY, Policy, through
from cluster_portal.webhooks.models import Delivery, Subscription

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    return Q(client=actor.client_id) if actor.client_id else NOBODY


def _own_delivery(actor: Actor) -> Q:
    return through("subscription", _own(actor)) if actor.client_id else NOBODY


class SubscriptionPolicy(Policy):
    model = Subscription
    rules = {"view": _own, "rotate": _own, "switch": _own, "delete": _own}
    model_rules = {"create": lambda actor: actor.client_id is not None}


class DeliveryPolicy(Policy):
    model = Delivery
    rules = {"view": _own_delivery, "resend": _own_delivery}


subscription_policy, delivery_policy = SubscriptionPolicy(), DeliveryPolicy()
