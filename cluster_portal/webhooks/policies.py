"""A webhook is its program's own; people have those of the programs that they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.models import ApiClient
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy, through
from cluster_portal.webhooks.models import Delivery, Subscription

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: Whoever keeps programs: the office those of all organisations, a manager those of the own one.
KEEPERS = (Role.OFFICE, Role.MANAGER)


def _programs(actor: Actor) -> Q:
    if actor.client_id:
        return Q(pk=actor.client_id)
    if actor.has(Role.OFFICE):
        return EVERYBODY
    if actor.has(Role.MANAGER) and actor.organization_id:
        return Q(memberships__organization=actor.organization_id)
    return NOBODY


def _own(actor: Actor) -> Q:
    return through("client", _programs(actor))


def _own_delivery(actor: Actor) -> Q:
    return through("subscription", _own(actor))


class ProgramPolicy(Policy):
    """Programs for which webhooks are made."""

    model = ApiClient
    rules = {"view": _programs}


class SubscriptionPolicy(Policy):
    model = Subscription
    rules = dict.fromkeys(("view", "change", "rotate", "switch", "delete", "resend"), _own)
    model_rules = {"create": lambda actor: actor.client_id is not None or actor.has(*KEEPERS)}


class DeliveryPolicy(Policy):
    model = Delivery
    rules = {"view": _own_delivery, "resend": _own_delivery}


program_policy, subscription_policy, delivery_policy = ProgramPolicy(), SubscriptionPolicy(), DeliveryPolicy()
