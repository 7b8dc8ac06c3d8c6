"""Referring and booking by FHIR: what is sent goes to the services of the patients' app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from clinics.policies import service_policy, service_type_policy
from cluster_portal.common.errors import IllegalTransition, NotFound
from cluster_portal.fhir import systems
from cluster_portal.fhir.bodies import Body
from cluster_portal.fhir.mappers.care import (
    APPOINTMENT_STATES,
    CARE_KIND,
    CONDITIONS,
    PRIORITIES,
    TASK_STATES,
)
from patients.policies import booking_policy, referral_policy
from patients.services import booking, decisions, drafts, visits
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Referral

SUSPICION = "suspicion"
#: What the outputs of a finished Task are called, and what the conclusion calls them.
CONCLUSION, DIAGNOSIS, RECOMMENDATIONS, AUTHOR = "conclusion", "diagnosis", "recommendations", "practitioner"

REQUEST = frozenset({
    "identifier", "status", "intent", "category", "priority", "code", "orderDetail", "subject", "occurrencePeriod",
    "authoredOn", "requester", "performer", "locationReference", "reasonCode", "note",
})  # fmt: skip
APPOINTMENT = frozenset({
    "identifier", "status", "cancelationReason", "serviceType", "reasonCode", "start", "end", "slot", "created",
    "comment", "basedOn", "participant", "minutesDuration",
})  # fmt: skip
TASK = frozenset({
    "identifier", "basedOn", "status", "statusReason", "businessStatus", "intent", "priority", "code", "focus", "for",
    "authoredOn", "lastModified", "requester", "owner", "restriction", "output", "note",
})  # fmt: skip
FROM_PRIORITY = {code: value for value, code in PRIORITIES.items()} | {"asap": "urgent"}


@dataclass(frozen=True, slots=True)
class Writer:
    """How a resource is written. `create(actor, data)` and `update(actor, row, data, shown)` give the row's id.

    `lock(actor, pk)` locks what the services of an update lock first and gives the row as it is then. `places` are
    the portal's names of fields as FHIRPath.
    """

    places: Mapping[str, str]
    create: Callable[[Actor, Any], uuid.UUID] | None = None
    update: Callable[[Actor, Any, Any], None] | None = None
    lock: Callable[[Actor, Any], Any] | None = None


def create_request(actor: Actor, data: Any) -> uuid.UUID:
    """A referral: a draft with the status `draft`, sent with `active`."""
    body = Body(data, "ServiceRequest", REQUEST)
    send = body.choice("status", {"draft": False, "active": True})
    body.choice("intent", {"order": True}, default=True)
    patient = body.required("Patient", "subject")
    fields: dict[str, Any] = {
        "priority": body.choice("priority", FROM_PRIORITY, default="planned"),
        "diagnosis_code": body.code("reasonCode", systems.ICD10),
        "diagnosis_text": body.text("reasonCode", 0, "text"),
        "reason": "\n\n".join(body.text("note", n, "text") for n in range(len(body.listed("note")))),
        "question": body.text("orderDetail", 0, "text"),
        "referrer_name": body.text("requester", "display"),
        **_own_number(body),
    }
    for name, system in (
        ("payment", systems.PAYMENT), ("care_kind", CARE_KIND), ("conditions", CONDITIONS), ("suspicion", SUSPICION),
    ):  # fmt: skip
        if code := body.code("category", system):
            fields[name] = code
    if service := body.key("HealthcareService", "performer", 0):
        rows = service_policy.queryset(actor).select_related("clinic", "service_type")
        fields["service"] = _found(body, "performer[0].reference", service_policy, actor, service, rows)
    if code := body.code("code", systems.SERVICE_TYPE):
        rows = service_type_policy.queryset(actor)
        fields["service_type"] = _found(body, "code", service_type_policy, actor, code, rows)
    kept = {name: value for name, value in fields.items() if value != ""}
    referral = drafts.draft_referral(actor, patient_id=patient, data=kept)
    if send:
        drafts.submit_referral(actor, referral_id=referral.pk)
    return referral.pk


def _own_number(body: Body) -> dict[str, str]:
    """The first identifier that is not of the portal's giving: the caller's own, by which it finds it again."""
    for n, _identifier in enumerate(body.listed("identifier")):
        system, value = body.text("identifier", n, "system"), body.text("identifier", n, "value").strip()
        if value and not systems.matches(system, systems.REFERRAL_NUMBER):
            own = "" if systems.matches(system, systems.OWN_REFERRAL) else system
            return {"own_system": own, "own_number": value}
    return {}


def _found(body: Body, path: str, policy: Any, actor: Actor, key: Any, rows: Any) -> Any:
    """What the body names. Raises Invalid at its place where it is not there: it is not what the address names."""
    try:
        return policy.get(actor, "view", key, queryset=rows)
    except NotFound:
        raise body.fail(path, NotFound.title) from None


def create_appointment(actor: Actor, data: Any) -> uuid.UUID:
    """A time for a referral: booked, or with the status `pending` held for some minutes."""
    body = Body(data, "Appointment", APPOINTMENT)
    book = body.choice("status", {"booked": True, "pending": False})
    ids = {
        "referral_id": body.required("ServiceRequest", "basedOn", 0),
        "slot_id": body.required("Slot", "slot", 0),
    }
    if not book:
        return booking.hold_slot(actor, **ids).pk
    late = {
        "late_code": body.code("reasonCode", systems.REASON),
        "late_reason": body.text("reasonCode", 0, "text"),
    }
    return booking.book_referral(actor, **ids, **late).pk


def lock_appointment(actor: Actor, pk: Any) -> Booking:
    """The booking, after its referral: the order of locks everywhere."""
    found = booking_policy.get(actor, "view", pk)
    referral_policy.get(actor, "view", found.referral_id, lock=True)
    return booking_policy.get(actor, "view", pk)


def update_appointment(actor: Actor, row: Booking, data: Any) -> None:
    """Another status: cancelled by either side; arrived and noshow by the receiving one. The time itself stays."""
    body = Body(data, "Appointment", APPOINTMENT)
    wanted = body.choice("status", {code: state for state, code in APPOINTMENT_STATES.items()})
    if body.key("Slot", "slot", 0) not in {None, row.slot_id}:
        raise body.fail(
            "slot[0]", _("The time of an appointment is not changed: cancel it and book another one.")
        )
    if wanted == row.state:
        return
    why = {"reason": body.code("cancelationReason", systems.REASON), "comment": body.text("comment")}
    referral = {"referral_id": row.referral_id}
    if wanted == BookingState.CANCELLED and row.state == BookingState.HELD:
        booking.release_hold(actor, **referral)
    elif wanted == BookingState.CANCELLED and row.state == BookingState.BOOKED:
        booking.cancel_booking(actor, **referral, **why)
    elif wanted == BookingState.ARRIVED and row.state == BookingState.BOOKED:
        visits.mark_arrived(actor, **referral)
    elif wanted == BookingState.NO_SHOW and row.state == BookingState.BOOKED:
        visits.mark_no_show(actor, **referral, **why)
    else:
        raise IllegalTransition(field="status", extra={"state": row.state})


def lock_task(actor: Actor, pk: Any) -> Referral:
    return referral_policy.get(actor, "view", pk, lock=True)


def update_task(actor: Actor, row: Referral, data: Any) -> None:
    """The next step of a referral, by the state table; what is not possible in its present state is 409."""
    body = Body(data, "Task", TASK)
    codes = {code: state for state, code in TASK_STATES.items()}
    wanted = body.text("status")
    body.choice("status", codes)
    if wanted == TASK_STATES[ReferralState(row.state)]:
        return
    ids = {"referral_id": row.pk}
    why = {
        "reason": body.code("statusReason", systems.REASON),
        "comment": body.text("statusReason", "text") or body.text("note", 0, "text"),
    }
    if wanted == "accepted":
        decisions.accept_referral(actor, **ids)
    elif wanted == "rejected":
        decisions.reject_referral(actor, **ids, **why)
    elif wanted == "on-hold":
        decisions.return_referral(actor, **ids, **why)
    elif wanted == "cancelled":
        decisions.cancel_referral(actor, **ids, **why)
    elif wanted == "in-progress":
        visits.mark_arrived(actor, **ids)
    elif wanted == "completed":
        visits.complete_referral(actor, **ids, **_conclusion(body))
    else:
        raise IllegalTransition(field="status", extra={"state": row.state})


def _conclusion(body: Body) -> dict[str, str]:
    """The outputs by their type: conclusion, diagnosis, and where they are there recommendations and practitioner."""
    found = {"text": "", "diagnosis_code": ""}
    names = {CONCLUSION: "text", RECOMMENDATIONS: "recommendations", AUTHOR: "practitioner_name"}
    for n, output in enumerate(body.listed("output")):
        codings = Body({"resourceType": "Task", **output}, "Task", frozenset(output))
        kind = next((code for _system, code in codings.codings("type")), "")
        if kind == DIAGNOSIS:
            found["diagnosis_code"] = codings.code("valueCodeableConcept", systems.ICD10)
            found["diagnosis_text"] = codings.text("valueCodeableConcept", "text")
        elif kind in names:
            found[names[kind]] = codings.text("valueString")
        else:
            kinds = ", ".join([*names, DIAGNOSIS])
            raise body.fail(f"output[{n}].type", _("One of: %(codes)s.") % {"codes": kinds})
    return found


WRITERS = {
    "ServiceRequest": Writer(
        {
            "patient": "subject", "consent": "subject", "diagnosis_code": "reasonCode[0].coding[0].code",
            "diagnosis_text": "reasonCode[0].text", "reason": "note[0].text", "question": "orderDetail[0].text",
            "referrer_name": "requester.display", "service_type": "code", "service": "performer[0]",
            "payment": "category", "care_kind": "category", "conditions": "category", "suspicion": "category",
            "priority": "priority", "source_clinic": "requester", "own_number": "identifier",
            "own_system": "identifier",
        },
        create=create_request,
    ),
    "Appointment": Writer(
        {
            "slot": "slot[0]", "late_code": "reasonCode[0]", "late_reason": "reasonCode[0].text",
            "consent": "basedOn[0]", "reason": "cancelationReason", "comment": "comment", "status": "status",
        },
        create=create_appointment, update=update_appointment, lock=lock_appointment,
    ),
    "Task": Writer(
        {
            "text": "output", "diagnosis_code": "output", "diagnosis_text": "output", "reason": "statusReason",
            "comment": "statusReason.text", "status": "status",
        },
        update=update_task, lock=lock_task,
    ),
}  # fmt: skip
