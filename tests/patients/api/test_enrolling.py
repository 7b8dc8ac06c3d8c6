"""Many patients in one request: each row stands for itself, a repeated request registers nobody twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cluster_portal.api.me import MeView
from patients.models import Patient
from tests.api.support import Caller, assert_problem
from tests.factories.clinics import make_cluster
from tests.factories.patients import make_patient

pytestmark = pytest.mark.django_db
BULK = "/api/v1/patients/bulk/"
SNILS = "112-233-445 95"


@pytest.fixture
def caller() -> Caller:
    make_cluster()
    return Caller()


def row(number: int, **fields: object) -> dict[str, object]:
    return {
        "family": f"Пробн{'ая' * number}",
        "given": "Анна",
        "birth_date": f"1980-05-{number:02}",
        "sex": "f",
        **fields,
    }


def test_one_mistake_stops_no_other(caller):
    make_patient(snils="11223344595")
    rows = [row(1), row(2, snils=SNILS), row(3, sex="x"), row(4, colour="red"), row(5)]
    answer = caller.post(BULK, {"patients": rows})
    assert answer.status_code == 207
    told = answer.json()
    assert [(one["index"], one["status"]) for one in told] == [
        (0, 201),
        (1, 409),
        (2, 400),
        (3, 400),
        (4, 201),
    ]
    assert told[1]["problem"]["code"] and told[1]["patient"] is None
    assert [one["field"] for one in told[2]["problem"]["errors"]] == ["sex"]
    assert [one["field"] for one in told[3]["problem"]["errors"]] == ["colour"]
    registered = {one["patient"] for one in told if one["patient"]}
    assert registered == {
        str(pk)
        for pk in Patient.objects.filter(given="Анна", birth_date__day__in=[1, 5]).values_list(
            "pk", flat=True
        )
    }


def test_a_repeated_request_gets_the_stored_answer(caller):
    body, headers = {"patients": [row(1), row(2, sex="x"), row(3)]}, {"Idempotency-Key": "night-1"}
    first = caller.post(BULK, body, headers=headers)
    again = caller.post(BULK, body, headers=headers)
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (207, 207, "true")
    assert again.json() == first.json() and Patient.objects.count() == 2


def test_no_more_than_five_hundred(caller):
    assert_problem(caller.post(BULK, {"patients": [row(1)] * 501}), 400, "invalid")
    assert_problem(caller.post(BULK, {"patients": []}), 400, "invalid")
    assert not Patient.objects.exists()


def test_what_is_outdated_says_so(caller, monkeypatch):
    monkeypatch.setattr(MeView, "deprecated_since", datetime(2026, 11, 1, tzinfo=UTC))
    monkeypatch.setattr(MeView, "sunset_at", datetime(2027, 11, 1, tzinfo=UTC))
    answer = caller.get("/api/v1/me/")
    assert answer["Deprecation"] == "@1793491200" and answer["Sunset"] == "Mon, 01 Nov 2027 00:00:00 GMT"
