"""The registry's work by night and after commits."""

from __future__ import annotations

import logging

from celery import shared_task

from clinics.events import CHANGE_DECIDED
from clinics.selectors.equipment import outlasting
from clinics.selectors.schedules import running_schedules
from clinics.services.equipment import outlast_forecast
from clinics.services.lapses import end_suspensions, warn_of_lapses
from clinics.services.notices import tell_of_decision
from clinics.services.practitioners import end_employments
from clinics.services.premises import sum_beds
from clinics.services.schedules import generate_slots
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import PortalError

log = logging.getLogger(__name__)


@shared_task(name="clinics.tasks.extend_schedules")
def extend_schedules() -> int:
    """Bring every running pattern up to the horizon. One that fails does not keep the others back.

    Where a repair outlasts its forecast, the times that need the unit are closed first; whose last day is over works no
    more. Returns how many slots were
    made. Doing it twice changes nothing.
    """
    for equipment_id in outlasting():
        outlast_forecast(SYSTEM, equipment_id=equipment_id)
    end_employments(SYSTEM)
    made = 0
    for schedule_id in running_schedules():
        try:
            made += generate_slots(SYSTEM, schedule_id=schedule_id, strict=False)
        except PortalError as exc:
            log.warning("a pattern was left out", extra={"schedule_id": str(schedule_id), "error": exc.code})
    return made


@shared_task(name="clinics.tasks.watch_licences")
def watch_licences() -> int:
    """Warn of licences and accreditations that lapse soon, end suspensions that are over. Returns how many warnings."""
    end_suspensions(SYSTEM)
    return warn_of_lapses(SYSTEM)


@background.handler(CHANGE_DECIDED)
def change_decided(change: str) -> None:
    """Tell the clinic what the office decided."""
    tell_of_decision(change)


@shared_task(name="clinics.tasks.count_beds")
def count_beds() -> int:
    """Numbers of beds begin to hold at a clinic's midnight: sum them up. Returns how many clinics changed."""
    return sum_beds(SYSTEM)
