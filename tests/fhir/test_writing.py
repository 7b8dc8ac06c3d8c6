"""Referring and booking by FHIR: the services' rules, their failures at their places, all or nothing."""

import json
from typing import Any

import pytest

from patients.models import Booking, Conclusion, Reason, Referral
from patients.states import BookingState
from tests.factories import clinics as make
from tests.factories import patients as care
from tests.fhir.support import ROOT, TYPE, Reader

pytestmark = pytest.mark.django_db
ICD = "http://hl7.org/fhir/sid/icd-10"


@pytest.fixture
def site():
    make.make_cluster()
    return make.make_clinic()


@pytest.fixture
def patient(site):
    found = care.make_patient(site.organization)
    care.make_consent(found)
    return found


@pytest.fixture
def slot(site):
    return make.make_slot(make.make_service(), start=make.at(2, 10))


@pytest.fixture
def sender(site) -> Reader:
    return Reader(site.organization)


def request_of(patient, slot, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{patient.pk}"},
        "performer": [{"reference": f"HealthcareService/{slot.service_id}"}],
        "reasonCode": [{"coding": [{"system": ICD, "code": "I48.0"}], "text": "Фибрилляция предсердий"}],
        "note": [{"text": "Пароксизмы раз в неделю"}],
        "requester": {"display": "Гусева Л. А."}, **more,
    }  # fmt: skip


def appointment_of(request: str, slot, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment", "status": "booked", "basedOn": [{"reference": request}],
        "slot": [{"reference": f"Slot/{slot.pk}"}], "participant": [], **more,
    }  # fmt: skip


def bundle_of(patient, slot, **more: Any) -> dict[str, Any]:
    address = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
    return {
        "resourceType": "Bundle", "type": "transaction",
        "entry": [
            {
                "request": {"method": "POST", "url": "Appointment"},
                "resource": appointment_of(address, slot),
            },
            {
                "fullUrl": address,
                "request": {"method": "POST", "url": "ServiceRequest", **more},
                "resource": request_of(patient, slot),
            },
        ],
    }  # fmt: skip


def send(reader: Reader, path: str, data: Any, status: int, **extra: Any) -> dict[str, Any]:
    return reader.body(reader.post(f"{ROOT}/{path}", data, TYPE, **extra), status)


def put(reader: Reader, path: str, data: Any, status: int = 200, **headers: str) -> dict[str, Any]:
    response = reader.generic(
        "PUT", f"{ROOT}/{path}", json.dumps(data), TYPE, headers=reader._headers(headers or None)
    )
    return reader.body(response, status)


def test_a_systems_own_number_is_kept_and_found(sender, patient, slot) -> None:
    own = {"system": "urn:oid:1.2.643.5.1.13.2.7.100", "value": "А-17"}
    sent = sender.post(
        f"{ROOT}/ServiceRequest", request_of(patient, slot, identifier=[own]), content_type=TYPE
    )
    made = sender.body(sent, 201)
    kept = made["identifier"][1]
    assert (kept["system"], kept["value"]) == (own["system"], own["value"])
    number = made["identifier"][0]["value"]
    for wanted in (f"{own['system']}|А-17", "А-17", number):
        assert sender.ids(f"ServiceRequest?identifier={wanted}") == [made["id"]]
    assert sender.ids("ServiceRequest?identifier=urn:other|А-17") == []
    again = sender.post(
        f"{ROOT}/ServiceRequest", request_of(patient, slot, identifier=[own]), content_type=TYPE
    )
    refused = sender.body(again, 409)
    assert refused["issue"][0]["expression"] == ["ServiceRequest.identifier"]
    unless = {"If-None-Exist": f"identifier={own['system']}|А-17"}
    body = request_of(patient, slot, identifier=[own])
    found = sender.post(f"{ROOT}/ServiceRequest", body, content_type=TYPE, headers=unless)
    assert sender.body(found)["id"] == made["id"] and Referral.objects.count() == 1


def test_a_transaction_refers_and_books(sender: Reader, patient, slot) -> None:
    keyed = {"headers": {"Idempotency-Key": "bundle-1"}}
    answer = send(sender, "", bundle_of(patient, slot), 200, **keyed)
    assert answer["type"] == "transaction-response"
    assert [entry["response"]["status"] for entry in answer["entry"]] == ["201 Created"] * 2
    booked, request = (entry["resource"] for entry in answer["entry"])
    assert booked["status"] == "booked" and request["status"] == "active"
    referral = Referral.objects.get(pk=request["id"])
    assert referral.state == "booked" and referral.diagnosis_code == "I48.0"
    assert referral.reason == "Пароксизмы раз в неделю" and referral.referrer_name == "Гусева Л. А."
    assert Booking.objects.get(pk=booked["id"]).slot_id == slot.pk
    # Sent again it is done once.
    assert send(sender, "", bundle_of(patient, slot), 200, **keyed) == answer
    assert Referral.objects.count() == 1


