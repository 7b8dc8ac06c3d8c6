"""News of work: after the commit, once, and never waited for."""

import socket

import pytest
from django.db import transaction

from cluster_portal.celery import app
from cluster_portal.common import news, redis

RELAY, WORK = "cluster_portal.common.tasks.relay", "cluster_portal.jobs.tasks.work"


@pytest.fixture
def sent(monkeypatch, settings):
    settings.OUTBOX_NUDGE = True
    names = []
    monkeypatch.setattr(news, "_send", names.append)
    return names


@pytest.mark.django_db
def test_one_transaction_tells_of_its_work_once(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            news.tell_after_commit(RELAY)
        news.tell_after_commit(WORK)
        assert sent == []
    assert sent == [RELAY, WORK]
    with django_capture_on_commit_callbacks(execute=True):
        news.tell_after_commit(RELAY)
    assert sent == [RELAY, WORK, RELAY]


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_rolled_back_takes_only_its_own_news(sent):
    class Never(Exception):
        pass

    def written_in_vain():
        with pytest.raises(Never), transaction.atomic():
            news.tell_after_commit(RELAY)
            raise Never

    with transaction.atomic():
        written_in_vain()
    assert sent == []
    with transaction.atomic():
        written_in_vain()
        news.tell_after_commit(RELAY)
        written_in_vain()
    assert sent == [RELAY]


def test_news_reaches_the_queue_of_its_task(settings):
    settings.OUTBOX_NUDGE = True
    client = redis.client()
    for queue, task in (("celery", RELAY), ("jobs", WORK)):
        client.delete(queue)
        news.tell(task)
        assert client.llen(queue) == 1
        client.delete(queue)


def test_a_broker_that_is_away_is_asked_once_and_then_left_alone(monkeypatch, settings):
    settings.OUTBOX_NUDGE = True
    asked = []

    def refuse(task):
        asked.append(task)
        raise redis.BrokerError("no route")

    monkeypatch.setattr(news, "_send", refuse)
    try:
        for _ in range(5):
            news.tell(WORK)
        assert asked == [WORK]
        redis.forget_failure()
        news.tell(WORK)
        assert asked == [WORK, WORK]
    finally:
        redis.forget_failure()


def test_news_does_not_wait_for_a_broker_that_refuses_or_is_silent(monkeypatch):
    """Kombu left alone sleeps two seconds before it gives up, and reads from a silent broker for ever."""
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: pytest.fail("it sleeps"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (9, silent.getsockname()[1]):
            away = app.connection_for_write(f"redis://127.0.0.1:{port}/0", transport_options=news.AT_ONCE)
            monkeypatch.setattr(news, "_connection", lambda away=away: away)
            with pytest.raises(redis.FAILURES):
                news._send(WORK)


def test_workers_and_the_beat_find_a_broker_that_is_back_within_two_seconds(monkeypatch):
    """Kombu left alone would wait up to thirty, and celery would give up after a hundred tries."""
    waits = []
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    away = "redis://127.0.0.1:9/0"
    for connection in (app.connection_for_read(away), app.connection_for_write(away)):
        with pytest.raises(redis.BrokerError):
            connection.ensure_connection(lambda _exc, wait: waits.append(wait), max_retries=40)
    assert len(waits) == 80
    assert max(waits) == 2
    assert app.conf.broker_connection_max_retries is None
