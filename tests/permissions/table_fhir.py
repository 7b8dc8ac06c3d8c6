"""The FHIR door: what each role meets there is what it meets in REST."""

from __future__ import annotations

from tests.permissions.roles import Line, Rule, api, public
from tests.permissions.rules import OWN_SLOTS, SIGNED_IN


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

RESOURCES = [
    public("fhir-metadata"),
    *REGISTRY,
    api("fhir-slot-detail", "GET", OWN_SLOTS, at={"pk": "@draft_slot"}),
]
