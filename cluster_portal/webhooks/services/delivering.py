"""Messages out of the door: taken, sent outside of any transaction, and what was answered written down.

A webhook's messages are sent by one worker at a time, one after another: whoever takes them leases the webhook, so that
two workers never send the same, and a slow receiver keeps one thread of one worker and nobody else's messages. A worker
that dies leaves its messages to the next one, which sends them again under the same ids. At least once, then, and never
less.
"""

from __future__ import annotations

import json
import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.service import service
from cluster_portal.webhooks import sending, signing
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.states import DELIVERY, DeliveryState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

log = logging.getLogger(__name__)

#: Webhooks of one round, each in a thread of its own, and messages of each.
AT_ONCE, OF_ONE = 8, 50
#: Seconds after which a round begins no other message.
ROUND = 10
#: Longer than a round with its last message can last; then what was taken is due again.
LEASE = timedelta(minutes=1)
#: Seconds between tries; the last one again and again. Up to a tenth is added, so that not all come back at once.
PAUSES = (5, 300, 1800, 3600, 7200, 14400, 21600)
JITTER = 0.1
#: A message whose try fails after so long is given up.
PATIENCE = timedelta(hours=24)
#: Seconds for which a receiver that fails is left alone: twice as many each time, up to the second figure.
REST = (5, 600)
GONE = 410
KEEP_DELIVERED, KEEP_DEAD = timedelta(days=7), timedelta(days=30)
#: Tries of a message that are kept.
KEPT_TRIES = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is sent: nothing of it is read from the database later. `due` is when its turn was."""

    subscription_id: uuid.UUID
    delivery_id: uuid.UUID
    due: datetime
    url: str
    body: bytes
    headers: dict[str, str]


def deliver() -> int:
    """Send what is due, at most a round's worth. Returns how many messages were tried."""
    rounds = []
    for key in _waiting(timezone.now()):
        try:
            letters = take_due(SYSTEM, subscription_id=key)
        except InvalidToken:
            # The others go on; this one waits for a new secret.
            log.error("The secret of webhook %s cannot be read: was SECRET_KEY changed?", key)
            continue
        if letters:
            rounds.append(letters)
        if len(rounds) >= AT_ONCE:
            break
    if not rounds:
        return 0
    sent = 0
    with ThreadPoolExecutor(len(rounds)) as pool:
        # Whose round ends is written down at once, however long the others take.
        for done in as_completed([pool.submit(_send, letters) for letters in rounds]):
            letters, answers = done.result()
            record_answers(SYSTEM, letters=letters, answers=answers)
            sent += len(answers)
    return sent


def _send(letters: list[Letter]) -> tuple[list[Letter], dict[uuid.UUID, sending.Answer]]:
    """Send one after another, until one fails or the round has lasted long enough."""
    end, answers = time.monotonic() + ROUND, {}
    for letter in letters:
        answer = answers[letter.delivery_id] = sending.post(letter.url, letter.body, letter.headers)
        if not answer.taken or time.monotonic() >= end:
            break
    return letters, answers


def _waiting(now: datetime) -> list[uuid.UUID]:
    """The webhooks that something is due for, in an order of chance so that none is always the last."""
    due = Delivery.objects.filter(
        subscription=OuterRef("pk"), state=DeliveryState.PENDING, next_try_at__lte=now
    )
    awake = Q(rests_until__isnull=True) | Q(rests_until__lte=now)
    rows = Subscription.objects.filter(awake, Exists(due), is_enabled=True, client__is_active=True)
    keys = list(rows.values_list("pk", flat=True))
    random.shuffle(keys)
    return keys


@service
def take_due(actor: Actor, *, subscription_id: uuid.UUID) -> list[Letter]:
    """Take a webhook's messages for sending, the longest due first; one only where the last try failed."""
    now = timezone.now()
    rows = Subscription.objects.select_for_update(skip_locked=True, no_key=True)
    subscription = rows.filter(pk=subscription_id, is_enabled=True).first()
    if subscription is None or (subscription.rests_until and subscription.rests_until > now):
        return []
    due = subscription.deliveries.select_for_update(skip_locked=True, no_key=True).filter(
        state=DeliveryState.PENDING, next_try_at__lte=now
    )
    taken = list(due.order_by("next_try_at", "id")[: 1 if subscription.failures else OF_ONE])
    letters = [_letter(one, subscription, now) for one in taken]
    if letters:
        subscription.rests_until = now + LEASE
        subscription.save(update_fields=["rests_until"])
        Delivery.objects.filter(pk__in=[one.pk for one in taken]).update(next_try_at=now + LEASE)
    return letters


