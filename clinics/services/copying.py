"""A weekly pattern once more: for other weeks, another person, room or service of the same clinic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clinics.models import Schedule
from clinics.policies import schedule_policy
from clinics.services.generation import calendar_of, clashes_of, fill, horizon, plan
from clinics.services.schedules import FIELDS, Hours, build, save_new, whole
from clinics.states import ClinicStatus
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from clinics.models import Slot
    from cluster_portal.common.actor import Actor


@dataclass(slots=True)
class Copy:
    """What a copy would come to up to the horizon: the times that it makes, and those that somebody's other times keep
    it from, each with the one in the way. `off` are days of its weekdays without reception, with their names.
    """

    schedule: Schedule
    times: list[Slot]
    clashes: list[tuple[Slot, Slot]]
    off: dict[date, str] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """On how many days the times lie."""
        return len({slot.start.date() for slot in self.times})


def look_at_copy(actor: Actor, *, schedule_id: uuid.UUID, data: dict[str, Any]) -> Copy:
    """What `copy_schedule` would do; nothing is written. Raises as it does, but for PractitionerBusy."""
    schedule, hours = _copy_of(actor, schedule_id, data)
    # Prefetched by hand: the rows are not saved.
    schedule._prefetched_objects_cache = {"hours": hours}
    first, last = horizon(schedule)
    if first > last or schedule.service.clinic.status == ClinicStatus.CLOSED:
        return Copy(schedule, [], [])
    calendar = calendar_of(schedule, first, last)
    now = timezone.now()
    wanted = [slot for slot in plan(schedule, first, last, calendar) if slot.start > now]
    clashes = clashes_of(wanted, schedule.practitioner_id)
    taken = {slot.start for slot, _other in clashes}
    weekdays = {row.weekday for row in hours}
    off = {} if schedule.works_on_holidays else calendar.off
    return Copy(
        schedule,
        [slot for slot in wanted if slot.start not in taken],
        clashes,
        {day: name for day, name in sorted(off.items()) if day.isoweekday() in weekdays},
    )


@service
def copy_schedule(
    actor: Actor, *, schedule_id: uuid.UUID, data: dict[str, Any], leave_out: bool = False
) -> Schedule:
    """A new pattern with the hours and shares of another one; its slots stand at once as drafts.

    `data` are those of `schedules.FIELDS` that differ. Raises NotFound, Forbidden, Invalid at the field, and
    PractitionerBusy where times overlap, unless these are to be left out (`leave_out`).
    """
    schedule, hours = _copy_of(actor, schedule_id, data)
    save_new(schedule, [Hours(row.weekday, row.starts, row.ends) for row in hours])
    fill(whole(schedule.pk), strict=not leave_out)
    return schedule


def _copy_of(actor: Actor, schedule_id: uuid.UUID, data: dict[str, Any]) -> tuple[Schedule, list[Any]]:
    schedule_policy.require(actor, "create")
    schedule_policy.get(actor, "edit", schedule_id)
    source = whole(schedule_id)
    related = {
        "service": source.service_id,
        "practitioner": source.practitioner_id,
        "equipment": source.equipment_id,
    }
    values = {name: getattr(source, name) for name in FIELDS} | related | data
    hours = list(source.hours.all())
    return build(actor, values, [Hours(row.weekday, row.starts, row.ends) for row in hours]), hours
