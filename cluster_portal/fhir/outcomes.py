"""Failures as OperationOutcome, made of the portal's own problem details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster_portal.fhir import systems
from cluster_portal.fhir.shapes import coding, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: HL7's issue types by the status of the answer; by the portal's code where that says more.
BY_STATUS = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported",
    409: "conflict", 410: "deleted", 411: "required", 412: "conflict", 413: "too-long", 415: "not-supported",
    422: "business-rule", 428: "required", 429: "throttled", 503: "transient",
}  # fmt: skip
BY_CODE = {
    "invalid_token": "expired", "broken_json": "structure", "patient_exists": "duplicate", "required": "required",
    "unknown_field": "structure", "slot_taken": "conflict", "busy": "lock-error", "request_running": "lock-error",
}  # fmt: skip


def outcome(problem: dict[str, Any], place: Callable[[str], str | None] | None = None) -> dict[str, Any]:
    """A problem as an OperationOutcome: an issue for each field, or one for the whole.

    `place` turns the name of the portal's field into the FHIRPath of what was sent; where it is not known, the field's
    own name stays, as REST has it.
    """
    status, code = problem["status"], problem["code"]
    common = {
        "severity": "fatal" if status >= 500 else "error",
        "diagnostics": f"request {problem['request_id']}",
    }
    errors = problem["errors"] or [{"field": None, "code": code, "detail": problem["detail"]}]
    issues = []
    for error in errors:
        field = error["field"]
        path = (place(field) if place else field) if field else None
        issues.append({
            **common,
            "code": BY_CODE.get(error["code"]) or BY_CODE.get(code) or BY_STATUS.get(status, "exception"),
            "details": {"coding": [coding(systems.ERROR, error["code"])], "text": error["detail"]},
            "expression": [path],
        })  # fmt: skip
    # Where a time is gone, the nearest ones that are free.
    issues += [
        {
            "severity": "information",
            "code": "informational",
            "details": {"text": f"{free['start']}, {free['clinic']}"},
            "diagnostics": f"Slot/{free['slot']}",
        }
        for free in problem.get("alternatives", ())
    ]
    return {"resourceType": "OperationOutcome", "issue": tidy(issues)}


def notes(texts: Iterable[str]) -> dict[str, Any]:
    """What a reader should know of an answer that is right all the same."""
    issues = [
        {"severity": "warning", "code": "not-supported", "details": {"text": str(text)}} for text in texts
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}
