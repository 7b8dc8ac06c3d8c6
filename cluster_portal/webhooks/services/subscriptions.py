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
from cluster_portal.webhooks.selectors import known_events, open_program, reader_of
from cluster_portal.webhooks.states import DELIVERY, DeliveryState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

#: How long the secret before signs too after a change.
OVERLAP = timedelta(hours=24)
#: Webhooks of one program.
MOST = 20


@service
def create_subscription(
    actor: Actor, *, url: str, events: Iterable[str], program_id: uuid.UUID | None = None
) -> tuple[Subscription, str]:
    """A webhook that is told of every change from now on, and its secret, which is in nobody's hands but the caller's.

    A program makes its own; a person names the program. Raises Forbidden, NotFound (the program), AddressRefused,
    Invalid (unknown events), InsufficientScope and TooManySubscriptions.
    """
    subscription_policy.require(actor, "create")
    program = open_program(actor, program_id or _itself(actor))
    _check_address(url)
    events = _checked(actor if actor.client_id else reader_of(program), events)
    # The program's own row is what two requests for it at once wait for.
    ApiClient.objects.select_for_update(no_key=True).get(pk=program.pk)
    if Subscription.objects.filter(client=program).count() >= MOST:
        raise TooManySubscriptions
    secret = signing.new_secret()
    subscription = Subscription(
        client=program, url=url, events=events, secret=signing.encrypt(secret), followed_at=timezone.now()
    )
    subscription.place = feed.horizon()
    subscription.save(force_insert=True)
    return subscription, secret


def _itself(actor: Actor) -> uuid.UUID:
    if actor.client_id is None:
        raise Invalid({"program": _("Say whose webhook it is to be.")})
    return actor.client_id


def _check_address(url: str) -> None:
    try:
        addresses.parse(url)
    except AddressRefused as exc:
        raise AddressRefused(field="url") from exc


@service
def change_subscription(
    actor: Actor,
    *,
    subscription_id: uuid.UUID,
    url: str | None = None,
    events: Iterable[str] | None = None,
    on: bool | None = None,
) -> Subscription:
    """Another address, other events, stopped or not. What waits goes to the new address.

    Raises NotFound, AddressRefused, Invalid (unknown events) and InsufficientScope.
    """
    subscription = subscription_policy.get(actor, "change", subscription_id, lock=True)
    if url is not None and url != subscription.url:
        _check_address(url)
        # The old address's failures say nothing of the new one.
        subscription.url, subscription.failures, subscription.rests_until = url, 0, None
    if events is not None:
        reader = actor if actor.client_id else reader_of(subscription.client)
        subscription.events = _checked(reader, events, already=subscription.events)
    if on is not None:
        _switch(subscription, on=on)
    subscription.save(update_fields=["url", "events", "is_enabled", "failures", "rests_until", "updated_at"])
    return subscription


def _switch(subscription: Subscription, *, on: bool) -> None:
    subscription.is_enabled = on
    if on:
        subscription.failures, subscription.rests_until = 0, None


def _checked(actor: Actor, events: Iterable[str], already: Iterable[str] = ()) -> list[str]:
    known, asked = known_events(), list(dict.fromkeys(events))
    if unknown := [event for event in asked if event not in known]:
        raise Invalid({"events": _("There are no such events: %(names)s.") % {"names": ", ".join(unknown)}})
    if not asked:
        raise Invalid({"events": _("Name at least one event.")})
    for event in set(asked).difference(already):
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
    """Stop telling, or go on from where it was stopped (from the present after 30 days). Raises NotFound."""
    subscription = subscription_policy.get(actor, "switch", subscription_id, lock=True)
    _switch(subscription, on=on)
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


@service
def resend_given_up(actor: Actor, *, subscription_id: uuid.UUID) -> int:
    """Send all messages of a webhook that were given up again. Returns how many. Raises NotFound."""
    subscription = subscription_policy.get(actor, "resend", subscription_id, lock=True)
    now = timezone.now()
    dead = subscription.deliveries.filter(state=DeliveryState.DEAD)
    return dead.update(
        state=DELIVERY.find(DeliveryState.DEAD, "resend").target,
        begun_at=now, next_try_at=now, attempt=0, ended_at=None,
    )  # fmt: skip
