"""Jobs from the question to the file: once, by whom it may be, and never lost."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from clinics.models import Membership
from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Conflict, Forbidden, IllegalTransition, NotFound
from cluster_portal.common.models import OutboxMessage
from cluster_portal.jobs import runner
from cluster_portal.jobs.errors import FileGone, NotReady
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.selectors import actions_of, jobs_of
from cluster_portal.jobs.services import cancel_job, retry_job, start_job, take_file
from tests.factories import clinics

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(work, actor):
    return start_job(actor, kind="tests.work", params={"n": 1})


def run(job):
    assert runner.run_next()
    job.refresh_from_db()
    return job


def test_a_job_ends_with_its_file(work, actor, job):
    assert (job.state, job.percent) == ("queued", None)
    run(job)
    assert (job.state, job.percent, job.attempts, job.worker) == ("done", 100, 1, None)
    assert default_storage.open(job.file).read().decode() == f"for {actor.name}"
    assert job.file_name == "Итог.txt"
    assert actions_of(actor, job) == ["download"]
    assert OutboxMessage.objects.filter(task=runner.ENDED, payload={"job": str(job.pk)}).count() == 1
    assert not runner.run_next()


def test_the_same_question_asked_five_times_runs_once(work, actor, job):
    again = [start_job(actor, kind="tests.work", params={"n": 1}) for _n in range(5)]
    assert {other.pk for other in again} == {job.pk}
    assert runner.work() == 1
    # Asked when it is answered, it is a new question.
    assert start_job(actor, kind="tests.work", params={"n": 1}).pk != job.pk


@pytest.mark.parametrize("other", ["params", "person", "language"])
def test_another_question_is_another_job(work, actor, job, other):
    asker = clinics.make_actor("manager") if other == "person" else actor
    params = {"n": 2 if other == "params" else 1}
    language = "kk" if other == "language" else None
    assert start_job(asker, kind="tests.work", params=params, language=language).pk != job.pk


def test_a_file_goes_to_its_owner_alone_and_the_journal_knows(work, actor, job):
    run(job)
    stranger = clinics.make_actor("manager")
    with pytest.raises(NotFound):
        take_file(stranger, job_id=job.pk)
    assert list(jobs_of(stranger)) == []
    assert take_file(actor, job_id=job.pk).file == job.file
    access = Access.objects.get(subject_type="job")
    assert (access.subject_id, access.user_id, access.purpose) == (job.pk, actor.user_id, "download")


def test_whom_it_is_shared_with_may_read_it_and_no_more(work, actor):
    organization = Membership.objects.get(user_id=actor.user_id).organization
    colleague = clinics.make_actor("manager", organization=organization)
    job = run(start_job(actor, kind="tests.work", params={}, shared_with=[colleague.user_id]))
    assert take_file(colleague, job_id=job.pk)
    assert actions_of(colleague, job) == ["download"]
    with pytest.raises(Forbidden):
        cancel_job(colleague, job_id=job.pk)


def test_who_lost_the_right_cannot_open_yesterdays_file(work, actor, job):
    run(job)
    work.allowed = False
    with pytest.raises(Forbidden):
        take_file(actor, job_id=job.pk)


def test_who_lost_the_right_meanwhile_gets_no_file(work, actor, job):
    Membership.objects.filter(user_id=actor.user_id).delete()
    run(job)
    assert (job.state, job.error_code, job.file) == ("failed", "forbidden", "")
    assert work.runs == []


def test_without_the_right_nothing_is_queued(work, actor):
    work.allowed = False
    with pytest.raises(Forbidden):
        start_job(actor, kind="tests.work", params={})
    assert not Job.objects.exists()


def test_a_mistake_of_ours_is_said_without_its_text(work, actor, job):
    def step(progress):
        raise RuntimeError("Иванов Иван")

    work.step = step
    run(job)
    assert (job.state, job.error_code) == ("failed", "internal")
    assert "Иванов" not in job.error
    assert job.error


def test_a_refusal_is_said_in_the_askers_language(work, actor):
    def step(progress):
        raise IllegalTransition

    work.step = step
    job = run(start_job(actor, kind="tests.work", params={}, language="ru"))
    assert (job.error_code, job.error) == (
        "illegal_transition",
        "Сейчас это действие невозможно: состояние изменилось.",
    )


def test_a_failed_job_can_be_tried_again(work, actor, job):
    work.step = lambda progress: 1 / 0
    run(job)
    work.step = lambda progress: progress.tick(7)
    retry_job(actor, job_id=job.pk)
    run(job)
    assert (job.state, job.rows, job.error) == ("done", 7, "")
    with pytest.raises(IllegalTransition):
        retry_job(actor, job_id=job.pk)


def test_what_failed_is_not_tried_again_beside_the_same_one(work, actor, job):
    work.step = lambda progress: 1 / 0
    run(job)
    start_job(actor, kind="tests.work", params={"n": 1})
    with pytest.raises(Conflict):
        retry_job(actor, job_id=job.pk)


def test_a_database_that_goes_away_puts_the_job_off(work, actor, job, monkeypatch):
    def step(progress):
        raise OperationalError

    work.step = step
    # The worker would drop its connection, and with it this test's transaction.
    monkeypatch.setattr(runner.connection, "close", lambda: None)
    run(job)
    assert (job.state, job.worker) == ("queued", None)
    assert job.due_at > timezone.now()
    assert not runner.run_next()


def test_a_cancelled_job_never_runs(work, actor, job):
    cancel_job(actor, job_id=job.pk)
    assert not runner.run_next()
    assert actions_of(actor, Job.objects.get()) == ["retry"]


def test_a_job_cancelled_while_it_runs_leaves_no_file(work, actor, job):
    work.step = lambda progress: cancel_job(actor, job_id=job.pk)
    run(job)
    assert (job.state, job.file) == ("cancelled", "")
    assert default_storage.listdir("jobs")[1] == []


def test_a_job_of_a_silent_worker_is_taken_over(work, actor, job):
    Job.objects.filter(pk=job.pk).update(
        state="running",
        worker=uuid.uuid4(),
        attempts=1,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    run(job)
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_with_a_living_worker_is_left_alone(work, actor, job):
    lease = timezone.now() + timedelta(seconds=10)
    Job.objects.filter(pk=job.pk).update(state="running", worker=uuid.uuid4(), lease_until=lease)
    assert not runner.run_next()


def test_who_lost_the_job_writes_nothing_more(work, actor, job):
    def step(progress):
        if len(work.runs) == 1:
            # Silent for too long: another worker takes it over and ends it.
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            assert runner.run_next()

    work.step = step
    run(job)
    assert len(work.runs) == 2
    assert (job.state, job.attempts) == ("done", 2)
    assert len(default_storage.listdir("jobs")[1]) == 1
    assert OutboxMessage.objects.filter(task=runner.ENDED).count() == 1


def test_what_kills_every_worker_is_given_up(work, actor, job):
    gone = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(
        state="running", worker=uuid.uuid4(), lease_until=gone, attempts=Job.MAX_ATTEMPTS
    )
    run(job)
    assert (job.state, job.error_code) == ("failed", "given_up")
    assert work.runs == []


def test_an_unknown_kind_is_said_in_words(work, actor, job):
    Job.objects.filter(pk=job.pk).update(kind="tests.gone")
    run(job)
    assert (job.state, job.error_code) == ("failed", "unknown_kind")


def test_no_file_before_the_end_and_none_after_a_month(work, actor, job):
    with pytest.raises(NotReady):
        take_file(actor, job_id=job.pk)
    run(job)
    Job.objects.filter(pk=job.pk).update(file_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(FileGone):
        take_file(actor, job_id=job.pk)
    path = job.file
    assert runner.sweep() == 1
    assert not default_storage.exists(path)
    with pytest.raises(FileGone):
        take_file(actor, job_id=job.pk)


def test_the_sweep_leaves_what_is_kept(work, actor, job):
    run(job)
    assert runner.sweep() == 0
    assert default_storage.exists(job.file)


def test_a_program_asks_and_fetches_too(work, db):
    clinics.make_cluster()
    client = clinics.make_client()
    from cluster_portal.common.actor import resolve_actor

    actor = resolve_actor(client=client, scopes=frozenset({"reports:write"}))
    job = run(start_job(actor, kind="tests.work", params={}))
    assert job.state == "done"
    assert take_file(actor, job_id=job.pk).file
