"""Equipment: kept by its organisation's staff and the cluster office, seen by analysts, not there for anybody else."""

from __future__ import annotations

from tests.permissions.roles import ANALYST, FORBIDDEN, OFFICE, RECEIVERS, STAFF, allow, api, page
from tests.permissions.rules import SIGNED_IN

UNIT = {"pk": "@equipment"}
SEEING = allow(RECEIVERS | {OFFICE, ANALYST})
KEEPING = allow(RECEIVERS | {OFFICE}, forbidden={ANALYST})
ENTERING = allow(STAFF | {OFFICE}, other=FORBIDDEN)
#: Figures are for those who run reports.
REPORTING = allow(
    {role for role in STAFF if role.endswith((".manager", ".coordinator"))} | {OFFICE, ANALYST},
    other=FORBIDDEN,
)
#: The state, the clinic and the type are asked for; what is missing is told at the field.
CREATED = {"inventory_number": "77-1", "clinic": "@clinic", "type": "ct", "state": "planned"}
MAINTAINED = {"kind": "maintenance", "done_on": "@today", "done_by": "Инженер"}
IMPORT = {"code": "clinics.equipment"}
STEPS = ("order", "deliver", "commission", "report_fault", "return_to_work", "write_off")

PAGES = [
    page("clinics:equipment", "GET", SIGNED_IN),
    page("clinics:equipment_programme", "GET", REPORTING),
    page("clinics:equipment_new", "GET", ENTERING),
    page("clinics:equipment_new", "POST", ENTERING, body=CREATED),
    page("clinics:equipment_labels", "POST", SEEING, body={"row": "@equipment"}),
    page("clinics:equipment_unit", "GET", SEEING, at=UNIT),
    page("clinics:equipment_edit", "GET", KEEPING, at=UNIT),
    page("clinics:equipment_edit", "POST", KEEPING, at=UNIT, body=CREATED),
    *(page("clinics:equipment_move", "GET", KEEPING, at={**UNIT, "action": step}) for step in STEPS),
    *(page("clinics:equipment_move", "POST", KEEPING, at={**UNIT, "action": step}) for step in STEPS),
    page("clinics:equipment_move", "GET", allow(()), at={**UNIT, "action": "explode"}),
    page("clinics:equipment_forecast", "GET", KEEPING, at=UNIT),
    page("clinics:equipment_forecast", "POST", KEEPING, at=UNIT),
    page("clinics:equipment_upkeep", "GET", KEEPING, at=UNIT),
    page("clinics:equipment_upkeep", "POST", KEEPING, at=UNIT, body=MAINTAINED),
    page("clinics:equipment_scan", "GET", SEEING, at=UNIT),
    page("clinics:equipment_scan_upkeep", "POST", KEEPING, at=UNIT, body={"kind": "repair"}),
    page("imports:start", "GET", ENTERING, at=IMPORT),
    page(
        "reports:export",
        "POST",
        allow(STAFF | {OFFICE, ANALYST}, other=FORBIDDEN),
        at={"code": "clinics.equipment_list"},
        body={"file_format": "csv"},
    ),
]

RESOURCES = [
    api("api-equipment-types-list", "GET", SIGNED_IN),
    api("api-equipment-types-detail", "GET", SIGNED_IN, at={"code": "ct"}),
    api("api-equipment-list", "GET", SIGNED_IN),
    api("api-equipment-list", "POST", ENTERING, body=CREATED),
    api("api-equipment-detail", "GET", SEEING, at=UNIT),
    api("api-equipment-detail", "PATCH", KEEPING, at=UNIT, body={"place": "112"}),
    *(api(f"api-equipment-{step.replace('_', '-')}", "POST", KEEPING, at=UNIT) for step in STEPS),
    api("api-equipment-expect-return", "POST", KEEPING, at=UNIT, body={"expected_until": None}),
    api("api-equipment-service-log", "GET", SEEING, at=UNIT),
    api("api-equipment-service-log", "POST", KEEPING, at=UNIT, body={"kind": "calibration"}),
]
