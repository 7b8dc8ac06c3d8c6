"""The registry as resources: who, where, what and how to be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clinics.states import ClinicStatus, OrganizationStatus, Payment, Sector
from cluster_portal.fhir import systems
from cluster_portal.fhir.shapes import (
    Reader,
    concept,
    day,
    finished,
    hl7,
    human_name,
    identifier,
    languages,
    reference,
    telecom,
)

if TYPE_CHECKING:
    from clinics.models import Clinic, Organization, Practitioner, Service

WEEKDAYS = {"1": "mon", "2": "tue", "3": "wed", "4": "thu", "5": "fri", "6": "sat", "7": "sun"}
#: What an organisation does, in HL7's words.
ORGANIZATION_TYPES = {
    Sector.HEALTHCARE: ("prov", "Healthcare Provider"),
    Sector.EDUCATION: ("edu", "Educational Institute"),
    Sector.AUTHORITY: ("govt", "Government"),
    Sector.FINANCE: ("bus", "Non-Healthcare Business or Corporation"),
}
OTHER_TYPE = ("other", "Other")
#: Care that the state or an insurer pays is free for the patient; the rest is paid at the clinic.
FREE_OF_CHARGE = {Payment.OMS, Payment.VMP, Payment.DMS, Payment.INTERGOVERNMENTAL}
ENDPOINT_STATES = {OrganizationStatus.MEMBER: "active", OrganizationStatus.SUSPENDED: "suspended"}


def address(row: Any, city: str | None = None) -> dict[str, Any]:
    return {"text": row.address, "city": city, "country": row.country}


def organization(row: Organization, reader: Reader) -> dict[str, Any]:
    """A member or partner of the cluster."""
    return finished("Organization", row, reader, {
        "identifier": [
            identifier(systems.INN, row.inn),
            identifier(systems.OGRN, row.ogrn),
            identifier(systems.BIN, row.bin),
            identifier(systems.FOREIGN_NUMBER, row.foreign_number),
        ],
        "active": row.status == OrganizationStatus.MEMBER,
        "type": [hl7("organization-type", *ORGANIZATION_TYPES.get(row.sector, OTHER_TYPE))],
        "name": row.name,
        "alias": [row.short_name] if row.short_name != row.name else [],
        "telecom": telecom(row.phone, row.email, row.website),
        "address": [address(row)] if row.address else [],
        "endpoint": [reference("Endpoint", row.pk)],
    })  # fmt: skip


def _hours(opening: dict[str, list[str]]) -> list[dict[str, Any]]:
    days = []
    for number, (opens, closes) in sorted(opening.items()):
        shown: dict[str, Any] = {"daysOfWeek": [WEEKDAYS[number]]}
        if (opens, closes) in {("00:00", "24:00"), ("00:00", "00:00")}:
            days.append(shown | {"allDay": True})
        else:
            # FHIR's clock ends a second before midnight.
            last = "23:59:59" if closes in {"24:00", "00:00"} else f"{closes}:00"
            days.append(shown | {"openingTime": f"{opens}:00", "closingTime": last})
    return days


def location(row: Clinic, reader: Reader) -> dict[str, Any]:
    """A site of care. Its hours are by its own clock, the zone of which is the extension."""
    return finished("Location", row, reader, {
        "extension": [{"url": systems.TIME_ZONE, "valueCode": row.time_zone}],
        "status": "active" if row.status == ClinicStatus.OPEN else "inactive",
        "name": row.name,
        "alias": [row.short_name] if row.short_name != row.name else [],
        "description": row.description,
        "mode": "instance",
        "type": [concept(systems.CLINIC_TYPE, row.type, row.get_type_display())],
        "telecom": telecom(row.phone, row.email, row.website),
        "address": address(row, row.city),
        "physicalType": hl7("location-physical-type", "si", "Site"),
        "position": {"longitude": row.lon, "latitude": row.lat},
        "managingOrganization": reference("Organization", row.organization_id, row.organization.short_name),
        "hoursOfOperation": _hours(row.opening_hours),
        "endpoint": [reference("Endpoint", row.organization_id)],
    })  # fmt: skip


def healthcare_service(row: Service, reader: Reader) -> dict[str, Any]:
    """A service type at one clinic."""
    kind, clinic = row.service_type, row.clinic
    free = FREE_OF_CHARGE.intersection(row.payments)
    provisions = [("free", "Free")] if free else []
    provisions += [("cost", "Fees apply")] if set(row.payments) - free else []
    return finished("HealthcareService", row, reader, {
        "active": row.is_active and clinic.status == ClinicStatus.OPEN,
        "providedBy": reference("Organization", clinic.organization_id, clinic.organization.short_name),
        "category": [concept(systems.DIRECTION, kind.direction, kind.get_direction_display())],
        "type": [concept(systems.SERVICE_TYPE, kind.code, kind.name)],
        "specialty": [concept(systems.SPECIALTY, kind.specialty_id, kind.specialty.name)],
        "location": [reference("Location", clinic.pk, clinic.short_name)],
        "name": f"{kind.name}, {clinic.short_name}",
        "comment": row.comment,
        "extraDetails": "\n\n".join(filter(None, (row.preparation, row.documents))),
        "telecom": telecom(row.phone or clinic.phone),
        "serviceProvisionCode": [hl7("service-provision-conditions", *words) for words in provisions],
        "characteristic": [
            concept(systems.MODE, row.mode, row.get_mode_display()),
            *(concept(systems.PAYMENT, code, Payment(code).label) for code in row.payments),
        ],
        "communication": languages(clinic.languages),
        "appointmentRequired": True,
        "endpoint": [reference("Endpoint", clinic.organization_id)],
    })  # fmt: skip


def practitioner(row: Practitioner, reader: Reader) -> dict[str, Any]:
    """Somebody who sees patients."""
    return finished("Practitioner", row, reader, {
        "active": row.is_active,
        "name": [human_name(row), {"text": row.name_latin, "use": "usual"} if row.name_latin else None],
        "qualification": [
            {
                "identifier": [{"value": paper.number}],
                "code": {"text": paper.document},
                "period": {"end": day(paper.valid_until)},
                "issuer": {"display": paper.institution},
            }
            for paper in row.qualifications.all()
        ],
        "communication": languages(row.languages),
    })  # fmt: skip


def practitioner_role(row: Practitioner, reader: Reader) -> dict[str, Any]:
    """What they do for their organisation, and at which sites."""
    return finished("PractitionerRole", row, reader, {
        "active": row.is_active,
        "period": {"end": day(row.left_on)},
        "practitioner": reference("Practitioner", row.pk, row.full_name),
        "organization": reference("Organization", row.organization_id, row.organization.short_name),
        "code": [{"text": row.position}],
        "specialty": [concept(systems.SPECIALTY, code) for code in row.specialties],
        "location": [reference("Location", clinic.pk, clinic.short_name) for clinic in row.clinics.all()],
    })  # fmt: skip


def endpoint(row: Organization, reader: Reader) -> dict[str, Any]:
    """Where referrals to the organisation are sent: this door, which serves every member of the cluster."""
    return finished("Endpoint", row, reader, {
        "status": ENDPOINT_STATES.get(row.status, "off"),
        "connectionType": hl7("endpoint-connection-type", "hl7-fhir-rest")["coding"][0],
        "name": row.short_name,
        "managingOrganization": reference("Organization", row.pk, row.short_name),
        "payloadType": [hl7("endpoint-payload-type", "any", "Any")],
        "payloadMimeType": ["application/fhir+json"],
        "address": reader.base,
    })  # fmt: skip
