"""What a program does with its webhooks: makes one, takes another secret, switches it, has a message sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cluster_portal.accounts.models import ApiClient
from cluster_portal.api.errors import InsufficientScope
from cluster_portal.api.scopes import READ
from cluster_portal.audit import feed
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from cluster_portal.webhooks import addresses, signing
from cluster_portal.webhooks.errors import AddressRefused, TooManySubscriptions
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.policies import delivery_policy, subscription_policy
from cluster_portal.webhooks.selectors import known_events
from cluster_portal.webhooks.states import DELIVERY

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

#: How long the secret before signs too after a change.
OVERLAP = timedelta(hours=24)
#: Webhooks of one program.
MOST = 20


@service
def create_subscription(actor: Actor, *, url: str, events: Iterable[str]) -> tuple[Subscription, str]:
    """A webhook that is told of every change from now on, and its secret, which is in nobody's hands but the caller's.

    Raises Forbidden, AddressRefused, Invalid (unknown events), InsufficientScope and TooManySubscriptions.
    """
    subscription_policy.require(actor, "create")
    try:
        addresses.parse(url)
    except AddressRefused as exc:
        raise AddressRefused(field="url") from exc
    events = _checked(actor, events)
    # The program's own row is what two of its requests at once wait for.
    ApiClient.objects.select_for_update(no_key=True).get(pk=actor.client_id)
    if Subscription.objects.filter(client=actor.client_id).count() >= MOST:
        raise TooManySubscriptions
    secret = signing.new_secret()
    subscription = Subscription(
        client_id=actor.client_id,
        url=url,
        events=events,
        secret=signing.encrypt(secret),
        followed_at=timezone.now(),
    )
    subscription.place = feed.horizon()
    subscription.save(force_insert=True)
    return subscription, secret


def _checked(actor: Actor, events: Iterable[str]) -> list[str]:
    known, asked = known_events(), list(dict.fromkeys(events))
    if unknown := [event for event in asked if event not in known]:
        raise Invalid({"events": _("There are no such events: %(names)s.") % {"names": ", ".join(unknown)}})
    if not asked:
        raise Invalid({"events": _("Name at least one event.")})
    for event in asked:
        if not known[event].open_to(actor):
            raise InsufficientScope(extra={"required_scope": f"{known[event].scope}:{READ}"})
    return asked


@service
def rotate_secret(actor: Actor, *, subscription_id: uuid.UUID) -> tuple[Subscription, str]:
    """Another secret; for 24 hours messages are signed with both. Raises NotFound."""
    subscription = subscription_policy.get(actor, "rotate", subscription_id, lock=True)
    secret = signing.new_secret()
    subscription.previous_secret = subscription.secret
    subscription.previous_secret_until = timezone.now() + OVERLAP
    subscription.secret = signing.encrypt(secret)
    subscription.save(update_fields=["secret", "previous_secret", "previous_secret_until", "updated_at"])
    return subscription, secret


@service
def switch_subscription(actor: Actor, *, subscription_id: uuid.UUID, on: bool) -> Subscription:
    """Stop telling, or go on from where it was stopped. Raises NotFound."""
    subscription = subscription_policy.get(actor, "switch", subscription_id, lock=True)
    subscription.is_enabled = on
    if on:
        subscription.failures, subscription.rests_until = 0, None
    subscription.save(update_fields=["is_enabled", "failures", "rests_until", "updated_at"])
    return subscription


@service
def delete_subscription(actor: Actor, *, subscription_id: uuid.UUID) -> None:
    """Delete a webhook with its messages. Raises NotFound."""
    subscription_policy.get(actor, "delete", subscription_id, lock=True).delete()


@service
def resend_delivery(actor: Actor, *, delivery_id: uuid.UUID) -> Delivery:
    """Send a message again, under the id that it had. Raises NotFound, and IllegalTransition while it is on its way."""
    delivery = delivery_policy.get(actor, "resend", delivery_id, lock=True)
    DELIVERY.move(delivery, "resend")
    delivery.begun_at = delivery.next_try_at = timezone.now()
    delivery.attempt, delivery.ended_at = 0, None
    delivery.save(update_fields=["state", "begun_at", "next_try_at", "attempt", "ended_at"])
    return delivery
