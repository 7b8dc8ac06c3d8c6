"""The FHIR door: what each role meets there is what it meets in REST."""

from __future__ import annotations

from tests.permissions.roles import Line, Rule, api, public
from tests.permissions.rules import DRAFT, OWN_PATIENT, OWN_SLOTS, PARTIES, SIGNED_IN, STAFF_ONLY


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

RESOURCES = [
    public("fhir-metadata"),
    *REGISTRY,
    *CARE,
    api("fhir-slot-detail", "GET", OWN_SLOTS, at={"pk": "@draft_slot"}),
]