def _letter(delivery: Delivery, subscription: Subscription, now: datetime) -> Letter:
    body = json.dumps(payload(delivery), separators=(",", ":")).encode()
    headers = {
        "content-type": "application/json",
        "user-agent": "cluster-portal-webhooks/1",
        **signing.headers(
            subscription.good_secrets(now),
            message=delivery.message,
            timestamp=int(now.timestamp()),
            body=body,
        ),
    }
    return Letter(subscription.pk, delivery.pk, delivery.next_try_at, subscription.url, body, headers)


def payload(delivery: Delivery) -> dict[str, object]:
    """What is told: that a row changed, and where it is read. What is in it is for those who may read it there."""
    return {
        "type": delivery.event,
        "timestamp": delivery.at.isoformat(),
        "data": {"id": delivery.row_id or None, "url": delivery.url or None},
    }


@service
def record_answers(actor: Actor, *, letters: list[Letter], answers: dict[uuid.UUID, sending.Answer]) -> None:
    """Write down what a webhook's round came to, and when the next tries are due; messages that the round did not come
    to have their turn back. What was deleted meanwhile is left.
    """
    rows = Subscription.objects.select_for_update(no_key=True)
    subscription = rows.filter(pk=letters[0].subscription_id).first()
    if subscription is None:
        return
    now, turns = timezone.now(), {letter.delivery_id: letter.due for letter in letters}
    taken = subscription.deliveries.select_for_update(no_key=True).filter(
        pk__in=turns, state=DeliveryState.PENDING
    )
    deliveries = list(taken.order_by("id"))
    for delivery in deliveries:
        if delivery.pk in answers:
            _record(delivery, answers[delivery.pk], now)
        else:
            delivery.next_try_at = turns[delivery.pk]
    Delivery.objects.bulk_update(deliveries, ["tries", "attempt", "state", "next_try_at", "ended_at"])
    if any(answer.taken for answer in answers.values()):
        subscription.failures, subscription.rests_until = 0, None
    else:
        rest = min(REST[0] * 2 ** min(subscription.failures, 10), REST[1])
        subscription.failures, subscription.rests_until = (
            subscription.failures + 1,
            now + timedelta(seconds=rest),
        )
        _give_up_old(subscription, now)
    # By the standard this receiver wants nothing any more.
    subscription.is_enabled &= all(answer.status != GONE for answer in answers.values())
    subscription.save(update_fields=["is_enabled", "failures", "rests_until", "updated_at"])


def _record(delivery: Delivery, answer: sending.Answer, now: datetime) -> None:
    told = {"at": now.isoformat(), "status": answer.status, "answer": answer.text}
    delivery.tries = [*delivery.tries, told][-KEPT_TRIES:]
    delivery.attempt += 1
    if answer.taken:
        _end(delivery, "deliver", now)
    elif answer.status == GONE or delivery.begun_at <= now - PATIENCE:
        _end(delivery, "give_up", now)
    else:
        pause = PAUSES[min(delivery.attempt, len(PAUSES)) - 1]
        delivery.next_try_at = now + timedelta(seconds=pause * (1 + _chance()))


def _chance() -> float:
    return random.uniform(0, JITTER)  # noqa: S311 - spreads load, keeps no secret


def _end(delivery: Delivery, action: str, now: datetime) -> None:
    DELIVERY.move(delivery, action)
    delivery.next_try_at, delivery.ended_at = None, now


def _give_up_old(subscription: Subscription, now: datetime) -> None:
    """A receiver that fails is asked with one message at a time: others grow too old without a try of their own."""
    old = subscription.deliveries.filter(state=DeliveryState.PENDING, begun_at__lte=now - 2 * PATIENCE)
    old.update(state=DeliveryState.DEAD, next_try_at=None, ended_at=now)


def sweep() -> int:
    """Delete what was delivered a week ago and what was given up a month ago. Returns how many messages."""
    now = timezone.now()
    old = Q(state=DeliveryState.DELIVERED, ended_at__lt=now - KEEP_DELIVERED)
    dead = Q(state=DeliveryState.DEAD, ended_at__lt=now - KEEP_DEAD)
    return Delivery.objects.filter(old | dead).delete()[0]
