"""Patients, referrals, appointments and documents by FHIR: who finds them, how they look, what they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.audit.models import Access
from patients.models import Booking, PatientNumber
from tests.factories import clinics as make
from tests.factories import patients as care
from tests.fhir.support import ROOT, Reader

pytestmark = pytest.mark.django_db
SNILS = "urn:oid:1.2.643.100.3"


@pytest.fixture
def referral():
    return care.make_referral(state="completed", question="Нужна ли операция?")


@pytest.fixture
def sender(referral) -> Reader:
    return Reader(referral.source_organization)


def test_a_patient_is_found_by_identifier_and_birth_date(sender: Reader, referral) -> None:
    patient = referral.patient
    born = f"birthdate={patient.birth_date}"
    path = f"Patient?identifier={SNILS}|{patient.snils}&{born}"
    [found] = sender.found(path)
    assert found["id"] == str(patient.pk) and "identifier" not in found
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert sender.ids(f"Patient?identifier={SNILS}|{patient.snils}&birthdate=1900-01-01") == []
    assert sender.ids(f"Patient?identifier={patient.enp}&{born}") == [str(patient.pk)]
    PatientNumber.objects.create(patient=patient, organization=sender.organization, number="К-17")
    own = sender.read(f"Patient/{patient.pk}")["identifier"][-1]
    assert own["value"] == "К-17"
    assert sender.ids(f"Patient?identifier={own['system']}|К-17&{born}") == [str(patient.pk)]
    for half in (born, f"identifier={patient.snils}", ""):
        assert sender.read(f"Patient?{half}", status=400)["issue"][0]["code"] == "invalid"
    assert sender.read("Patient?family=Ким", status=400)
    assert Reader().ids(path) == []


def test_reading_a_record_is_journalled(sender: Reader, referral) -> None:
    shown = sender.read(f"Patient/{referral.patient_id}")
    systems = {i["system"]: i["value"] for i in shown["identifier"]}
    assert systems[SNILS] == referral.patient.snils
    assert systems["urn:oid:1.2.643.2.69.1.1.1.6.228"] == referral.patient.enp
    assert shown["gender"] == "male" and shown["birthDate"] == "1970-05-17"
    assert Access.objects.filter(subject_id=referral.patient_id, purpose="api").count() == 1
    sender.read(f"ServiceRequest/{referral.pk}")
    assert Access.objects.filter(subject_id=referral.pk, purpose="api").count() == 1
    Reader().read(f"Patient/{referral.patient_id}", status=404)


def test_a_referral_and_the_work_on_it(sender: Reader, referral) -> None:
    request = sender.read(f"ServiceRequest/{referral.pk}")
    assert request["status"] == "completed" and request["priority"] == "routine"
    assert request["reasonCode"][0]["coding"][0] == {
        "system": "http://hl7.org/fhir/sid/icd-10", "code": "I48.0",
    }  # fmt: skip
    assert request["performer"][0]["reference"] == f"HealthcareService/{referral.service_id}"
    assert request["orderDetail"] == [{"text": "Нужна ли операция?"}]
    task = sender.read(f"Task/{referral.pk}")
    assert task["status"] == "completed" and task["businessStatus"]["coding"][0]["code"] == "completed"
    paper = task["output"][0]["valueReference"]["reference"]
    assert sender.read(paper)["type"]["coding"][0]["code"] == "conclusion"
    number = request["identifier"][0]
    assert sender.ids(f"ServiceRequest?identifier={number['system']}|{number['value']}") == [request["id"]]
    assert sender.ids("Task?status=completed&_include=Task:focus", "include") == [request["id"]]
    assert sender.ids("Task?status=requested,draft") == []
    assert sender.ids(
        f"ServiceRequest?patient=Patient/{referral.patient_id}&status=completed&priority=routine"
    )
    assert Reader().ids("Task") == []


def test_an_appointment(sender: Reader, referral) -> None:
    booking = Booking.objects.get(referral=referral)
    path = f"Appointment?based-on=ServiceRequest/{referral.pk}&status=fulfilled&_sort=date"
    [shown] = sender.found(path)
    assert shown["id"] == str(booking.pk) and shown["slot"][0]["reference"] == f"Slot/{booking.slot_id}"
    assert shown["start"][-6] in "+-"
    kinds = [p["actor"]["type"] for p in shown["participant"]]
    assert kinds[:3] == ["Patient", "Location", "HealthcareService"]
    found = sender.found(f"{path}&_include=Appointment:patient&_include=Appointment:slot", "include")
    assert [r["resourceType"] for r in found] == ["Patient", "Slot"]
    assert "identifier" not in found[0]


def test_documents_are_links(sender: Reader, referral) -> None:
    file = care.make_attachment(referral, organization=referral.source_organization)
    shown = sender.found(f"DocumentReference?related=ServiceRequest/{referral.pk}")
    assert [d["type"]["coding"][0]["code"] for d in shown] == ["form-057u", "conclusion", file.kind]
    for document in shown:
        assert sender.read(f"DocumentReference/{document['id']}") == document
        url = document["content"][0]["attachment"]["url"]
        assert sender.get(url, headers={"Accept": "*/*"}).status_code == 200
    assert len(sender.found(f"DocumentReference?patient={referral.patient_id}&type=conclusion")) == 1
    assert sender.read("DocumentReference", status=400)["issue"][0]["expression"] == ["related"]
    stranger = Reader()
    assert stranger.found(f"DocumentReference?related={referral.pk}") == []
    for document in shown:
        stranger.read(f"DocumentReference/{document['id']}", status=404)


@pytest.mark.parametrize(
    "path",
    [
        "ServiceRequest?_include=ServiceRequest:patient&_include=ServiceRequest:performer",
        "Task?_include=Task:focus&_include=Task:patient",
        "Appointment?_include=Appointment:patient&_include=Appointment:slot&_include=Appointment:based-on",
        "DocumentReference?related={ids}&_include=DocumentReference:subject",
    ],
)
def test_a_page_costs_the_same_for_one_and_for_thirty(path: str) -> None:
    site, service = make.make_clinic(), make.make_service()
    reader, ids = Reader(site.organization), []

    def add(n: int) -> None:
        for _ in range(n):
            ids.append(str(care.make_referral(state="completed", service=service, source=site).pk))

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            bundle = reader.get(f"{ROOT}/{path.format(ids=','.join(ids))}").json()
        assert len(bundle["entry"]) > len(ids)
        return len(seen)

    add(1)
    few = queries()
    add(29)
    assert queries() == few <= 8
