"""The FHIR door: what each role meets there is what it meets in REST."""

from __future__ import annotations

from typing import Any

from tests.permissions.roles import Line, Rule, api, public
from tests.permissions.rules import (
    DRAFT,
    OWN_PATIENT,
    OWN_SLOTS,
    PARTIES,
    REFERRING,
    REFERRING_OWN,
    SIGNED_IN,
    STAFF_ONLY,
)


def resource(kind: str, row: str, reading: Rule = SIGNED_IN, searching: Rule = SIGNED_IN) -> list[Line]:
    """Reading one, searching in the address and in the body."""
    name = f"fhir-{kind.lower()}"
    return [
        api(f"{name}-list", "GET", searching),
        api(f"{name}-search", "POST", searching, body={"_id": row}),
        api(f"{name}-detail", "GET", reading, at={"pk": row}),
    ]


REGISTRY = [
    line
    for kind, row in {
        "Organization": "@organization",
        "Location": "@clinic",
        "HealthcareService": "@service",
        "Practitioner": "@practitioner",
        "PractitionerRole": "@practitioner",
        "Endpoint": "@organization",
        "Schedule": "@service",
        "Slot": "@slot",
    }.items()
    for line in resource(kind, row)
]

FOUND = {"identifier": "@snils", "birthdate": "@birth_date"}
CARE = [
    api("fhir-patient-list", "GET", STAFF_ONLY, query=FOUND),
    api("fhir-patient-search", "POST", STAFF_ONLY, body=FOUND),
    api("fhir-patient-detail", "GET", PARTIES, at={"pk": "@patient"}),
    api("fhir-patient-detail", "GET", OWN_PATIENT, at={"pk": "@own_patient"}),
    *resource("ServiceRequest", "@booked", PARTIES),
    *resource("Task", "@booked", PARTIES),
    api("fhir-servicerequest-detail", "GET", DRAFT, at={"pk": "@draft"}),
    api("fhir-task-detail", "GET", DRAFT, at={"pk": "@draft"}),
    *resource("Appointment", "@booking", PARTIES),
    api("fhir-documentreference-list", "GET", SIGNED_IN, query={"related": "@booked"}),
    api("fhir-documentreference-search", "POST", SIGNED_IN, body={"related": "@booked"}),
    api("fhir-documentreference-detail", "GET", PARTIES, at={"pk": "@attachment"}),
    api("fhir-documentreference-detail", "GET", PARTIES, at={"pk": "@booked"}),
]


def request(patient: str) -> dict[str, Any]:
    """A draft of a referral."""
    return {
        "resourceType": "ServiceRequest", "status": "draft", "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
    }  # fmt: skip


BOOKED = {
    "resourceType": "Appointment", "status": "booked", "participant": [],
    "basedOn": [{"reference": "ServiceRequest/@accepted"}], "slot": [{"reference": "Slot/@slot"}],
}  # fmt: skip
#: Nothing is asked for that is not so already: what is looked at is who may look.
STANDS = {"resourceType": "Appointment", "status": "booked", "participant": []}
WORK = {"resourceType": "Task", "status": "ready", "intent": "order"}
BUNDLE = {
    "resourceType": "Bundle", "type": "transaction",
    "entry": [{"request": {"method": "POST", "url": "ServiceRequest"}, "resource": request("@own_patient")}],
}  # fmt: skip
WRITES = [
    api("fhir-servicerequest-list", "POST", REFERRING, body=request("@patient")),
    api("fhir-servicerequest-list", "POST", REFERRING_OWN, body=request("@own_patient")),
    api("fhir-appointment-list", "POST", PARTIES, body=BOOKED),
    api("fhir-appointment-detail", "PUT", PARTIES, at={"pk": "@booking"}, body=STANDS),
    api("fhir-appointment-detail", "PATCH", PARTIES, at={"pk": "@booking"}, body=STANDS),
    api("fhir-task-detail", "PUT", PARTIES, at={"pk": "@booked"}, body=WORK),
    api("fhir-task-detail", "PATCH", PARTIES, at={"pk": "@booked"}, body=WORK),
    api("fhir-transaction", "POST", REFERRING_OWN, body=BUNDLE),
]

RESOURCES = [
    public("fhir-metadata"),
    *REGISTRY,
    *CARE,
    *WRITES,
    api("fhir-slot-detail", "GET", OWN_SLOTS, at={"pk": "@draft_slot"}),
]
