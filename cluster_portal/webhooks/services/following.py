"""The feed of changes into messages: one place for each webhook, moved on with the messages that it was moved over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cluster_portal.api import changes
from cluster_portal.audit import feed
from cluster_portal.common.actor import SYSTEM, resolve_actor
from cluster_portal.common.service import service
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.selectors import known_events

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from cluster_portal.common.actor import Actor

#: Told where the feed cannot say what happened in between: after the database was restored, and after a pause that was
#: longer than a place in the feed is good for. The webhook goes on from the present.
RESTARTED = "feed.restarted"
#: A place that was passed without a message is written down after so long: a round has no need to.
WRITTEN = timedelta(minutes=1)
#: Pages of the feed that one round reads for one webhook, so that none keeps the others waiting.
PAGES = 10


def follow() -> int:
    """Read the feed for each webhook. Returns how many have more to read."""
    behind = 0
    open_ones = Subscription.objects.filter(is_enabled=True, client__is_active=True)
    for key in open_ones.order_by("followed_at", "id").values_list("pk", flat=True):
        behind += _follow_one(key)
    return behind


def _follow_one(key: uuid.UUID) -> bool:
    """Whether there is more to read than a round reads."""
    return all(follow_subscription(SYSTEM, subscription_id=key) for _page in range(PAGES))


@service
def follow_subscription(actor: Actor, *, subscription_id: uuid.UUID) -> bool:
    """Write the messages of the next page of the feed, and the place behind it. Returns whether more waits.

    Both are one transaction: a worker that dies leaves the place where it was, and no message is written twice. One
    that another worker reads for is left to it.
    """
    rows = Subscription.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    subscription = rows.select_related("client").filter(pk=subscription_id, is_enabled=True).first()
    if subscription is None:
        return False
    client, now, end = subscription.client, timezone.now(), feed.horizon()
    reader = resolve_actor(client=client, scopes=frozenset(client.allowed_scopes))
    if not reader.is_authenticated:
        return False
    restored = subscription.feed_server != end.server or subscription.feed_xid > end.xid
    if restored or subscription.followed_at < now - changes.KEEP:
        Delivery.objects.create(subscription=subscription, event=RESTARTED, at=now, **_due(now))
        _move(subscription, end, now)
        return False
    known = known_events()
    told = {known[event] for event in subscription.events if event in known and known[event].open_to(reader)}
    found, place, more = changes.read_changes(
        reader, told, after=subscription.place, now=end, limit=changes.SCANNED
    )
    wanted = [line for line in found if f"{line[1].name}.{line[2]}" in subscription.events]
    Delivery.objects.bulk_create(
        Delivery(
            subscription=subscription,
            line=entry.pk,
            event=f"{source.name}.{kind}",
            row_id=entry.row_id,
            url=""
            if kind == changes.GONE
            else settings.PUBLIC_URL.rstrip("/") + reverse(source.route, args=[entry.row_id]),
            at=entry.at,
            **_due(now),
        )
        for entry, source, kind in wanted
    )
    if wanted or more or subscription.followed_at <= now - WRITTEN:
        _move(subscription, place, now)
    return more


def _due(now: datetime) -> dict[str, datetime]:
    return {"created_at": now, "begun_at": now, "next_try_at": now}


def _move(subscription: Subscription, place: feed.Position, now: datetime) -> None:
    subscription.place, subscription.followed_at = place, now
    subscription.save(update_fields=["feed_server", "feed_xid", "feed_line", "followed_at"])
