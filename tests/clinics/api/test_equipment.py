"""Equipment for programs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.roles import Role
from tests.api.support import make_token
from tests.factories import clinics as make
from tests.factories.records import make_room

pytestmark = pytest.mark.django_db

LIST = "/api/v1/equipment/"


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_clinic()


@pytest.fixture
def program(client, clinic):
    granted = {"clinics:read", "clinics:write"}
    token = make_token(make.make_client(clinic.organization, allowed_scopes=sorted(granted)), granted)

    def call(method, address, data=None, **headers):
        headers["Authorization"] = f"Bearer {token}"
        return getattr(client, method)(address, data, content_type="application/json", headers=headers)

    return call


def test_a_unit_lives_through_the_api(program, clinic):
    kind = make.make_equipment(clinic).type
    body = {"inventory_number": "77-1", "clinic": str(clinic.pk), "type": kind.pk, "programme_year": 2026}
    made = program("post", LIST, body)
    assert made.status_code == 201 and made.json()["state"] == "planned"
    address = made["Location"]
    assert made.json()["available_actions"] == ["order"]
    assert program("post", f"{address}order/", {"comment": "Контракт"}).json()["state"] == "ordered"
    assert program("post", f"{address}deliver/", {}).json()["state"] == "delivered"
    assert program("post", f"{address}commission/", {}).json()["available_actions"] == [
        "report_fault",
        "write_off",
    ]
    broken = program("post", f"{address}report-fault/", {"comment": "Шумит"}).json()
    assert (broken["state"], broken["available_actions"]) == (
        "in_repair", ["return_to_work", "write_off", "expect_return"],
    )  # fmt: skip
    assert program("post", f"{address}expect-return/", {"expected_until": None}).status_code == 200
    assert program("post", f"{address}return-to-work/", {}).json()["state"] == "commissioned"
    late = program("post", f"{address}order/", {})
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")
    room = make_room(clinic, number="305")
    changed = program("patch", address, {"room": room.pk}, **{"If-Match": program("get", address)["ETag"]})
    assert (changed.json()["room"], changed.json()["room_number"]) == (str(room.pk), "305")
    foreign = program("patch", address, {"room": make_room().pk})
    assert (foreign.status_code, [error["field"] for error in foreign.json()["errors"]]) == (400, ["room"])


def test_the_service_log_is_read_and_written(program, clinic):
    address = f"{LIST}{make.make_equipment(clinic).pk}/service-log/"
    line = program("post", address, {"kind": "calibration", "cost": "900.50"})
    assert line.status_code == 201 and line.json()["cost"] == "900.50"
    (read,) = program("get", address).json()
    assert (read["kind"], read["id"]) == ("calibration", line.json()["id"])


def test_mistakes_are_told_at_their_fields(program, clinic):
    unit = make.make_equipment(clinic)
    body = {"inventory_number": unit.inventory_number, "clinic": str(clinic.pk), "type": unit.type_id}
    for wrong, field in (
        ({}, "inventory_number"), ({"type": "nothing"}, "type"), ({"clinic": str(make.make_clinic().pk)}, "clinic"),
        ({"ordered_on": "2999-01-01"}, "ordered_on"), ({"colour": "red"}, "colour"), ({"country": "QQ"}, "country"),
    ):  # fmt: skip
        answer = program("post", LIST, body | wrong)
        assert answer.status_code == 400, wrong
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_list_is_filtered_and_costs_the_same(program, clinic, django_assert_num_queries):
    make.make_equipment(clinic, "mri", state="planned", programme_year=2026)
    make.make_equipment(clinic, model="Ангара-128")
    make.make_equipment()
    assert len(program("get", LIST).json()["results"]) == 2
    for query in ("type=mri", "state=planned", "programme_year=2026", f"clinic={clinic.pk}&type=mri"):
        assert len(program("get", f"{LIST}?{query}").json()["results"]) == 1, query
    assert len(program("get", f"{LIST}?q=ангара-128").json()["results"]) == 1
    with CaptureQueriesContext(connection) as caught:
        program("get", LIST)
    for _n in range(28):
        make.make_equipment(clinic)
    with django_assert_num_queries(len(caught)):
        assert len(program("get", LIST).json()["results"]) == 30


def test_analysts_read_and_do_nothing(client, clinic):
    unit = make.make_equipment(clinic)
    client.force_login(make.make_member(Role.ANALYST))
    assert client.get(f"{LIST}{unit.pk}/").json()["available_actions"] == []
