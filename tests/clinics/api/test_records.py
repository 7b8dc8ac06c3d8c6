"""Writing the registry by REST: at once by the office, as a request by an organisation."""

import pytest

from clinics.models import ChangeRequest
from clinics.services.records import update_clinic
from cluster_portal.accounts.roles import Role
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories.records import make_change

pytestmark = pytest.mark.django_db

NEW = {
    "name_ru": "Новый корпус", "short_name_ru": "Корпус", "type": "hospital", "address_ru": "ул. Мира, 1",
    "city_ru": "Холмск", "country": "RU", "lat": 47.05, "lon": 142.05, "time_zone": "Asia/Sakhalin",
}  # fmt: skip


@pytest.fixture(autouse=True)
def cluster():
    make.make_cluster()


@pytest.fixture
def clinic():
    return make.make_clinic(phone="0")


def version(caller, path):
    return {"If-Match": caller.get(path)["ETag"]}


def caller_of(clinic):
    return Caller(organization=clinic.organization)


def office(client):
    client.force_login(make.make_member(Role.OFFICE))
    return client


def test_a_program_s_patch_becomes_a_request(clinic):
    caller, path = caller_of(clinic), f"/api/v1/clinics/{clinic.pk}/"
    body = {"phone": "1", "opening_hours": {"1": ["08:00", "12:00"]}, "note": "Новый номер"}
    assert_problem(caller.patch(path, body), 428, "version_required")
    answer = caller.patch(path, body, headers=version(caller, path))
    assert answer.status_code == 202, answer.content
    change = ChangeRequest.objects.get()
    assert answer["Location"] == f"/api/v1/change-requests/{change.pk}/"
    shown = caller.get(answer["Location"]).json()
    assert shown["state"] == "pending" and shown["note"] == "Новый номер"
    assert shown["available_actions"] == ["withdraw"]
    rows = {row["field"]: row for row in shown["changes"]}
    assert (rows["phone"]["before"], rows["phone"]["after"], rows["phone"]["now"]) == ("0", "1", "0")
    clinic.refresh_from_db()
    assert clinic.phone == "0"
    again = caller.patch(path, {"phone": "2"}, headers=version(caller, path))
    assert_problem(again, 409, "change_pending")
    assert again.json()["change_request"] == str(change.pk)
    assert caller.post(f"/api/v1/change-requests/{change.pk}/withdraw/").json()["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phnoe": "1"}, "phnoe"), ({"beds": 3}, "beds"), ({"is_programme": True}, "is_programme"),
        ({"level": 7}, "level"), ({"type": "palace"}, "type"), ({"email": "no"}, "email"),
        ({"opening_hours": {"9": []}}, "opening_hours"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(clinic, body, field):
    caller, path = caller_of(clinic), f"/api/v1/clinics/{clinic.pk}/"
    problem = caller.patch(path, body, headers=version(caller, path))
    assert_problem(problem, 400, "invalid")
    assert [error["field"] for error in problem.json()["errors"]] == [field]


def test_the_office_writes_at_once_and_over_nobody(client, clinic):
    browser, path = office(client), f"/api/v1/clinics/{clinic.pk}/"
    read = browser.get(path)["ETag"]
    kind = "application/json"
    done = browser.patch(path, {"phone": "1"}, content_type=kind, headers={"If-Match": read})
    assert (done.status_code, done.json()["phone"]) == (200, "1")
    late = browser.patch(path, {"phone": "2"}, content_type=kind, headers={"If-Match": read})
    assert_problem(late, 412, "stale_version")
    organization = f"/api/v1/organizations/{clinic.organization_id}/"
    tag = browser.get(organization)["ETag"]
    done = browser.patch(organization, {"status": "suspended"}, content_type=kind, headers={"If-Match": tag})
    assert done.json()["status"] == "suspended"


def test_entering_asks_about_what_is_alike(client):
    browser, kind = office(client), "application/json"
    organization = make.make_organization()
    body = NEW | {"organization": str(organization.pk), "status": "planned"}
    made = browser.post("/api/v1/clinics/", body, content_type=kind)
    assert made.status_code == 201, made.content
    assert made.json()["status"] == "planned"
    assert browser.get(made["Location"]).status_code == 200
    twice = browser.post("/api/v1/clinics/", body, content_type=kind)
    assert_problem(twice, 409, "likely_duplicate")
    (one,) = twice.json()["candidates"]
    assert (one["id"], sorted(one["signs"]), one["metres"]) == (made.json()["id"], ["name", "near"], 0)
    sure = browser.post("/api/v1/clinics/", body | {"confirmed_distinct": True}, content_type=kind)
    assert sure.status_code == 201
    legal = {"name_ru": "Ясень", "short_name_ru": "Ясень", "ownership": "private", "country": "RU"}
    assert browser.post("/api/v1/organizations/", legal, content_type=kind).status_code == 201
    assert_problem(browser.post("/api/v1/organizations/", legal, content_type=kind), 409, "likely_duplicate")


def test_the_office_decides_and_is_told_of_conflicts(client, clinic):
    change, browser = make_change(clinic), office(client)
    path = f"/api/v1/change-requests/{change.pk}/"
    update_clinic(make.make_actor("office"), clinic_id=clinic.pk, data={"phone": "2"})
    answer = browser.post(f"{path}approve/", {}, content_type="application/json")
    assert_problem(answer, 409, "change_conflict")
    assert answer.json()["conflicts"] == [
        {"field": "phone", "before": "0", "now": "2", "after": "+7 4242 55-55-55"}
    ]
    shown = browser.get(path).json()
    assert shown["changes"][0]["conflicts"] is True
    body = {"overwrite": ["phone"], "record_updated_at": shown["record_updated_at"], "comment": "Верно"}
    done = browser.post(f"{path}approve/", body, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    clinic.refresh_from_db()
    assert clinic.phone == "+7 4242 55-55-55"
    refused = browser.post(f"{path}refuse/", {"comment": "Поздно"}, content_type="application/json")
    assert_problem(refused, 409, "illegal_transition")


def test_requests_are_the_organisation_s_own(client, clinic):
    change = make_change(clinic)
    assert [row["id"] for row in caller_of(clinic).get("/api/v1/change-requests/").json()["results"]] == [
        str(change.pk)
    ]
    stranger = Caller()
    assert stranger.get("/api/v1/change-requests/").json()["results"] == []
    assert stranger.get(f"/api/v1/change-requests/{change.pk}/").status_code == 404
    browser = office(client)
    assert browser.get("/api/v1/change-requests/?state=pending").json()["results"]
    assert browser.get("/api/v1/change-requests/?state=refused").json()["results"] == []


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_takes_few_queries(client, number, django_assert_max_num_queries):
    for _n in range(number):
        make_change()
    browser = office(client)
    browser.get("/api/v1/change-requests/")
    with django_assert_max_num_queries(5):
        assert len(browser.get("/api/v1/change-requests/").json()["results"]) == number
