"""A hospital system refers a patient and books a time at another clinic, by REST alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.audit.models import Access
from patients.models import Booking, Patient, Referral
from patients.services.emergency import FAILURES_OF_ORGANIZATION
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories import patients as make_people

pytestmark = pytest.mark.django_db


def patient_body(n: int = 1) -> dict:
    return {
        "family": "Пак", "given": "Мария", "patronymic": "Олеговна", "birth_date": "1980-05-17", "sex": "f",
        "snils": make_people.snils(900 + n), "phone": "+7 914 000-00-01",
        "residence": {"locality": "Корсаков", "street": "Портовая", "house": "1"},
    }  # fmt: skip


def referral_body(patient_id: str, service) -> dict:
    return {
        "patient": patient_id, "service": str(service.pk), "diagnosis_code": "I20.8", "reason": "Боли при ходьбе",
        "referrer_name": "Гусева Л. А.", "payment": "oms",
    }  # fmt: skip


def created(response) -> dict:
    assert response.status_code == 201, response.content
    return response.json()


def ok(response) -> dict:
    assert response.status_code == 200, response.content
    return response.json()


def submitted(sender: Caller, service, n: int = 1) -> dict:
    """A referral on its way, awaiting a time."""
    patient = created(sender.post("/api/v1/patients/", patient_body(n)))
    consent = {"kind": "transfer", "given_on": "2026-01-12", "paper": "бланк 14"}
    created(sender.post(f"/api/v1/patients/{patient['id']}/consents/", consent))
    referral = created(sender.post("/api/v1/referrals/", referral_body(patient["id"], service)))
    return ok(sender.post(f"/api/v1/referrals/{referral['id']}/submit/"))


def test_from_patient_to_conclusion(sender: Caller, receiver: Caller, pair) -> None:
    slot = make.make_slot(pair.service, start=make.at(1, 10))
    referral = submitted(sender, pair.service)
    address = f"/api/v1/referrals/{referral['id']}/"
    assert referral["state"] == "accepted"
    assert referral["due_on"]
    assert "book" in referral["available_actions"]

    hold = created(sender.post("/api/v1/holds/", {"referral": referral["id"], "slot": str(slot.pk)}))
    assert hold["state"] == "held"
    booked = ok(sender.post(address + "book/", {"slot": str(slot.pk)}))
    assert booked["state"] == "booked"
    assert booked["appointment_clinic"] == str(pair.target.pk)
    slot.refresh_from_db()
    assert slot.taken == 1
    assert "arrive" not in ok(receiver.get(address))["available_actions"], "not before the day"

    with time_machine.travel(slot.start - timedelta(minutes=5)):
        receiver = Caller(pair.target.organization)
        sender = Caller(pair.source.organization)
        assert "arrive" in ok(receiver.get(address))["available_actions"]
        ok(receiver.post(address + "arrive/"))
        words = {
            "text": "Стенокардия напряжения, II ФК",
            "diagnosis_code": "I20.8",
            "recommendations": "Бисопролол",
        }
        assert ok(receiver.post(address + "complete/", words))["state"] == "completed"
        assert ok(sender.get(address + "conclusion/"))["recommendations"] == "Бисопролол"
        assert ok(sender.post(address + "conclusion/"))["read_at"]
        story = [step["action"] for step in ok(sender.get(address + "history/"))]
    assert story == ["draft", "submit", "book", "arrive", "complete", "read"]


def test_every_available_action_is_an_address(sender: Caller, pair) -> None:
    referral = submitted(sender, pair.service)
    for name in referral["available_actions"]:
        if name != "edit":
            answer = sender.post(f"/api/v1/referrals/{referral['id']}/{name}/", {"nonsense": 1})
            assert_problem(answer, 400, "invalid")


def test_a_stranger_finds_nothing(sender: Caller, pair) -> None:
    referral = submitted(sender, pair.service)
    stranger = Caller()
    booking_hold = created(
        sender.post(
            "/api/v1/holds/", {"referral": referral["id"], "slot": str(make.make_slot(pair.service).pk)}
        )
    )
    for address in (
        f"referrals/{referral['id']}/", f"referrals/{referral['id']}/history/",
        f"referrals/{referral['id']}/conclusion/", f"patients/{referral['patient']}/",
        f"patients/{referral['patient']}/consents/", f"bookings/{booking_hold['id']}/",
    ):  # fmt: skip
        answer = stranger.get(f"/api/v1/{address}")
        assert_problem(answer, 404, "not_found")
        assert "Пак" not in answer.content.decode()
    for name in ("submit", "accept", "book", "cancel", "reject", "arrive"):
        body = {"slot": str(uuid.uuid4())} if name == "book" else {"reason": "other", "comment": "x"}
        body = {} if name in {"submit", "accept", "arrive"} else body
        assert_problem(stranger.post(f"/api/v1/referrals/{referral['id']}/{name}/", body), 404, "not_found")
    assert stranger.get("/api/v1/referrals/").json()["results"] == []
    assert stranger.get("/api/v1/patients/").json()["results"] == []


def test_the_receiver_sees_no_draft(sender: Caller, receiver: Caller, pair) -> None:
    patient = created(sender.post("/api/v1/patients/", patient_body()))
    draft = created(sender.post("/api/v1/referrals/", referral_body(patient["id"], pair.service)))
    assert receiver.get(f"/api/v1/referrals/{draft['id']}/").status_code == 404
    assert receiver.get(f"/api/v1/patients/{patient['id']}/").status_code == 404


def test_a_retry_does_the_work_once(sender: Caller, pair) -> None:
    referral = submitted(sender, pair.service)
    slot = make.make_slot(pair.service, capacity=5)
    address, key = f"/api/v1/referrals/{referral['id']}/book/", {"Idempotency-Key": "night-push-1"}
    first = sender.post(address, {"slot": str(slot.pk)}, headers=key)
    again = sender.post(address, {"slot": str(slot.pk)}, headers=key)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Booking.objects.count() == 1
    other = sender.post(address, {"slot": str(make.make_slot(pair.service).pk)}, headers=key)
    assert other.status_code == 422


def test_a_taken_slot_answers_with_the_nearest(sender: Caller, pair) -> None:
    referral = submitted(sender, pair.service)
    slot = make.make_slot(pair.service, taken=1)
    free = make.make_slots(pair.service, 4, first=slot.start + timedelta(hours=1))
    problem = assert_problem(
        sender.post(f"/api/v1/referrals/{referral['id']}/book/", {"slot": str(slot.pk)}), 409, "slot_taken"
    )
    assert [a["slot"] for a in problem["alternatives"]] == [str(s.pk) for s in free[:3]]


def test_bad_input_is_told_at_its_field(sender: Caller, pair) -> None:
    body = patient_body() | {"snils": "112-233-445 96", "birth_date": "2090-01-01"}
    problem = assert_problem(sender.post("/api/v1/patients/", body), 400, "invalid")
    assert {error["field"] for error in problem["errors"]} == {"snils", "birth_date"}
    problem = assert_problem(sender.post("/api/v1/patients/", patient_body() | {"nick": "x"}), 400, "invalid")
    assert problem["errors"][0]["field"] == "nick"
    assert Patient.objects.count() == 1, "only the pair's own"


def test_the_duplicate_is_named_to_those_who_see_it(sender: Caller, pair) -> None:
    first = created(sender.post("/api/v1/patients/", patient_body()))
    problem = assert_problem(sender.post("/api/v1/patients/", patient_body()), 409, "patient_exists")
    assert problem["patient_id"] == first["id"]
    stranger = Caller()
    problem = assert_problem(stranger.post("/api/v1/patients/", patient_body()), 409, "patient_exists")
    assert "patient_id" not in problem


def test_opening_a_patient_is_journalled(sender: Caller, pair) -> None:
    patient = created(sender.post("/api/v1/patients/", patient_body()))
    ok(sender.get(f"/api/v1/patients/{patient['id']}/"))
    line = Access.objects.get(subject_id=patient["id"])
    assert (line.client_id, line.purpose) == (sender.api_client.pk, "api")


def test_breaking_the_glass(sender: Caller, pair) -> None:
    made = patient_body()
    patient = created(sender.post("/api/v1/patients/", made))
    stranger = Caller()
    body = {
        "identifier": made["snils"],
        "birth_date": made["birth_date"],
        "reason": "без сознания в приёмном",
    }
    wrong = body | {"birth_date": "1980-05-18"}
    assert_problem(stranger.post("/api/v1/patients/emergency/", wrong), 404, "not_found")
    assert ok(stranger.post("/api/v1/patients/emergency/", body))["id"] == patient["id"]
    assert ok(stranger.get(f"/api/v1/patients/{patient['id']}/"))["family"] == "Пак"


def test_guesses_at_the_glass_are_counted_with_idempotency_keys_too(sender: Caller, pair) -> None:
    made = patient_body()
    created(sender.post("/api/v1/patients/", made))
    stranger = Caller()
    body = {"identifier": made["snils"], "birth_date": "1980-05-18", "reason": "без сознания в приёмном"}
    address = "/api/v1/patients/emergency/"
    for n in range(FAILURES_OF_ORGANIZATION):
        assert_problem(stranger.post(address, body, headers={"Idempotency-Key": f"k{n}"}), 404, "not_found")
    right = body | {"birth_date": made["birth_date"]}
    shut = stranger.post(address, right, headers={"Idempotency-Key": "last"})
    assert "15 minutes" in assert_problem(shut, 429, "too_many_failures")["detail"]
    assert shut.headers["Retry-After"] == "900"
    assert Access.objects.filter(purpose="emergency_failed").count() == FAILURES_OF_ORGANIZATION


def test_a_change_needs_the_version(sender: Caller, pair) -> None:
    patient = created(sender.post("/api/v1/patients/", patient_body()))
    address = f"/api/v1/patients/{patient['id']}/"
    assert sender.patch(address, {"phone": "+7 914 000-00-02"}).status_code == 428
    tag = sender.get(address).headers["ETag"]
    changed = ok(sender.patch(address, {"phone": "+7 914 000-00-02"}, headers={"If-Match": tag}))
    assert changed["phone"] == "+7 914 000-00-02"
    assert sender.patch(address, {"phone": "+7 914 000-00-03"}, headers={"If-Match": tag}).status_code == 412


def test_lists_are_narrowed(sender: Caller, receiver: Caller, pair) -> None:
    referral = submitted(sender, pair.service)
    for caller, side, other in ((sender, "out", "in"), (receiver, "in", "out")):
        found = ok(caller.get("/api/v1/referrals/", {"side": side, "state": "accepted"}))["results"]
        assert [row["id"] for row in found] == [referral["id"]]
        assert ok(caller.get("/api/v1/referrals/", {"side": other}))["results"] == []
    assert ok(sender.get("/api/v1/referrals/", {"number": referral["number"].lower()}))["results"]
    assert ok(sender.get("/api/v1/patients/", {"q": "мария пак"}))["results"]
    assert ok(sender.get("/api/v1/patients/", {"identifier": patient_body()["snils"]}))["results"]
    assert_problem(sender.get("/api/v1/referrals/", {"stat": "accepted"}), 400, "invalid")


@pytest.mark.parametrize("resource", ["referrals", "patients", "bookings"])
def test_queries_do_not_grow_with_the_rows(sender: Caller, pair, resource: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert ok(sender.get(f"/api/v1/{resource}/"))["results"]
        return len(seen)

    def add() -> None:
        make_people.make_referral(
            make_people.make_patient(pair.source.organization), state="booked", source=pair.source,
            service=pair.service,
        )  # fmt: skip

    add()
    few = queries()
    for _ in range(29):
        add()
    assert Referral.objects.count() == 30
    assert queries() == few <= 5
