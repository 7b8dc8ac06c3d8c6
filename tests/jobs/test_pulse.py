"""The pulse of a running job, with real connections."""

from __future__ import annotations

import threading
import time

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections

from cluster_portal.jobs import progress as pulse
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.services import cancel_job, start_job

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def real_pulse(settings, monkeypatch):
    settings.JOBS_PULSE = True
    monkeypatch.setattr(pulse, "BEAT", 0.1)


def running(step, work, actor):
    """A job that runs in another thread; what it came to stands in the row afterwards."""
    work.step = step
    job = start_job(actor, kind="tests.work", params={})
    begun = threading.Event()
    work.begun = begun

    def other():
        try:
            runner.run_next()
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    return job, thread


def test_progress_is_seen_while_it_runs(work, actor):
    def step(progress):
        progress.expect(200)
        progress.tick(50)
        work.begun.set()
        while Job.objects.get().percent != 25:
            time.sleep(0.02)

    job, thread = running(step, work, actor)
    thread.join(20)
    assert not thread.is_alive()
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 50)


def test_a_cancelled_job_stops_in_the_middle_of_a_long_query(work, actor):
    def step(progress):
        work.begun.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    job, thread = running(step, work, actor)
    cancel_job(actor, job_id=job.pk)
    thread.join(20)
    assert not thread.is_alive()
    job.refresh_from_db()
    assert (job.state, job.file, job.error) == ("cancelled", "", "")
    assert not default_storage.exists("jobs") or default_storage.listdir("jobs")[1] == []


def test_a_cancelled_job_stops_between_two_rows(work, actor):
    def step(progress):
        work.begun.set()
        while True:
            progress.tick()
            time.sleep(0.01)

    job, thread = running(step, work, actor)
    cancel_job(actor, job_id=job.pk)
    thread.join(20)
    assert not thread.is_alive()
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_job_that_takes_too_long_says_so(work, actor, monkeypatch):
    monkeypatch.setattr(pulse, "LONGEST", 0.2)

    def step(progress):
        work.begun.set()
        while True:
            progress.tick()
            time.sleep(0.01)

    job, thread = running(step, work, actor)
    thread.join(20)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "too_long")


def test_many_workers_take_each_job_once(work, actor):
    for n in range(40):
        start_job(actor, kind="tests.work", params={"n": n})

    def other():
        try:
            runner.work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=other) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(work.runs) == len(set(work.runs)) == 40
    assert Job.objects.filter(state="done").count() == 40
