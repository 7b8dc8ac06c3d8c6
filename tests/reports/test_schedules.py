"""Reports that come by themselves."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from clinics.models import Membership
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.services import take_file
from cluster_portal.notifications.models import Notice
from cluster_portal.reports.calendar import next_run
from cluster_portal.reports.models import Schedule
from cluster_portal.reports.services.schedules import create_schedule, run_due, switch_schedule
from tests.factories import clinics

ASKED = {"since": "2026-11-01"}


@pytest.mark.parametrize(
    ("fields", "after", "expected"),
    [
        # Seven in Sakhalin is 20:00 UTC of the day before.
        ({"frequency": "daily"}, "2026-11-22T19:59", "2026-11-22T20:00"),
        ({"frequency": "daily"}, "2026-11-22T20:00", "2026-11-23T20:00"),
        # The 22nd is a Sunday in Sakhalin from 13:00 UTC of the 21st on.
        ({"frequency": "weekly", "weekday": 1}, "2026-11-22T00:00", "2026-11-22T20:00"),
        ({"frequency": "weekly", "weekday": 7}, "2026-11-22T00:00", "2026-11-28T20:00"),
        ({"frequency": "monthly", "day": 31}, "2026-02-01T00:00", "2026-02-27T20:00"),
        ({"frequency": "monthly", "day": 1}, "2026-12-01T00:00", "2026-12-31T20:00"),
        (
            {"frequency": "daily", "hour": 2, "time_zone": "Europe/Berlin"},
            "2026-03-28T23:00",
            "2026-03-29T01:00",
        ),
    ],
)
def test_the_next_moment(fields, after, expected):
    schedule = Schedule(**{"hour": 7, "time_zone": "Asia/Sakhalin"} | fields)
    moment = dt.datetime.fromisoformat(after).replace(tzinfo=dt.UTC)
    assert next_run(schedule, moment) == dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC)


@pytest.fixture
def colleague(office):
    organization = Membership.objects.get(user_id=office.user_id).organization
    return clinics.make_actor("office", organization=organization)


def make(actor, **fields):
    defaults = {"code": "tests.example", "parameters": ASKED, "file_format": "csv", "frequency": "daily"}
    return create_schedule(actor, **defaults | fields)


def due(schedule):
    Schedule.objects.filter(pk=schedule.pk).update(next_at=timezone.now() - dt.timedelta(days=3))


@pytest.mark.django_db
def test_it_runs_once_for_all_missed_moments_and_tells_both(example, office, colleague, mailoutbox):
    schedule = make(office, recipients=[colleague.user_id])
    assert run_due() == 0
    due(schedule)
    assert run_due() == 1
    assert run_due() == 0
    assert runner.work() == 1
    relay()
    job = Job.objects.get()
    schedule.refresh_from_db()
    assert schedule.last_job_id == job.pk
    assert schedule.next_at > timezone.now()
    assert set(Notice.objects.values_list("user_id", flat=True)) == {office.user_id, colleague.user_id}
    assert take_file(colleague, job_id=job.pk)
    assert len(mailoutbox) == 2
    for letter in mailoutbox:
        assert "Иванов" not in letter.body
        assert "Пример: отчёт" in letter.body


@pytest.mark.django_db
def test_who_left_gets_nothing_more(example, office, colleague):
    schedule = make(office, recipients=[colleague.user_id])
    Membership.objects.filter(user_id=colleague.user_id).update(is_active=False)
    due(schedule)
    run_due()
    assert Job.objects.get().shared_with == [office.user_id]


@pytest.mark.django_db
def test_a_schedule_of_somebody_who_lost_the_right_is_stopped(example, office):
    schedule = make(office)
    Membership.objects.filter(user_id=office.user_id).update(role="referrer")
    due(schedule)
    run_due()
    schedule.refresh_from_db()
    assert (schedule.is_active, Job.objects.count()) == (False, 0)
    assert schedule.stopped


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"frequency": "weekly"}, "weekday"),
        ({"frequency": "monthly"}, "day"),
        ({"file_format": "doc"}, "file_format"),
        ({"recipients": [uuid.uuid4()]}, "recipients"),
        ({"parameters": {}}, "since"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(example, office, fields, field):
    with pytest.raises(Invalid) as caught:
        make(office, **fields)
    assert list(caught.value.errors) == [field]


@pytest.mark.django_db
def test_only_its_owner_switches_it(example, office, colleague):
    schedule = make(office)
    with pytest.raises(NotFound):
        switch_schedule(colleague, schedule_id=schedule.pk, on=False)
    assert switch_schedule(office, schedule_id=schedule.pk, on=False).is_active is False
    assert switch_schedule(office, schedule_id=schedule.pk, on=True).is_active is True


@pytest.mark.django_db
def test_programs_have_no_schedules(example):
    from cluster_portal.common.actor import resolve_actor

    clinics.make_cluster()
    with pytest.raises(Forbidden):
        make(resolve_actor(client=clinics.make_client(), scopes=frozenset()))
