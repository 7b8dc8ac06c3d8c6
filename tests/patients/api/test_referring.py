"""Many new referrals in one request, and the numbers that an organisation's own system gives them."""

from __future__ import annotations

import pytest

from patients.models import PatientNumber, Referral
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories.patients import make_consent, make_pair, make_patient

pytestmark = pytest.mark.django_db
BULK, ONE, PATIENTS = "/api/v1/referrals/bulk/", "/api/v1/referrals/", "/api/v1/patients/"


@pytest.fixture
def pair():
    make.make_cluster()
    return make_pair()


@pytest.fixture
def caller(pair) -> Caller:
    return Caller(pair.source.organization)


@pytest.fixture
def row(pair):
    """A function that writes a row of a patient of the caller's."""
    patient = make_patient(pair.source.organization)
    make_consent(patient)

    def row(**fields: object) -> dict[str, object]:
        return {
            "patient": str(patient.pk), "service": str(pair.service.pk), "diagnosis_code": "I20.8",
            "reason": "Боли при ходьбе", "referrer_name": "Гусева Л. А.", **fields,
        }  # fmt: skip

    return row


def test_one_mistake_stops_no_other(caller, row) -> None:
    stranger = make_patient(make.make_organization())
    rows = [
        row(), row(patient=str(stranger.pk)), row(diagnosis_code="W"), row(colour="red"), {},
        row(submit=True), row(submit=True, reason=""), row(service="nothing"),
    ]  # fmt: skip
    answer = caller.post(BULK, {"referrals": rows})
    assert answer.status_code == 207, answer.content
    told = answer.json()
    assert [(one["index"], one["status"]) for one in told] == list(
        enumerate((201, 404, 400, 400, 400, 201, 400, 400))
    )
    assert [one["field"] for one in told[3]["problem"]["errors"]] == ["colour"]
    assert told[6]["problem"]["errors"][0]["field"] == "reason", "one that cannot be sent is not left behind"
    made = {one["referral"]: one["number"] for one in told if one["referral"]}
    assert made == {str(one.pk): one.number for one in Referral.objects.all()}
    assert Referral.objects.get(state="draft") and Referral.objects.exclude(state="draft").get().submitted_at


def test_a_repeated_request_and_a_repeated_row_write_nothing_twice(caller, row) -> None:
    body = {
        "referrals": [row(own_number="A-1"), row(own_number="A-1"), row(own_number="A-1", own_system="lab")]
    }
    first, again = (caller.post(BULK, body, headers={"Idempotency-Key": "night"}) for _ in range(2))
    assert again["Idempotency-Replayed"] == "true" and again.json() == first.json()
    told = first.json()
    assert [one["status"] for one in told] == [201, 409, 201]
    assert told[1]["problem"]["code"] == "already_referred"
    assert told[1]["problem"]["referral"] == told[0]["referral"], (
        "a system that lost the answer finds its row"
    )
    once_more = caller.post(BULK, body, headers={"Idempotency-Key": "another"})
    assert [one["status"] for one in once_more.json()] == [409, 409, 409]
    assert Referral.objects.count() == 2


def test_acts_are_what_they_were_and_a_refused_body_says_so(caller, pair) -> None:
    referral = pair.referral("draft")
    done = caller.post(
        BULK, {"act": "cancel", "referrals": [str(referral.pk)], "reason": "other", "comment": "нет"}
    )
    assert done.status_code == 200, done.content
    for body in ({"referrals": []}, {"referrals": [{}] * 501}, {}, {"referrals": "x"}, {"act": "explode"}):
        assert_problem(caller.post(BULK, body), 400, "invalid")


def test_the_cost_of_a_row_is_constant(caller, row, django_assert_max_num_queries) -> None:
    caller.post(BULK, {"referrals": [row()]})
    for number in (1, 10):
        with django_assert_max_num_queries(6 + 14 * number):
            assert len(caller.post(BULK, {"referrals": [row()] * number}).json()) == number


def test_own_numbers_are_the_organisations_own(caller, row) -> None:
    made = caller.post(ONE, row(own_number="A-7", own_system="urn:his")).json()
    assert (made["own_number"], made["own_system"]) == ("A-7", "urn:his")
    assert_problem(caller.post(ONE, row(own_number="A-7", own_system="urn:his")), 409, "already_referred")
    [found] = caller.get(ONE, {"own_number": "A-7", "own_system": "urn:his"}).json()["results"]
    assert found["id"] == made["id"]
    other = caller.post(ONE, row()).json()
    refused = caller.patch(f"{ONE}{other['id']}/", {"own_number": "A-7", "own_system": "urn:his"})
    assert_problem(refused, 409, "already_referred")


def test_a_patient_comes_with_the_numbers_of_ones_own_system(caller) -> None:
    person = {
        "family": "Пробная",
        "given": "Анна",
        "birth_date": "1980-05-01",
        "sex": "f",
        "numbers": ["К-1", "К-2"],
    }
    made = caller.post(PATIENTS, person).json()
    assert [one["number"] for one in made["numbers"]] == ["К-1", "К-2"]
    [found] = caller.get(PATIENTS, {"number": "К-2"}).json()["results"]
    assert found["id"] == made["id"]
    taken = caller.post(PATIENTS, person | {"given": "Ольга", "ignore_similar": True})
    assert_problem(taken, 409, "number_taken")
    assert PatientNumber.objects.count() == 2
