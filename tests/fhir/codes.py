"""The codes that FHIR R4 binds as required, of what this door answers (hl7.org/fhir/R4, "required" bindings).

`fhir.resources` checks types and cardinality and lets any code pass, so these are checked beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ADMINISTRATIVE = {"active", "suspended", "inactive"}
REQUEST = {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
PRIORITY = {"routine", "urgent", "asap", "stat"}
INTENT = {"proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order",
          "instance-order", "option", "unknown"}  # fmt: skip

#: resource and path, without the places in lists → its codes.
CODES = {
    "Bundle.type": {"searchset", "transaction-response"},
    "Bundle.entry.search.mode": {"match", "include", "outcome"},
    "Location.status": ADMINISTRATIVE,
    "Location.mode": {"instance", "kind"},
    "Location.hoursOfOperation.daysOfWeek": {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
    "Endpoint.status": {"active", "suspended", "error", "off", "entered-in-error", "test"},
    "Slot.status": {"busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"},
    "Patient.gender": {"male", "female", "other", "unknown"},
    "Patient.name.use": {"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"},
    "Practitioner.name.use": {"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"},
    "Patient.address.use": {"home", "work", "temp", "old", "billing"},
    "Patient.link.type": {"replaced-by", "replaces", "refer", "seealso"},
    "ServiceRequest.status": REQUEST,
    "ServiceRequest.intent": INTENT,
    "ServiceRequest.priority": PRIORITY,
    "Task.status": {"draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress",
                    "on-hold", "failed", "completed", "entered-in-error"},
    "Task.intent": INTENT,
    "Task.priority": PRIORITY,
    "Appointment.status": {"proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow",
                           "entered-in-error", "checked-in", "waitlist"},
    "Appointment.participant.status": {"accepted", "declined", "tentative", "needs-action"},
    "DocumentReference.status": {"current", "superseded", "entered-in-error"},
    "DocumentReference.docStatus": {"preliminary", "final", "amended", "entered-in-error"},
    "CapabilityStatement.status": {"draft", "active", "retired", "unknown"},
    "CapabilityStatement.kind": {"instance", "capability", "requirements"},
    "CapabilityStatement.rest.mode": {"client", "server"},
    "CapabilityStatement.rest.resource.interaction.code": {
        "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
    },
    "CapabilityStatement.rest.resource.searchParam.type": {
        "number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special",
    },
    "OperationOutcome.issue.severity": {"fatal", "error", "warning", "information"},
    "OperationOutcome.issue.code": {
        "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired",
        "forbidden", "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found",
        "deleted", "too-long", "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient",
        "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled", "informational",
    },
}  # fmt: skip
#: Wherever a contact stands.
TELECOM = {"phone", "fax", "email", "pager", "url", "sms", "other"}


def foreign_codes(value: Any, path: str) -> Iterator[str]:
    """Each code that its value set does not hold, with its place. Resources within resources begin a path anew."""
    if isinstance(value, dict):
        inner = value.get("resourceType", path)
        for name, item in value.items():
            yield from foreign_codes(item, f"{inner}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from foreign_codes(item, path)
    else:
        allowed = TELECOM if path.endswith(".telecom.system") else CODES.get(path)
        if allowed is not None and value not in allowed:
            yield f"{path}: {value}"
