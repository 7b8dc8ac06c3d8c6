"""A client that others wrote does the whole referral over HTTP: a free time, the booking, the visit, the conclusion."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from tests.factories import clinics as make
from tests.factories import patients as care
from tests.fhir.support import ROOT, Reader, judged

pytestmark = pytest.mark.django_db(transaction=True)
ICD = "http://hl7.org/fhir/sid/icd-10"


def client_of(reader: Reader, live_server: Any) -> SyncFHIRClient:
    return SyncFHIRClient(f"{live_server.url}{ROOT}", authorization=f"Bearer {reader.token}")


def plain(resource: Any) -> dict[str, Any]:
    return judged(resource.serialize() if hasattr(resource, "serialize") else dict(resource))


def test_the_whole_referral(live_server: Any) -> None:
    make.make_cluster()
    # A zone in which two hours from now are the same day, so that the visit may begin.
    zone = "UTC" if datetime.now(UTC).hour < 20 else "Pacific/Honolulu"
    service = make.make_service(make.make_clinic(time_zone=zone))
    start = (datetime.now(UTC) + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    time = make.make_slot(service, start=start)
    site = make.make_clinic()
    patient = care.make_patient(site.organization)
    care.make_consent(patient)
    referring = client_of(Reader(site.organization), live_server)
    receiving = client_of(Reader(service.clinic.organization), live_server)

    found = referring.resources("Patient").search(
        identifier=f"urn:oid:1.2.643.100.3|{patient.snils}", birthdate=str(patient.birth_date)
    )
    person = found.first()
    assert person.id == str(patient.pk)
    search = referring.resources("Slot").search(
        status="free", service_type=service.service_type_id, start__ge=start.isoformat()
    )
    slot = search.include("Slot", "schedule").fetch()[0]
    assert slot.id == str(time.pk)
    address = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
    request = referring.resource(
        "ServiceRequest", status="active", intent="order", subject={"reference": f"Patient/{person.id}"},
        performer=[{"reference": f"HealthcareService/{slot.schedule.id}"}],
        reasonCode=[{"coding": [{"system": ICD, "code": "I48.0"}]}], note=[{"text": "Пароксизмы раз в неделю"}],
        requester={"display": "Гусева Л. А."},
    )  # fmt: skip
    appointment = referring.resource(
        "Appointment", status="booked", slot=[{"reference": f"Slot/{slot.id}"}], participant=[],
        basedOn=[{"reference": address}],
    )  # fmt: skip
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": address,
                "request": {"method": "POST", "url": "ServiceRequest"},
                "resource": request.serialize(),
            },
            {"request": {"method": "POST", "url": "Appointment"}, "resource": appointment.serialize()},
        ],
    }
    answer = referring.execute("", "post", data=bundle)
    made = {entry["resource"]["resourceType"]: entry["resource"]["id"] for entry in answer["entry"]}
    assert referring.reference("Appointment", made["Appointment"]).to_resource()["status"] == "booked"
    with pytest.raises(OperationOutcome, match=r"slot_taken|already_booked|illegal_transition"):
        again = referring.resource(
            "Appointment", status="booked", slot=[{"reference": f"Slot/{slot.id}"}], participant=[],
            basedOn=[{"reference": f"ServiceRequest/{made['ServiceRequest']}"}],
        )  # fmt: skip
        again.save()

    visit = receiving.resources("Appointment").search(slot=slot.id, status="booked").first()
    visit["status"] = "arrived"
    visit.save()
    task = receiving.resources("Task").search(focus=f"ServiceRequest/{made['ServiceRequest']}").first()
    assert task["status"] == "in-progress"
    task["status"] = "completed"
    task["output"] = [
        {"type": {"coding": [{"code": "conclusion"}]}, "valueString": "Ритм синусовый, показано наблюдение."},
        {
            "type": {"coding": [{"code": "diagnosis"}]},
            "valueCodeableConcept": {"coding": [{"system": ICD, "code": "I48.0"}]},
        },
    ]
    task.save()
    back = referring.reference("Task", made["ServiceRequest"]).to_resource()
    assert back["status"] == "completed"
    paper = referring.reference(reference=back["output"][0]["valueReference"]["reference"]).to_resource()
    assert plain(paper)["content"][0]["attachment"]["contentType"] == "application/pdf"
    with pytest.raises(ResourceNotFound):
        client_of(Reader(), live_server).reference("Task", made["ServiceRequest"]).to_resource()
    pages = referring.resources("Location").search(_count=1).fetch_all()
    assert len(pages) == 2