def test_all_or_nothing(sender: Reader, patient, slot) -> None:
    care.make_referral(state="booked", service=slot.service, slot=slot)
    other = make.make_slot(slot.service, start=make.at(2, 12))
    before = Referral.objects.count()
    issues = send(sender, "", bundle_of(patient, slot), 409)["issue"]
    assert issues[0]["details"]["coding"][0]["code"] == "slot_taken" and issues[0]["code"] == "conflict"
    assert issues[0]["expression"] == ["Bundle.entry[0].resource.slot[0]"]
    assert issues[1]["diagnostics"] == f"Slot/{other.pk}"
    assert Referral.objects.count() == before


def test_a_wrong_request_is_told_its_place(sender: Reader, patient, slot) -> None:
    bad = request_of(patient, slot, requester={})
    assert send(sender, "ServiceRequest", bad, 400)["issue"][0]["expression"] == [
        "ServiceRequest.requester.display"
    ]
    bad = request_of(patient, slot, reasonCode=[{"coding": [{"system": ICD, "code": "I99.99"}]}])
    place = send(sender, "ServiceRequest", bad, 400)["issue"][0]["expression"]
    assert place == ["ServiceRequest.reasonCode[0].coding[0].code"]
    for more, where in {
        "doNotPerform": (True, "ServiceRequest.doNotPerform"),
        "priority": ("whenever", "ServiceRequest.priority"),
        "subject": ({"reference": f"Group/{patient.pk}"}, "ServiceRequest.subject.reference"),
        "performer": (
            [{"reference": f"HealthcareService/{patient.pk}"}],
            "ServiceRequest.performer[0].reference",
        ),
        "note": ("text", "ServiceRequest.note"),
        "status": ("completed", "ServiceRequest.status"),
    }.items():
        value, place = where
        refusal = send(sender, "ServiceRequest", request_of(patient, slot, **{more: value}), 400)
        assert refusal["issue"][0]["expression"] == [place]
    assert send(sender, "ServiceRequest", [1], 400)
    consent = send(Reader(sender.organization), "ServiceRequest",
                   request_of(care.make_patient(sender.organization), slot), 409)  # fmt: skip
    assert consent["issue"][0]["expression"] == ["ServiceRequest.subject"]
    # A stranger's patient is nobody's.
    send(Reader(make.make_clinic().organization), "ServiceRequest", request_of(patient, slot), 404)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"resourceType": "Bundle", "type": "batch", "entry": []},
        {"resourceType": "Bundle", "type": "transaction", "entry": []},
        {"resourceType": "Bundle", "type": "transaction", "entry": [7]},
        {"resourceType": "Bundle", "type": "transaction",
         "entry": [{"request": {"method": "DELETE", "url": "Appointment/1"}}]},
        {"resourceType": "Bundle", "type": "transaction",
         "entry": [{"request": {"method": "POST", "url": "ServiceRequest"}}]},
    ],
)  # fmt: skip
def test_what_is_no_transaction(sender: Reader, bundle: dict[str, Any]) -> None:
    assert send(sender, "", bundle, 400)["issue"][0]["expression"][0].startswith(("Bundle", "ServiceRequest"))


def test_each_entry_asks_for_its_scope(site, patient, slot) -> None:
    narrow = Reader(site.organization, granted=frozenset({"referrals:write", "referrals:read"}))
    assert send(narrow, "", bundle_of(patient, slot), 403)["issue"][0]["code"] == "forbidden"
    assert not Referral.objects.exists()


def test_if_none_exist(sender: Reader, patient, slot) -> None:
    unless = {"headers": {"If-None-Exist": f"patient={patient.pk}&status=active,draft"}}
    first = send(sender, "ServiceRequest", request_of(patient, slot), 201, **unless)
    assert send(sender, "ServiceRequest", request_of(patient, slot), 200, **unless)["id"] == first["id"]
    number = first["identifier"][0]
    again = bundle_of(patient, slot, ifNoneExist=f"identifier={number['system']}|{number['value']}")
    answer = send(sender, "", again, 200)
    assert [e["response"]["status"] for e in answer["entry"]] == ["201 Created", "200 OK"]
    assert Referral.objects.count() == 1
    send(sender, "ServiceRequest", request_of(patient, slot), 201)
    send(sender, "ServiceRequest", request_of(patient, slot), 412, **unless)


