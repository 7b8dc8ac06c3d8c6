"""The lists of the registry and the schedule as files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.http import QueryDict

from clinics.services.schedules import publish_schedule
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import ANONYMOUS, SYSTEM
from cluster_portal.common.errors import Forbidden, Invalid
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.reports.exports import control
from cluster_portal.reports.services.asking import find_report, run_report
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

WEEK, PATTERNS = "clinics.week", "clinics.patterns"


@pytest.fixture
def schedule():
    make.make_cluster()
    every_day = tuple((day, "09:00", "11:00") for day in range(1, 8))
    schedule = make.make_schedule(hours=every_day, works_on_holidays=True)
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    return schedule


@pytest.fixture
def clinic(schedule):
    return schedule.service.clinic


@pytest.fixture
def staff(client, clinic):
    client.force_login(make.make_member(Role.MANAGER, organization=clinic.organization))
    return client


def read(client, control):
    answer = client.post(control.url, {"file_format": "csv"})
    assert answer.status_code == 303
    assert runner.run_next()
    job = Job.objects.latest("created_at")
    assert (job.state, job.error) == ("done", "")
    text = default_storage.open(job.file).read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def test_the_week_has_every_time_that_the_grid_counts(staff, schedule):
    page = staff.get("/schedule/", {"week": make.at(8).date().isoformat()})
    rows = read(staff, page.context["export"])
    week = page.context["week"]
    assert len(rows) == sum(len(cell.pips) for line in week.lines for cell in line.cells) > 0
    assert {row[0] for row in rows} == {line.practitioner.full_name for line in week.lines}
    assert rows[0][3:5] == ["09:00", "09:20"]
    assert sum(int(row[9]) for row in rows) == week.places


def test_the_patterns_as_the_page_lists_them(staff, schedule, clinic):
    other = make.make_schedule(
        service=make.make_service(clinic, "therapy"), slot_minutes=30, valid_to=make.at(9).date()
    )
    make.make_schedule(service=make.make_service(clinic, "over"), valid_to=make.at(-1).date())
    page = staff.get("/schedule/patterns/")
    rows = read(staff, page.context["export"])
    listed = page.context["patterns"]
    assert [row[0] for row in rows] == [pattern.practitioner.full_name for pattern in listed]
    assert [[int(cell) for cell in row[13:]] for row in rows] == [[p.published, p.drafts] for p in listed]
    by_service = {row[2]: row for row in rows}
    every_day = by_service[schedule.service.service_type.name]
    assert (every_day[5], every_day[8]) == (
        "пн, вт, ср, чт, пт, сб, вс 09:00–11:00",
        str(schedule.valid_from),
    )
    short = by_service[other.service.service_type.name]
    assert short[5:7] == ["пн, ср 09:00–13:00", "30"]
    assert short[9:13] == [str(other.valid_to), "40", "50", "10"]
    assert len(rows) == 2


@pytest.mark.parametrize("code", [WEEK, PATTERNS])
def test_a_strangers_schedule_is_not_there(clinic, code):
    stranger = make.make_actor(Role.MANAGER)
    asked = {"clinic": str(clinic.pk)} | ({"week": "2026-11-23"} if code == WEEK else {})
    with pytest.raises(Invalid) as caught:
        run_report(stranger, code=code, parameters=asked, file_format="csv")
    assert list(caught.value.errors) == ["clinic"]


@pytest.mark.parametrize(
    "query", ["", "q=кардиолог", "ownership=state&ownership=foreign", "town=Нигде", "within=7"]
)
def test_the_catalogue_as_filtered(staff, schedule, query):
    for ownership in ("state", "private", "foreign"):
        make.make_slot(make.make_service(make.make_clinic(make.make_organization(ownership=ownership))))
    page = staff.get(f"/clinics/?{query}&page=1")
    rows = read(staff, page.context["export"])
    assert [row[0] for row in rows] == [entry.clinic.name for entry in page.context["found"].entries]
    assert bool(rows) == ("Нигде" not in query)


def test_visitors_have_no_such_button(client, schedule):
    assert control(ANONYMOUS, "clinics.catalogue", QueryDict()) is None
    assert "/exports/" not in client.get("/clinics/").text
    assert client.post("/exports/clinics.catalogue/", {"file_format": "csv"}).status_code == 401


def test_own_services_and_licences(staff, clinic):
    page = staff.get("/my-clinic/")
    services = read(staff, page.context["services_export"])
    licences = read(staff, page.context["licences_export"])
    sites = page.context["sites"]
    assert [row[1] for row in services] == [r.service.service_type.name for s in sites for r in s.services]
    assert [row[1] for row in licences] == [r.licence.number for s in sites for r in s.licences]
    assert services and licences


@pytest.mark.parametrize("code", [WEEK, PATTERNS, "clinics.own_services", "clinics.own_licences"])
def test_whoever_serves_nobody_owns_nothing(code, django_user_model):
    from cluster_portal.common.actor import resolve_actor

    nobody = resolve_actor(user=make.make_user())
    with pytest.raises(Forbidden):
        find_report(nobody, code)


@pytest.mark.parametrize(
    "code", ["clinics.catalogue", "clinics.own_services", "clinics.own_licences", WEEK, PATTERNS]
)
def test_queries_do_not_grow(schedule, clinic, code, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    actor = make.make_actor(Role.MANAGER, organization=clinic.organization)
    asked = {"clinic": str(clinic.pk)} if code in {WEEK, PATTERNS} else {}
    if code == WEEK:
        asked["week"] = make.at(8).date().isoformat()
    report = find_report(actor, code)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            rows = list(report.rows(actor, report.check(actor, asked)))
        return len(queries), len(rows)

    cost()
    queries, few = cost()
    for n in range(30):
        service = make.make_service(clinic if "own" in code else None, f"type-{n}")
        make.make_licence(service.clinic, "therapy")
        if code == PATTERNS:
            make.make_schedule(service=make.make_service(clinic, f"planned-{n}"))
        if code == WEEK:
            start = make.at(8, 12 + n // 6, n % 6 * 10)
            end = start + timedelta(minutes=10)
            make.make_slot(schedule.service, start=start, end=end, practitioner=schedule.practitioner)
    more, many = cost()
    assert more == queries
    assert many >= few + 30
