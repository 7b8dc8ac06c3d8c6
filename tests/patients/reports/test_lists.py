"""The lists of patients and referrals as files: the page's rows, all of them, and nobody else's."""

from __future__ import annotations

import csv
import io
from types import GeneratorType

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common import identifiers
from cluster_portal.common.actor import resolve_actor
from cluster_portal.common.errors import Forbidden, Invalid
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.reports import base
from cluster_portal.reports.exports import control
from cluster_portal.reports.services.asking import find_report, run_report
from cluster_portal.web.middleware import ORGANIZATION_KEY
from patients.models import Referral
from patients.selectors import worklists
from patients.states import ReferralState
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

SENT, RECEIVED = "patients.referrals_sent", "patients.referrals_received"
SIDES = {worklists.OUT: SENT, worklists.IN: RECEIVED}
LISTS = [(side, key) for side, queues in worklists.QUEUES.items() for key in queues]


@pytest.fixture
def browse(client):
    """A browser in which this person acts for this organisation."""

    def as_(actor):
        client.force_login(User.objects.get(pk=actor.user_id))
        session = client.session
        session[ORGANIZATION_KEY] = str(actor.organization_id)
        session.save()
        return client

    return as_


def lines(actor, code, asked):
    """The rows of the file, by the names of its columns."""
    report = find_report(actor, code)
    params = report.check(actor, asked)
    names = [column.name for column in report.columns(actor, params)]
    return [dict(zip(names, row, strict=True)) for row in report.rows(actor, params)]


def exported(client, address):
    """The file that the button of a list gives: presses it, lets the worker work, reads the file."""
    page = client.get(address)
    answer = client.post(page.context["export"].url, {"file_format": "csv"})
    assert answer.status_code == 303
    assert runner.run_next()
    job = Job.objects.latest("created_at")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.state, job.error) == ("done", "")
    text = default_storage.open(job.file).read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:], page


def every_state(pair, times=1):
    for n, state in enumerate(list(ReferralState) * times):
        pair.referral(
            state, due_on=at(-3 + n % 7).date(), patient=patients.make_patient(pair.source.organization)
        )


@pytest.mark.parametrize(("side", "key"), LISTS)
def test_each_tab_is_told_row_by_row(pair, browse, side, key):
    every_state(pair, times=2)
    client = browse(pair.referrer if side == worklists.OUT else pair.coordinator)
    rows, page = exported(client, f"/referrals/{side}/{key}/")
    assert [row[0] for row in rows] == [row.number for row in page.context["page"]]
    assert [row[1] for row in rows] == [row.patient for row in page.context["page"]]
    assert [row[8] for row in rows] == [str(row.label) for row in page.context["page"]]
    if key == "all":
        assert len(rows) >= 10


@pytest.mark.parametrize(
    "query",
    [
        "state=booked",
        "priority=urgent",
        "q=Ёлкина",
        "q=нет-такого",
        "priority=nonsense&state=booked",
        "created_from=2100-01-01",
        "cursor=&state=submitted",
    ],
)
def test_the_filters_of_the_page_are_those_of_the_file(pair, browse, query):
    every_state(pair)
    other = patients.make_patient(pair.source.organization, family="Ёлкина", given="Зоя")
    pair.referral("submitted", patient=other, priority="urgent")
    rows, page = exported(browse(pair.referrer), f"/referrals/out/all/?{query}")
    assert [row[0] for row in rows] == [row.number for row in page.context["page"]]


def test_the_file_has_the_order_of_the_page(pair, browse):
    every_state(pair, times=2)
    for n, referral in enumerate(Referral.objects.filter(state="booked")):
        Referral.objects.filter(pk=referral.pk).update(state_since=at(-n))
    rows, page = exported(browse(pair.referrer), "/referrals/out/booked/?sort=waiting")
    shown = [row.number for row in page.context["page"]]
    assert [row[0] for row in rows] == shown and len(shown) == 2


def test_the_file_has_every_page(pair, browse, monkeypatch):
    monkeypatch.setattr("cluster_portal.web.pagination.page_of.__defaults__", (2,))
    for _n in range(5):
        pair.referral("submitted")
    rows, page = exported(browse(pair.referrer), "/referrals/out/submitted/")
    assert (len(page.context["page"]), len(rows)) == (2, 5)


def test_a_stranger_gets_nothing_of_it(pair, browse):
    every_state(pair)
    stranger = clinics.make_actor(Role.COORDINATOR)
    for code in (SENT, RECEIVED):
        assert lines(stranger, code, {}) == []
    assert lines(stranger, "patients.patients", {}) == []
    assert lines(stranger, "patients.patients", {"q": pair.patient.snils}) == []
    with pytest.raises(Invalid) as caught:
        lines(stranger, "patients.arrivals", {"clinic": str(pair.target.pk), "day": at(0).date().isoformat()})
    assert list(caught.value.errors) == ["clinic"]
    # The receiving side sees nothing that has not been sent to it.
    assert {row["state"] for row in lines(pair.coordinator, RECEIVED, {})}.isdisjoint(
        {ReferralState.DRAFT.label}
    )