class TestAppointment:
    """Its next status, by PUT and by PATCH."""

    @pytest.fixture
    def referral(self, site, slot):
        return care.make_referral(state="accepted", service=slot.service, source=site)

    def test_held_booked_and_cancelled(self, sender: Reader, referral, slot) -> None:
        where = f"ServiceRequest/{referral.pk}"
        held = send(sender, "Appointment", appointment_of(where, slot, status="pending"), 201)
        assert held["status"] == "pending"
        booked = send(sender, "Appointment", appointment_of(where, slot), 201)
        assert booked["id"] == held["id"] and booked["status"] == "booked"
        path = f"Appointment/{booked['id']}"
        assert put(sender, path, booked) == booked
        reason = {"coding": [{"code": "patient"}]}
        refusal = put(sender, path, {**booked, "status": "cancelled"}, 400)
        assert refusal["issue"][0]["expression"] == ["Appointment.cancelationReason"]
        reason = {"coding": [{"system": "http://x/CodeSystem/reason", "code": _reason("cancel_booking")}]}
        gone = {**booked, "status": "cancelled", "cancelationReason": reason, "comment": "Заболел"}
        put(sender, path, gone, 412, **{"If-Match": 'W/"1-2"'})
        assert (
            put(sender, path, gone, **{"If-Match": f'W/"{booked["meta"]["versionId"]}"'})["status"]
            == "cancelled"
        )
        referral.refresh_from_db()
        assert referral.state == "accepted"
        assert put(sender, path, {**booked, "status": "booked"}, 409)["issue"][0]["expression"] == [
            "Appointment.status"
        ]

    def test_a_patch(self, sender: Reader, referral, slot) -> None:
        booked = send(sender, "Appointment", appointment_of(f"ServiceRequest/{referral.pk}", slot), 201)
        coding = {"coding": [{"system": "http://x/CodeSystem/reason", "code": _reason("cancel_booking")}]}
        steps = [
            {"op": "test", "path": "/status", "value": "booked"},
            {"op": "replace", "path": "/status", "value": "cancelled"},
            {"op": "add", "path": "/cancelationReason", "value": coding},
            {"op": "add", "path": "/comment", "value": "Заболел"},
        ]
        path = f"{ROOT}/Appointment/{booked['id']}"
        kind = "application/json-patch+json"
        assert sender.patch(path, [{"op": "move"}], kind).status_code == 400
        assert sender.body(sender.patch(path, steps, kind))["status"] == "cancelled"
        assert sender.patch(path, steps, kind).status_code == 400

    def test_the_time_stays(self, sender: Reader, referral, slot) -> None:
        booked = send(sender, "Appointment", appointment_of(f"ServiceRequest/{referral.pk}", slot), 201)
        other = make.make_slot(slot.service, start=make.at(2, 15))
        moved = {**booked, "slot": [{"reference": f"Slot/{other.pk}"}]}
        assert put(sender, f"Appointment/{booked['id']}", moved, 400)["issue"][0]["expression"] == [
            "Appointment.slot[0]"
        ]


def _reason(kind: str) -> str:
    return Reason.objects.filter(kind=kind).order_by("position").values_list("code", flat=True)[0]


class TestTask:
    """The receiving side's work."""

    def test_the_conclusion_goes_back(self, slot) -> None:
        referral = care.make_referral(state="in_care", service=slot.service)
        receiver = Reader(referral.target_organization)
        path = f"Task/{referral.pk}"
        task = receiver.read(path)
        assert task["status"] == "in-progress"
        done = {**task, "status": "completed"}
        assert put(receiver, path, done, 400)["issue"][0]["expression"] == ["Task.output"]
        done["output"] = [
            {"type": {"coding": [{"code": "conclusion"}]}, "valueString": "Ритм синусовый, показано наблюдение."},
            {"type": {"coding": [{"code": "diagnosis"}]},
             "valueCodeableConcept": {"coding": [{"system": ICD, "code": "I48.0"}]}},
            {"type": {"coding": [{"code": "practitioner"}]}, "valueString": "Ким С. П."},
        ]  # fmt: skip
        put(Reader(referral.source_organization), path, done, 403)
        put(Reader(), path, done, 404)
        answer = put(receiver, path, done)
        assert answer["status"] == "completed" and answer["output"][0]["valueReference"]
        assert Conclusion.objects.get(referral=referral).practitioner_name == "Ким С. П."

    def test_decisions(self, slot) -> None:
        referral = care.make_referral(state="submitted", service=slot.service)
        receiver = Reader(referral.target_organization)
        path = f"Task/{referral.pk}"
        task = receiver.read(path)
        assert task["status"] == "requested"
        put(receiver, path, {**task, "status": "completed"}, 409)
        assert put(receiver, path, {**task, "status": "accepted"})["status"] == "accepted"
        reason = {
            "coding": [{"system": "http://x/CodeSystem/reason", "code": _reason("reject")}],
            "text": "Нет врача",
        }
        assert (
            put(receiver, path, {**task, "status": "rejected", "statusReason": reason})["status"]
            == "rejected"
        )
        assert BookingState.BOOKED not in Booking.objects.values_list("state", flat=True)
