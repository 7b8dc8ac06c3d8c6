"""Relays work side by side: each message is run once, whatever dies."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from cluster_portal.common import background
from cluster_portal.common.models import OutboxMessage
from patients.models import Patient
from tests.concurrency.support import together
from tests.factories import patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def handlers(monkeypatch):
    own = {}
    monkeypatch.setattr(background, "_handlers", own)
    return own


@pytest.fixture
def patient():
    """Somebody on whom handlers leave a mark that is counted by the database."""
    return patients.make_patient(benefit_code="0")


def count(patient):
    """One more mark, in the handler's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE patients_patient SET benefit_code = (benefit_code::int + 1)::text WHERE id = %s",
            [patient.pk],
        )


def marks(patient):
    return int(Patient.objects.get(pk=patient.pk).benefit_code)


def relay_all():
    total = 0
    while taken := background.relay(limit=50):
        total += taken
    return total


def test_three_relays_run_three_hundred_messages_once_each(handlers):
    seen, lock = Counter(), threading.Lock()

    def note(n):
        with lock:
            seen[n] += 1

    handlers["note"] = note
    with transaction.atomic():
        for n in range(300):
            background.enqueue("note", {"n": n})
    outcome = together(*[relay_all] * 3)
    assert outcome.unexpected == []
    assert sum(outcome.results) == 300
    assert seen == dict.fromkeys(range(300), 1)
    assert sum(taken > 0 for taken in outcome.results) > 1, (
        "one relay did it all: they did not work side by side"
    )
    assert not OutboxMessage.objects.filter(done_at=None).exists()


def test_a_slow_message_does_not_hold_up_the_others(handlers):
    begun, finish, ran = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        assert finish.wait(30)

    handlers["slow"] = slow
    handlers["quick"] = lambda: ran.append(1)
    background.enqueue("slow", {})
    for _ in range(5):
        background.enqueue("quick", {})

    def second():
        assert begun.wait(30)
        try:
            return background.relay()
        finally:
            finish.set()

    outcome = together(lambda: background.relay(limit=1), second)
    assert outcome.unexpected == []
    assert sorted(outcome.results) == [1, 5]
    assert len(ran) == 5


@pytest.mark.parametrize("moment", ["before the effect", "after the effect"])
def test_a_relay_that_dies_leaves_the_message_to_the_next_one(handlers, patient, moment):
    def die():
        if moment == "after the effect":
            count(patient)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    handlers["mark"] = die
    background.enqueue("mark", {})
    outcome = together(background.relay)
    assert len(outcome.unexpected) == 1
    assert marks(patient) == 0
    row = OutboxMessage.objects.get()
    assert (row.done_at, row.attempts) == (None, 0)
    handlers["mark"] = lambda: count(patient)
    assert background.relay() == 1
    assert marks(patient) == 1
    assert background.relay() == 0


def test_what_a_failing_handler_wrote_is_not_there_when_it_succeeds(handlers, patient):
    tries = []

    def stumble():
        count(patient)
        tries.append(1)
        if len(tries) < 3:
            raise ValueError

    handlers["stumble"] = stumble
    background.enqueue("stumble", {})
    for _ in range(3):
        OutboxMessage.objects.update(due_at="2020-01-01T00:00:00Z")
        background.relay()
    assert (len(tries), marks(patient)) == (3, 1)


def test_nobody_runs_what_is_not_committed(handlers):
    ran, written, checked = [], threading.Event(), threading.Event()
    handlers["note"] = lambda: ran.append(1)

    def writer():
        with transaction.atomic():
            background.enqueue("note", {})
            written.set()
            assert checked.wait(30)

    def reader():
        assert written.wait(30)
        try:
            return background.relay()
        finally:
            checked.set()

    outcome = together(writer, reader)
    assert outcome.unexpected == []
    assert ran == []
    assert background.relay() == 1
