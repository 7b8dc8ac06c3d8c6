"""The program of the demo's referring clinic with which programmers try the tutorial, and its webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from clinics.services.clients import create_api_client
from cluster_portal.accounts.sandbox import SCOPES, make_known
from cluster_portal.common.actor import SYSTEM
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.selectors import reader_of
from cluster_portal.webhooks.services.delivering import PAUSES
from cluster_portal.webhooks.services.subscriptions import create_subscription
from cluster_portal.webhooks.states import DeliveryState
from patients.models import Referral

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from cluster_portal.accounts.models import ApiClient

#: Nobody lives at addresses that end in `.example` (RFC 2606): what the portal sends there goes nowhere.
RECEIVER, ARCHIVE = "https://his.example/portal/hooks", "https://archive.example/hooks"
EVENTS = ("referrals.created", "referrals.updated", "bookings.created", "bookings.updated")
TAKEN, BROKEN, SILENT = (200, "ok"), (503, "upstream is not ready"), (None, "no answer within 5 seconds")


def make_sandbox(organization_id: UUID) -> ApiClient:
    """A client of this organisation, with the secret that the developers' page shows."""
    client, _secret = create_api_client(
        SYSTEM, organization_id=organization_id, scopes=SCOPES, name="Песочница для разработчиков"
    )
    return make_known(client)


def fill_webhooks(client: ApiClient, now: datetime) -> int:
    """A webhook whose receiver has begun to fail, and one that is stopped, with messages in each state.

    Returns how many messages.
    """
    reader = reader_of(client)
    hook, _secret = create_subscription(reader, url=RECEIVER, events=EVENTS)
    stopped, _secret = create_subscription(reader, url=ARCHIVE, events=EVENTS[:2])
    Subscription.objects.filter(pk=hook.pk).update(failures=3, rests_until=now + timedelta(minutes=10))
    Subscription.objects.filter(pk=stopped.pk).update(is_enabled=False)
    membership = client.memberships.get()
    rows = Referral.objects.filter(source_organization=membership.organization).order_by("-updated_at", "-id")
    keys = [str(key) for key in rows.values_list("pk", flat=True)[:16]]
    messages = [*_messages(hook, keys, now), *_messages(stopped, keys[:4], now - timedelta(days=2))]
    return len(Delivery.objects.bulk_create(messages))


def _messages(hook: Subscription, keys: list[str], now: datetime) -> Iterator[Delivery]:
    """The latest three wait, the oldest two were given up after a day, the others arrived, one at its second try."""
    for number, key in enumerate(keys):
        event = EVENTS[number % 2]
        if number < 3:
            at, answers = now - timedelta(minutes=3 + 2 * number), [SILENT, BROKEN, BROKEN][: number + 1]
            ends: dict[str, Any] = {"next_try_at": now + timedelta(minutes=10 + number)}
        elif number >= len(keys) - 2 and len(keys) > 6:
            at, answers = now - timedelta(days=3, minutes=number), [SILENT, *[BROKEN] * 9]
            ends = {"state": DeliveryState.DEAD, "ended_at": at + timedelta(hours=26)}
        else:
            at, answers = now - timedelta(hours=2 + number), [BROKEN, TAKEN] if number == 5 else [TAKEN]
            ends = {"state": DeliveryState.DELIVERED, "ended_at": at + timedelta(seconds=4)}
        moment, tries = at + timedelta(seconds=2), []
        for turn, (status, text) in enumerate(answers):
            tries.append({"at": moment.isoformat(), "status": status, "answer": text})
            moment += timedelta(seconds=PAUSES[min(turn, len(PAUSES) - 1)])
        yield Delivery(
            subscription=hook, event=event, row_id=key, at=at, created_at=at, begun_at=at, attempt=len(tries),
            tries=tries, url=settings.PUBLIC_URL.rstrip("/") + reverse("api-referrals-detail", args=[key]), **ends,
        )  # fmt: skip
