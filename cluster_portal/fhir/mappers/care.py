"""Patients, referrals and what belongs to them, as resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clinics.states import Payment
from cluster_portal.fhir import systems
from cluster_portal.fhir.shapes import (
    Reader,
    concept,
    day,
    finished,
    human_name,
    identifier,
    local,
    reference,
    telecom,
    utc,
)
from patients.states import BookingState, CareKind, Conditions, Priority, ReferralState, Sex

if TYPE_CHECKING:
    import datetime as dt
    import uuid

    from patients.models import Booking, Patient, Referral

GENDERS = {Sex.MALE: "male", Sex.FEMALE: "female"}
#: The form of care in HL7's words, and back: `asap` is read as urgent.
PRIORITIES = {Priority.PLANNED: "routine", Priority.URGENT: "urgent", Priority.EMERGENCY: "stat"}

_R = ReferralState
#: What the state of a referral is as the state of the request, and of the work on it.
REQUEST_STATES = {
    _R.DRAFT: "draft", _R.SUBMITTED: "active", _R.RETURNED: "on-hold", _R.ACCEPTED: "active",
    _R.WAITLISTED: "active", _R.BOOKED: "active", _R.IN_CARE: "active", _R.COMPLETED: "completed",
    _R.REJECTED: "revoked", _R.CANCELLED: "revoked",
}  # fmt: skip
TASK_STATES = {
    _R.DRAFT: "draft", _R.SUBMITTED: "requested", _R.RETURNED: "on-hold", _R.ACCEPTED: "accepted",
    _R.WAITLISTED: "accepted", _R.BOOKED: "ready", _R.IN_CARE: "in-progress", _R.COMPLETED: "completed",
    _R.REJECTED: "rejected", _R.CANCELLED: "cancelled",
}  # fmt: skip
_B = BookingState
APPOINTMENT_STATES = {
    _B.HELD: "pending", _B.BOOKED: "booked", _B.ARRIVED: "arrived", _B.FULFILLED: "fulfilled",
    _B.NO_SHOW: "noshow", _B.CANCELLED: "cancelled",
}  # fmt: skip
#: Appointments that have an end to explain.
ENDED = frozenset({_B.NO_SHOW, _B.CANCELLED})
CARE_KIND, CONDITIONS = "care-kind", "conditions"
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED",
}  # fmt: skip


def _address(use: str, parts: dict[str, str]) -> dict[str, Any] | None:
    if not parts:
        return None
    line = ", ".join(filter(None, (parts.get(k) for k in ("street", "house", "building", "flat"))))
    whole = (parts.get(k) for k in ("subject", "district", "locality"))
    return {
        "use": use,
        "text": ", ".join(filter(None, (*whole, line))),
        "line": [line] if line else [],
        "city": parts.get("locality"),
        "district": parts.get("district"),
        "state": parts.get("subject"),
    }


def _person(row: Patient) -> dict[str, Any]:
    return {
        "active": row.merged_into_id is None,
        "name": [human_name(row)],
        "gender": GENDERS.get(row.sex, "unknown"),
        "birthDate": day(row.birth_date),
    }


def patient_row(row: Patient, reader: Reader) -> dict[str, Any]:
    """Enough to tell people apart, as lists show them; the record itself is read by its id, and that is journalled."""
    shown = finished("Patient", row, reader, _person(row))
    shown["meta"]["tag"] = [SUBSETTED]
    return shown


def patient(row: Patient, reader: Reader) -> dict[str, Any]:
    """The record. `own_numbers` are those of the reader's organisation."""
    return finished("Patient", row, reader, {
        "identifier": [
            identifier(systems.SNILS, row.snils),
            identifier(
                systems.ENP,
                row.enp,
                period={"start": day(row.policy_issued_on)},
                assigner={"display": row.policy_insurer},
            ),
            identifier(systems.IIN, row.iin),
            *(
                identifier(systems.OWN_NUMBER, number, assigner=reference("Organization", reader.actor.organization_id))
                for number in row.own_numbers
            ),
            {"type": {"text": row.document_type}, "value": row.document_number} if row.document_number else None,
        ],
        **_person(row),
        "telecom": telecom(row.phone, row.email),
        "address": [_address("home", row.residence), _address("temp", row.stay)],
        "communication": [
            {"language": {"coding": [{"system": systems.LANGUAGES, "code": row.language}]}, "preferred": True}
        ],
        "managingOrganization": reference(
            "Organization", row.registered_by_id, row.registered_by.short_name
        ),
        "link": [
            {"other": reference("Patient", row.merged_into_id), "type": "replaced-by"}
            if row.merged_into_id
            else None
        ],
    })  # fmt: skip


def _kind(row: Referral) -> dict[str, Any] | None:
    return (
        concept(systems.SERVICE_TYPE, row.service_type_id, row.service_type.name)
        if row.service_type
        else None
    )


def _own_number(row: Referral) -> dict[str, Any] | None:
    """What the referring organisation's own system calls the referral."""
    given = reference("Organization", row.source_organization_id)
    found = identifier(systems.OWN_REFERRAL, row.own_number, use="secondary", assigner=given)
    if found and row.own_system:
        found["system"] = row.own_system
    return found


