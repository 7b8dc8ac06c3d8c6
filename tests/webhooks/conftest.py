"""What tests of webhooks share: a feed that one transaction can read, a receiver, a clock."""

import datetime as dt
import json

import pytest
import time_machine
from django.db import connection
from django.db.models import Max
from standardwebhooks.webhooks import Webhook

import cluster_portal.webhooks.services.delivering as delivering
from cluster_portal.audit import feed
from cluster_portal.audit.feed import Position
from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import SYSTEM, resolve_actor
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.sending import Answer
from cluster_portal.webhooks.services import following
from cluster_portal.webhooks.services.subscriptions import create_subscription
from tests.factories import clinics

URL = "https://receiver.example/hooks?of=portal"


def here() -> Position:
    """Behind all that this test has written so far; a test never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        [own] = cursor.fetchone()
    return Position(feed.horizon().server, own, Entry.objects.aggregate(last=Max("id"))["last"] or 0)


@pytest.fixture
def place(monkeypatch):
    """The end of what may be read is set behind the test's own transaction."""
    end = here()
    monkeypatch.setattr(feed, "horizon", lambda: Position(end.server, end.xid + 1))


class Receiver:
    """Takes messages in place of the network and looks at each as a program of others would."""

    def __init__(self) -> None:
        self.status, self.text, self.secret = 200, "", ""
        self.got: list[tuple[str, dict]] = []
        self.tried = 0

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        assert url == URL
        self.tried += 1
        if self.status != 200:
            return Answer(self.status, self.text)
        told = Webhook(self.secret).verify(body, headers)
        assert told == json.loads(body)
        self.got.append((headers["webhook-id"], told))
        return Answer(200, "thanks")


@pytest.fixture
def receiver(monkeypatch):
    receiver = Receiver()
    monkeypatch.setattr(delivering.sending, "post", receiver.post)
    return receiver


@pytest.fixture
def clock():
    with time_machine.travel(dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def subscribe(place, receiver):
    """A function that makes a program with a webhook of its own, told from now on."""

    def subscribe(*events, scopes=("clinics:read", "referrals:read"), organization=None):
        client = clinics.make_client(organization or clinics.make_organization(), allowed_scopes=list(scopes))
        actor = resolve_actor(client=client, scopes=frozenset(scopes))
        subscription, receiver.secret = create_subscription(actor, url=URL, events=events)
        subscription.place = here()
        subscription.save()
        return actor, subscription

    return subscribe


def run(clock=None, until=None) -> None:
    """Rounds as the beat asks for them: at the present moment, or at each at which something is due until `until`."""
    following.follow()
    # What the test writes next has the same transaction, which a reader has passed; so its place is set before that.
    end = here()
    Subscription.objects.filter(is_enabled=True).update(
        feed_server=end.server, feed_xid=end.xid, feed_line=end.line
    )
    while delivering.deliver():
        pass
    while until is not None:
        due = [moment for moment in next_moments() if moment <= until]
        if not due:
            clock.move_to(until)
            return
        clock.move_to(max(min(due), dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)))
        while delivering.deliver():
            pass


def next_moments() -> list[dt.datetime]:
    """When each waiting message can be tried: when it is due and its receiver does not rest."""
    rows = Delivery.objects.filter(state="pending").select_related("subscription")
    return [max(one.next_try_at, one.subscription.rests_until or one.next_try_at) for one in rows]


__all__ = ["SYSTEM", "URL", "Receiver", "run"]
