"""The dictionaries of reasons for regional systems, and what a wrong code is answered."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Reason
from tests.api.support import PROBLEM, Caller
from tests.factories import patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


@pytest.fixture
def caller(pair):
    return Caller(pair.target.organization)


def test_a_dictionary_by_its_kind_in_its_order(caller):
    found = caller.get("/api/v1/reasons/?kind=reject").json()["results"]
    assert [row["code"] for row in found] == [
        "inappropriate", "not_indicated", "prerequisites", "out_of_scope", "no_licence", "other",
    ]  # fmt: skip
    assert found[-1]["name"] == {"ru": "другое", "en": "other", "kk": "басқа"}
    assert (found[-1]["needs_comment"], found[-1]["cancels_appointment"]) == (True, True)
    assert caller.get(f"/api/v1/reasons/{found[0]['id']}/").json() == found[0]


def test_past_ones_are_there_and_valid_on_leaves_them_out(caller):
    yesterday = timezone.localdate() - timedelta(days=1)
    Reason.objects.filter(kind="late", code="tests").update(valid_to=yesterday)
    every = caller.get("/api/v1/reasons/?kind=late").json()["results"]
    now = caller.get(f"/api/v1/reasons/?kind=late&valid_on={timezone.localdate()}").json()["results"]
    assert {row["code"] for row in every} - {row["code"] for row in now} == {"tests"}


def test_a_list_costs_the_same_however_long(caller):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert caller.get("/api/v1/reasons/?kind=cancel").status_code == 200
        return len(queries)

    one = cost()
    Reason.objects.bulk_create(Reason(kind="cancel", code=f"r{n}", name_ru=f"r{n}") for n in range(30))
    assert cost() == one


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "nonsense"}, "reason"),
        ({"reason": "tests_outdated"}, "reason"),
        ({"reason": "other"}, "comment"),
        ({}, "reason"),
    ],
)
def test_a_wrong_reason_is_a_problem_at_its_field(caller, pair, body, field):
    Reason.objects.create(
        kind="reject",
        code="tests_outdated",
        name_ru="устарели",
        valid_to=timezone.localdate() - timedelta(days=1),
    )
    referral = pair.referral("submitted")
    answer = caller.post(f"/api/v1/referrals/{referral.pk}/reject/", body)
    assert answer["Content-Type"] == PROBLEM and answer.status_code in (400, 422)
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_booked_one_is_rejected_with_a_reason_that_gives_its_time_back(caller, pair):
    slot = pair.slot()
    referral = pair.referral("booked", slot=slot)
    address = f"/api/v1/referrals/{referral.pk}/"
    assert "reject" in caller.get(address).json()["available_actions"]
    answer = caller.post(f"{address}reject/", {"reason": "prerequisites"})
    assert [error["field"] for error in answer.json()["errors"]] == ["reason"]
    answer = caller.post(f"{address}reject/", {"reason": "not_indicated"})
    assert (answer.json()["state"], answer.json()["appointment_at"]) == ("rejected", None)
    assert patients.taken_and_occupied(slot) == (0, 0)


def test_booking_late_asks_for_a_code(caller, pair):
    referral, slot = pair.referral("accepted", due_on=timezone.localdate()), pair.slot()
    address = f"/api/v1/referrals/{referral.pk}/book/"
    answer = caller.post(address, {"slot": str(slot.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "late_reason_required")
    answer = caller.post(address, {"slot": str(slot.pk), "late_code": "no_time"})
    assert (answer.json()["state"], answer.json()["late_code"]) == ("booked", "no_time")