def service_request(row: Referral, reader: Reader) -> dict[str, Any]:
    """A referral. `note` is its justification, `orderDetail` the question to the specialist."""
    target = row.target_clinic
    performer = (
        reference("HealthcareService", row.service_id)
        or reference("Organization", row.target_organization_id)
    )  # fmt: skip
    return finished("ServiceRequest", row, reader, {
        "identifier": [identifier(systems.REFERRAL_NUMBER, row.number), _own_number(row)],
        "status": REQUEST_STATES[ReferralState(row.state)],
        "intent": "order",
        "category": [
            concept(systems.PAYMENT, row.payment, Payment(row.payment).label),
            concept(CARE_KIND, row.care_kind, CareKind(row.care_kind).label),
            concept(CONDITIONS, row.conditions, Conditions(row.conditions).label),
        ],
        "priority": PRIORITIES[Priority(row.priority)],
        "code": _kind(row),
        "orderDetail": [{"text": row.question}] if row.question and row.service_type else [],
        "subject": reference("Patient", row.patient_id),
        "occurrencePeriod": {"end": day(row.due_on)},
        "authoredOn": utc(row.submitted_at or row.created_at),
        "requester": reference(
            "Organization", row.source_organization_id, row.referrer_name or row.source_clinic.short_name
        ),
        "performer": [performer],
        "locationReference": [reference("Location", target.pk, target.short_name)] if target else [],
        "reasonCode": [concept(systems.ICD10, row.diagnosis_code, row.diagnosis_text)],
        "note": [{"text": row.reason}] if row.reason else [],
    })  # fmt: skip


def task(row: Referral, reader: Reader) -> dict[str, Any]:
    """The work on a referral, with its id: where it stands, and what came of it."""
    conclusion = getattr(row, "conclusion", None)
    return finished("Task", row, reader, {
        "identifier": [identifier(systems.REFERRAL_NUMBER, row.number)],
        "basedOn": [reference("ServiceRequest", row.pk)],
        "status": TASK_STATES[ReferralState(row.state)],
        "businessStatus": concept(systems.STATE, row.state, row.get_state_display()),
        "intent": "order",
        "priority": PRIORITIES[Priority(row.priority)],
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "focus": reference("ServiceRequest", row.pk),
        "for": reference("Patient", row.patient_id),
        "authoredOn": utc(row.submitted_at or row.created_at),
        "lastModified": utc(row.state_since),
        "requester": reference("Organization", row.source_organization_id, row.source_clinic.short_name),
        "owner": reference("Organization", row.target_organization_id),
        "restriction": {"period": {"end": day(row.due_on)}},
        "output": [
            {
                "type": concept(systems.PAPER, "conclusion"),
                "valueReference": reference("DocumentReference", conclusion.pk),
            }
            if conclusion
            else None
        ],
    })  # fmt: skip


def appointment(row: Booking, reader: Reader) -> dict[str, Any]:
    """A place in a slot. What is held and not booked yet is pending."""
    slot, zone = row.slot, row.clinic.time_zone
    person = slot.practitioner
    actors = [
        reference("Patient", row.patient_id),
        reference("Location", row.clinic_id, row.clinic.short_name),
        reference("HealthcareService", slot.service_id),
        person and reference("Practitioner", person.pk, person.full_name),
    ]
    ended = row.state in ENDED
    return finished("Appointment", row, reader, {
        "status": APPOINTMENT_STATES[BookingState(row.state)],
        "cancelationReason": concept(systems.REASON, row.end_reason) if ended else None,
        "serviceType": [concept(systems.SERVICE_TYPE, slot.service_type_id, slot.service_type.name)],
        "start": local(row.start, zone),
        "end": local(row.end, zone),
        "slot": [reference("Slot", row.slot_id)],
        "created": utc(row.booked_at or row.created_at),
        "comment": row.end_comment if ended else "",
        "basedOn": [reference("ServiceRequest", row.referral_id)],
        "participant": [{"actor": actor, "status": "accepted"} for actor in actors if actor],
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A paper or a file of a referral: where it is got, and what is known of it."""

    pk: uuid.UUID
    updated_at: dt.datetime
    code: str
    kind: str
    name: str
    referral_id: uuid.UUID
    patient_id: uuid.UUID
    organization_id: uuid.UUID
    created_at: dt.datetime
    path: str
    content_type: str = "application/pdf"
    size: int | None = None


def document_reference(row: Document, reader: Reader) -> dict[str, Any]:
    """A document; its content is behind the link, with the same token, and opening it is journalled."""
    return finished("DocumentReference", row, reader, {
        "status": "current",
        "docStatus": "final",
        "type": concept(systems.PAPER, row.code, row.kind),
        "subject": reference("Patient", row.patient_id),
        "date": utc(row.created_at),
        "author": [reference("Organization", row.organization_id)],
        "description": row.name,
        "content": [
            {
                "attachment": {
                    "contentType": row.content_type,
                    "url": reader.base.removesuffix("/fhir/r4") + row.path,
                    "size": row.size,
                    "title": row.name,
                    "creation": utc(row.created_at),
                }
            }
        ],
        "context": {"related": [reference("ServiceRequest", row.referral_id)]},
    })  # fmt: skip
