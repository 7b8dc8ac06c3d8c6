"""The outbox: written with its cause, run exactly once, put off when it fails, and silent about patients."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from cluster_portal.api.models import IdempotencyRecord
from cluster_portal.common import background, news, redis
from cluster_portal.common.models import OutboxMessage
from patients.models import Patient
from tests.factories import patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def handlers(monkeypatch):
    """A vocabulary of handlers for this test alone."""
    own = {}
    monkeypatch.setattr(background, "_handlers", own)
    return own


def message() -> OutboxMessage:
    return OutboxMessage.objects.get()


def test_a_message_runs_once(handlers):
    ran = []
    handlers["note"] = lambda **payload: ran.append(payload)
    background.enqueue("note", {"referral": "7"})
    assert background.relay() == 1
    assert ran == [{"referral": "7"}]
    assert message().done_at is not None
    assert message().attempts == 1
    assert background.relay() == 0
    assert len(ran) == 1


def test_a_message_dies_with_its_transaction(handlers):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        background.enqueue("note", {})
        raise Undone
    assert not OutboxMessage.objects.exists()


def test_a_row_and_its_message_are_one_statement(handlers, django_assert_num_queries):
    row = IdempotencyRecord(
        actor="a", route="/100%/", key="k", body_hash="", status=200, body=b"%s", headers={"a": "%"}
    )
    with django_assert_num_queries(1):
        background.enqueue_with("note", {"referral": "7"}, row=row, key="step")
    made = IdempotencyRecord.objects.get()
    assert (made.route, bytes(made.body), made.headers) == ("/100%/", b"%s", {"a": "%"})
    assert made.created_at <= timezone.now()
    assert message().payload == {"referral": "7", "step": made.pk}
    ran = []
    handlers["note"] = lambda **payload: ran.append(payload)
    assert background.relay() == 1
    assert ran == [{"referral": "7", "step": made.pk}]


def test_messages_run_in_the_order_in_which_they_are_due(handlers):
    ran = []
    handlers["note"] = lambda n: ran.append(n)
    background.enqueue("note", {"n": "later"}, delay=timedelta(minutes=5))
    for n in range(3):
        background.enqueue("note", {"n": n})
    assert background.relay() == 3
    assert ran == [0, 1, 2]
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert background.relay() == 1
    assert ran == [0, 1, 2, "later"]


def test_at_most_the_limit_is_taken(handlers):
    handlers["note"] = lambda: None
    for _ in range(5):
        background.enqueue("note", {})
    assert background.relay(limit=2) == 2
    assert OutboxMessage.objects.filter(done_at__isnull=True).count() == 3


def test_a_failure_takes_back_what_the_handler_wrote_and_waits(handlers):
    patient = patients.make_patient()

    def half(**_payload):
        Patient.objects.filter(pk=patient.pk).update(family="Половина")
        raise ValueError("Ковалёв, СНИЛС 112-233-445 95")

    handlers["half"] = half
    background.enqueue("half", {})
    before = timezone.now()
    assert background.relay() == 1
    assert Patient.objects.get(pk=patient.pk).family == patient.family
    row = message()
    assert (row.done_at, row.failed_at, row.attempts) == (None, None, 1)
    assert row.due_at >= before + timedelta(seconds=5)
    assert background.relay() == 0


def test_pauses_grow_up_to_an_hour_and_end(handlers):
    def fail(**_payload):
        raise ValueError

    handlers["fail"] = fail
    background.enqueue("fail", {})
    pauses = []
    for _ in range(OutboxMessage.MAX_ATTEMPTS):
        with time_machine.travel(message().due_at + timedelta(milliseconds=1), tick=False):
            assert background.relay() == 1
            pauses.append((message().due_at - timezone.now()).total_seconds())
    assert pauses[:4] == pytest.approx([5, 10, 20, 40], abs=0.1)
    assert max(pauses) <= 3600
    row = message()
    assert row.failed_at is not None
    assert row.attempts == OutboxMessage.MAX_ATTEMPTS
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert background.relay() == 0


def test_one_that_fails_does_not_stop_the_others(handlers):
    ran = []
    handlers["fail"] = lambda: 1 / 0
    handlers["note"] = lambda: ran.append(1)
    background.enqueue("fail", {})
    background.enqueue("note", {})
    background.enqueue("unheard of", {})
    assert background.relay() == 3
    assert ran == [1]
    assert OutboxMessage.objects.filter(done_at__isnull=False).count() == 1


def test_a_failure_is_written_down_without_its_words(handlers, caplog):
    def quote(**_payload):
        raise ValueError("Ковалёв Пётр, 112-233-445 95")

    handlers["quote"] = quote
    background.enqueue("quote", {})
    root = logging.getLogger()
    formatter = next(
        h.formatter for h in root.handlers if h.formatter.__class__.__name__ == "ProcessorFormatter"
    )
    with caplog.at_level(logging.ERROR):
        background.relay()
    shown = "".join(formatter.format(record) for record in caplog.records)
    assert "quote" in shown
    for secret in ("Ковалёв", "112-233"):
        assert secret not in shown
        assert secret not in message().error
    assert message().error.startswith("ValueError at quote:")


def test_a_database_error_in_a_handler_is_survived(handlers):
    patient = patients.make_patient()

    def double(**_payload):
        Patient.objects.bulk_create([patient])

    handlers["double"] = double
    background.enqueue("double", {})
    assert background.relay() == 1
    assert message().error.startswith("IntegrityError")


def test_old_done_messages_are_swept_and_failed_ones_stay(handlers):
    handlers["note"] = lambda: None
    handlers["fail"] = lambda: 1 / 0
    background.enqueue("note", {})
    background.enqueue("fail", {})
    background.relay()
    assert background.sweep() == 0
    with time_machine.travel(timezone.now() + background.KEEP_DONE + timedelta(hours=1)):
        assert background.sweep() == 1
    assert message().task == "fail"


def test_a_broker_that_is_away_stops_nobody(
    settings, monkeypatch, handlers, django_capture_on_commit_callbacks
):
    settings.OUTBOX_NUDGE = True

    def away(*_args, **_kwargs):
        raise redis.BrokerError("no route")

    monkeypatch.setattr(news, "_send", away)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        background.enqueue("note", {})
    redis.forget_failure()
    assert len(callbacks) == 1
    assert OutboxMessage.objects.count() == 1


def test_two_handlers_of_one_name_are_refused(handlers):
    background.handler("twice")(lambda: None)
    with pytest.raises(ValueError, match="twice"):
        background.handler("twice")(lambda: None)
    assert background.handler_names() == {"twice"}
