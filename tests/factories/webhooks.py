"""Webhooks and messages for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from cluster_portal.audit import feed
from cluster_portal.webhooks import signing
from cluster_portal.webhooks.models import Delivery, Subscription


def make_webhook(client: UUID | str) -> Subscription:
    """A webhook of a program, followed from now on."""
    webhook = Subscription(
        client_id=client,
        url="https://receiver.example/hooks",
        events=["clinics.updated"],
        secret=signing.encrypt(signing.new_secret()),
    )
    webhook.place = feed.horizon()
    webhook.save()
    return webhook


def make_delivery(webhook: Subscription, **fields: Any) -> Delivery:
    """A message that was given up."""
    now = timezone.now()
    given_up = {"state": "dead", "ended_at": now, "at": now, "created_at": now, "begun_at": now}
    return Delivery.objects.create(subscription=webhook, event="clinics.updated", **given_up | fields)
