"""Two workers send webhooks at once: no message leaves twice, and a slow receiver holds nobody else up."""

import contextlib
import threading
from collections import Counter

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from cluster_portal.webhooks.models import Delivery
from cluster_portal.webhooks.sending import Answer
from cluster_portal.webhooks.services import delivering
from tests.concurrency.support import together
from tests.factories import clinics
from tests.factories.webhooks import make_delivery, make_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
PATIENCE = 10


def make_hook(messages: int):
    hook, now = make_webhook(clinics.make_client(clinics.make_organization()).pk), timezone.now()
    for _n in range(messages):
        make_delivery(hook, state="pending", ended_at=None, next_try_at=now)
    return hook


@pytest.fixture
def sent(monkeypatch):
    """Counts what leaves, by the id that the receiver knows."""
    seen, lock = Counter(), threading.Lock()

    def post(url, body, headers):
        with lock:
            seen[headers["webhook-id"]] += 1
        return Answer(200, "")

    monkeypatch.setattr(delivering.sending, "post", post)
    return seen


@pytest.fixture
def meeting(monkeypatch):
    """Both workers have read what is due before either writes; who finds nothing to read does not come."""
    barrier, letter = threading.Barrier(2), delivering._letter
    met = threading.local()

    def late(*args):
        if not getattr(met, "already", False):
            met.already = True
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(0.5)
        return letter(*args)

    monkeypatch.setattr(delivering, "_letter", late)


def test_two_workers_send_no_message_twice(sent, meeting) -> None:
    for _n in range(3):
        make_hook(20)
    outcome = together(delivering.deliver, delivering.deliver)
    assert not outcome.unexpected and not outcome.refused
    while delivering.deliver():
        pass
    assert len(sent) == 60 and set(sent.values()) == {1}
    assert set(Delivery.objects.values_list("state", "attempt")) == {("delivered", 1)}


def test_without_the_lock_they_would(sent, meeting, monkeypatch) -> None:
    make_hook(20)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    together(delivering.deliver, delivering.deliver)
    assert max(sent.values()) == 2


def test_a_slow_receiver_holds_up_itself_alone(monkeypatch) -> None:
    slow, fast = make_hook(120), make_hook(5)
    release, at_once, most, lock = threading.Event(), 0, 0, threading.Lock()

    def post(url, body, headers):
        nonlocal at_once, most
        if headers["webhook-id"] in fast_ids:
            return Answer(200, "")
        with lock:
            at_once += 1
            most = max(most, at_once)
        release.wait(PATIENCE)
        with lock:
            at_once -= 1
        return Answer(200, "")

    fast_ids = {one.message for one in fast.deliveries.all()}
    monkeypatch.setattr(delivering.sending, "post", post)
    arrived = threading.Event()
    record = delivering.record_answers

    def recorded(actor, *, letters, answers):
        record(actor, letters=letters, answers=answers)
        if letters[0].subscription_id == fast.pk:
            arrived.set()

    monkeypatch.setattr(delivering, "record_answers", recorded)

    def watch() -> bool:
        done = arrived.wait(PATIENCE)
        release.set()
        return done

    outcome = together(delivering.deliver, delivering.deliver, watch)
    assert not outcome.unexpected
    assert True in outcome.results, "the fast one's were written down while the slow one's were on their way"
    assert most == 1, "of the slow one's only one at a time, whatever number of workers"
    assert set(fast.deliveries.values_list("state", flat=True)) == {"delivered"}
    assert slow.deliveries.filter(state="delivered").exists()