@pytest.mark.parametrize("role", ["office", "analyst"])
def test_the_clusters_own_people_have_no_such_file(role, browse):
    actor = clinics.make_actor(role)
    for code in (SENT, RECEIVED, "patients.patients", "patients.arrivals"):
        assert control(actor, code, QueryDict()) is None
        with pytest.raises(Forbidden):
            run_report(actor, code=code, parameters={}, file_format="csv")
        assert browse(actor).post(f"/exports/{code}/", {"file_format": "csv"}).status_code == 403


def test_patients_as_the_list_shows_them(pair, browse):
    patients.make_patient(pair.source.organization, family="Ёлкина", given="Зоя")
    client = browse(pair.referrer)
    rows, page = exported(client, "/patients/")
    assert [row[0] for row in rows] == [patient.full_name for patient in page.context["page"]]
    assert [row[2] for row in rows] == [identifiers.mask(p.snils) for p in page.context["page"]]
    assert not any(pair.patient.snils in cell or pair.patient.enp in cell for row in rows for cell in row)
    rows, page = exported(client, "/patients/?q=елкина")
    assert len(rows) == len(page.context["page"]) == 1


def test_the_button_follows_the_search(pair, browse):
    fragment = browse(pair.referrer).get("/patients/", {"q": "елкина"}, HTTP_HX_REQUEST="true").text
    assert 'hx-swap-oob="true"' in fragment
    assert "q=%D0%B5%D0%BB" in fragment


def test_the_day_of_a_clinic(pair, browse):
    later = pair.referral("booked", slot=pair.slot(at(0, 23, 50)))
    first = pair.referral("booked", slot=pair.slot(at(0, 0, 1), room="401"))
    tomorrow = pair.referral("booked", slot=pair.slot(at(1, 9)))
    client = browse(pair.coordinator)
    rows, _page = exported(client, "/arrivals/")
    assert [(row[0], row[3]) for row in rows] == [("00:01", first.number), ("23:50", later.number)]
    assert rows[0][7] == "401"
    rows, _page = exported(client, f"/arrivals/?day={at(1).date()}")
    assert [row[3] for row in rows] == [tomorrow.number]


@pytest.mark.parametrize("code", [SENT, "patients.patients", "patients.arrivals"])
def test_queries_do_not_grow_and_rows_are_streamed(pair, code):
    actor = pair.coordinator if code == "patients.arrivals" else pair.referrer
    asked = {"clinic": str(pair.target.pk), "day": at(0).date().isoformat()} if "arrivals" in code else {}
    report = find_report(actor, code)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            params = report.check(actor, asked)
            found = report.rows(actor, params)
            assert isinstance(found, map | GeneratorType)
            assert report.count(actor, params) == sum(1 for _row in found)
        assert any("CURSOR" in query["sql"] for query in queries)
        return len(queries)

    pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    report.check(actor, asked)
    one = cost()
    for n in range(30):
        patient = patients.make_patient(pair.source.organization)
        pair.referral("booked", patient=patient, slot=pair.slot(at(0, 1, n)))
    assert cost() == one


def test_by_rest(pair, browse):
    every_state(pair)
    client = browse(pair.referrer)
    listed = {report["code"] for report in client.get("/api/v1/reports/").json()}
    assert SENT not in listed
    names = [one["name"] for one in client.get(f"/api/v1/reports/{SENT}/").json()["parameters"]]
    assert names[:3] == ["queue", "q", "state"]

    def ask(**parameters):
        body = {"format": "json", "parameters": parameters}
        return client.post(f"/api/v1/reports/{SENT}/runs/", body, content_type="application/json")

    assert ask(queue="all", state="booked").status_code == 202
    runner.work()
    job = Job.objects.get()
    assert (job.state, job.rows) == ("done", 1)
    # A list forgives; a program is told.
    for wrong in ({"queue": "drafts", "state": "booked"}, {"priority": "nonsense"}, {"queue": "none"}):
        assert ask(**wrong).status_code == 400


@pytest.mark.parametrize("code", [SENT, "patients.patients"])
def test_a_program_needs_the_scope_of_what_it_exports(pair, code):
    program = clinics.make_client(pair.source.organization)
    narrow = resolve_actor(client=program, scopes=frozenset({"reports:write"}))
    with pytest.raises(Forbidden):
        run_report(narrow, code=code, parameters={}, file_format="csv")
    wide = resolve_actor(
        client=program, scopes=frozenset({"reports:write", "referrals:read", "patients:read"})
    )
    assert run_report(wide, code=code, parameters={}, file_format="csv").state == "queued"


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_it_speaks_the_readers_language(pair, language):
    pair.referral("booked", slot=pair.slot(at(1)))
    with translation.override(language):
        (line,) = lines(pair.referrer, SENT, {"queue": "booked"})
        assert str(line["state"]) == ReferralState.BOOKED.label
        assert line["visit_at"] == "09:00"


def test_exports_have_no_page_of_their_own(pair, browse):
    client = browse(pair.referrer)
    assert client.get(f"/reports/{SENT}/").status_code == 404
    assert client.post("/exports/patients.waits/", {"file_format": "csv"}).status_code in (403, 404)
    assert client.post(f"/exports/{SENT}/", {"file_format": "exe"}).status_code in (400, 422)
    assert not Job.objects.exists()
    assert find_report(pair.referrer, SENT) not in base.catalogue(pair.referrer)
