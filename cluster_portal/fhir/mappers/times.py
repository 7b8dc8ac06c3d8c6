"""Times that can be booked, as resources."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from clinics.selectors.openness import is_open_for
from clinics.states import ClinicStatus, SlotState
from cluster_portal.fhir import systems
from cluster_portal.fhir.shapes import Reader, concept, finished, local, own, reference

if TYPE_CHECKING:
    from clinics.models import Service


def schedule(row: Service, reader: Reader) -> dict[str, Any]:
    """The times of a service at a clinic. How the clinic divides them among its people is its own affair."""
    kind, clinic = row.service_type, row.clinic
    return finished("Schedule", row, reader, {
        "active": row.is_active and clinic.status == ClinicStatus.OPEN,
        "serviceCategory": [concept(systems.DIRECTION, kind.direction, kind.get_direction_display())],
        "serviceType": [concept(systems.SERVICE_TYPE, kind.code, kind.name)],
        "specialty": [concept(systems.SPECIALTY, kind.specialty_id, kind.specialty.name)],
        "actor": [
            reference("HealthcareService", row.pk, f"{kind.name}, {clinic.short_name}"),
            reference("Location", clinic.pk, clinic.short_name),
        ],
    })  # fmt: skip


def slot(row: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """A time. `free` is what a planned referral of the reader's organisation may take now; others are busy to it."""
    name = " ".join(filter(None, (row["family"], row["given"], row["patronymic"])))
    return finished("Slot", row, reader, {
        "extension": [
            {
                "url": own("StructureDefinition", "slot-practitioner"),
                "valueReference": reference("Practitioner", row["practitioner_id"], name),
            }
            if row["practitioner_id"]
            else None
        ],
        "serviceType": [concept(systems.SERVICE_TYPE, row["service_type_id"], row["service_name"])],
        "schedule": reference("Schedule", row["service_id"], row["clinic_name"]),
        "status": _status(row, reader),
        "start": local(row["start"], row["time_zone"]),
        "end": local(row["end"], row["time_zone"]),
        "comment": row["room"],
    })  # fmt: skip


def _status(row: dict[str, Any], reader: Reader) -> str:
    if row["state"] != SlotState.PUBLISHED:
        return "busy-unavailable"
    if row["taken"] >= row["capacity"]:
        return "busy"
    opened = is_open_for(SimpleNamespace(**row), reader.actor.organization_id, "planned", reader.now)
    return "free" if opened else "busy-unavailable"
