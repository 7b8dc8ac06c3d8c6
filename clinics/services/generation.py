"""Slots from weekly patterns."""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import DateField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.errors import PractitionerBusy
from clinics.models import Room, RoomClosure, Schedule, ScheduleException, Slot
from clinics.selectors.calendar import cut, days, days_off, start_of, today_at
from clinics.selectors.equipment import days_out_of_use
from clinics.states import Audience, ClinicStatus, SlotState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.db.models import QuerySet

    from clinics.models import Clinic

log = logging.getLogger(__name__)

#: How far ahead slots stand ready, in weeks from today.
WEEKS_AHEAD = 8


def deal(number: int, *, own: int, cluster: int, urgent: int) -> list[Audience]:
    """Whom each of a day's `number` slots is for, in the order own, cluster, urgent; shares are percent.

    Counts are rounded by the largest remainder, so they always sum to `number` and no share is more than one slot off.
    """
    shares = {Audience.OWN: own, Audience.CLUSTER: cluster, Audience.URGENT: urgent}
    counts = {audience: number * share // 100 for audience, share in shares.items()}
    by_remainder = sorted(shares, key=lambda audience: -(number * shares[audience] % 100))
    for audience in by_remainder[: number - sum(counts.values())]:
        counts[audience] += 1
    return [audience for audience, count in counts.items() for _n in range(count)]


@dataclass(slots=True)
class Calendar:
    """Which days a practitioner does not work at a clinic, read once for a whole stretch."""

    off: dict[date, str] = field(default_factory=dict)
    exceptions: list[tuple[date, date]] = field(default_factory=list)

    def works(self, day: date, *, on_holidays: bool) -> bool:
        if any(first <= day <= last for first, last in self.exceptions):
            return False
        return on_holidays or day not in self.off


def calendar_of(schedule: Schedule, first: date, last: date) -> Calendar:
    """Public holidays, the practitioner's exceptions, the days on which the room is closed and those without the
    equipment that is needed, from `first` to `last`. Two queries, one more while that is in repair.
    """
    clinic = schedule.service.clinic
    within = {"first_day__lte": last, "last_day__gte": first}
    exceptions = ScheduleException.objects.filter(
        practitioner=schedule.practitioner_id, clinic=clinic.pk, **within
    )
    closures = RoomClosure.objects.filter(room__clinic=clinic.pk, room__number=schedule.room, **within)
    stretch = ("first_day", "last_day")
    away = list(
        exceptions.values_list(*stretch).union(
            closures.order_by().values_list(*stretch), _without_room(schedule, clinic, last)
        )
    )
    if schedule.equipment and (out := days_out_of_use(schedule.equipment)):
        away.append(out)
    return Calendar(off=days_off(clinic.country, first, last), exceptions=away)


def _without_room(schedule: Schedule, clinic: Clinic, last: date) -> QuerySet:
    """The days up to `last` after the room's own last one, where no later room has its number."""
    later = Room.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=OuterRef("closed_on")),
        clinic=OuterRef("clinic"), number=OuterRef("number"),
    )  # fmt: skip
    ended = Room.objects.filter(~Exists(later), clinic=clinic.pk, number=schedule.room, closed_on__lt=last)
    after = Cast(F("closed_on") + timedelta(days=1), DateField())
    return ended.order_by().annotate(after=after, end=Value(last, DateField())).values_list("after", "end")


def horizon(schedule: Schedule, now: datetime | None = None) -> tuple[date, date]:
    """The first and the last day, at the clinic, for which the pattern should have slots now."""
    today = today_at(schedule.service.clinic.time_zone, now)
    last = today + timedelta(weeks=WEEKS_AHEAD)
    if schedule.practitioner.left_on:
        last = min(last, schedule.practitioner.left_on)
    return max(today, schedule.valid_from), min(last, schedule.valid_to or last)


def plan(schedule: Schedule, first: date, last: date, calendar: Calendar) -> list[Slot]:
    """The slots (not saved) that the pattern asks for from `first` to `last`, in order of time.

    `schedule` comes with its service, clinic and hours. Hours are the clinic's wall clock on each day.
    """
    service, zone = schedule.service, schedule.service.clinic.time_zone
    release = timedelta(hours=schedule.release_hours)
    weekdays: dict[int, list] = {}
    for hours in schedule.hours.all():
        weekdays.setdefault(hours.weekday, []).append((hours.starts, hours.ends))
    slots = []
    for day in days(max(first, schedule.valid_from), min(last, schedule.valid_to or last)):
        if day.isoweekday() not in weekdays or not calendar.works(
            day, on_holidays=schedule.works_on_holidays
        ):
            continue
        times = [
            pair
            for starts, ends in sorted(weekdays[day.isoweekday()])
            for pair in cut(day, starts, ends, schedule.slot_minutes, zone)
        ]
        audiences = deal(
            len(times), own=schedule.share_own, cluster=schedule.share_cluster, urgent=schedule.share_urgent
        )
        slots += [
            Slot(
                schedule=schedule,
                service=service,
                service_type_id=service.service_type_id,
                clinic_id=service.clinic_id,
                organization_id=service.clinic.organization_id,
                practitioner_id=schedule.practitioner_id,
                room=schedule.room,
                start=start,
                end=end,
                capacity=schedule.capacity,
                audience=audience,
                release_at=start - release,
            )
            for (start, end), audience in zip(times, audiences, strict=True)
        ]
    return slots


def fill(schedule: Schedule, *, now: datetime | None = None, strict: bool = True) -> list[Slot]:
    """Make the slots that the pattern asks for and that do not stand yet; those that stand are left as they are.

    The caller has locked the schedule. New slots of a published pattern are published, others are drafts. Times taken
    by the practitioner's other slots raise PractitionerBusy when `strict`; else they are left out, and the log says so.
    """
    now = now or timezone.now()
    first, last = horizon(schedule, now)
    if first > last or not schedule.is_active:
        return []
    wanted = [s for s in plan(schedule, first, last, calendar_of(schedule, first, last)) if s.start > now]
    zone = schedule.service.clinic.time_zone
    bounds = start_of(first, zone), start_of(last + timedelta(days=2), zone)
    standing = set(
        Slot.objects.filter(schedule=schedule, start__range=bounds).values_list("start", flat=True)
    )
    return insert(schedule, [slot for slot in wanted if slot.start not in standing], strict=strict)


def insert(schedule: Schedule, slots: list[Slot], *, strict: bool) -> list[Slot]:
    """Save planned slots, minding the practitioner's other ones; a closed clinic gets none. See `fill`."""
    if not slots or schedule.service.clinic.status == ClinicStatus.CLOSED:
        return []
    state = SlotState.PUBLISHED if schedule.published_at else SlotState.DRAFT
    clashes = clashes_of(slots, schedule.practitioner_id)
    if clashes and strict:
        raise _busy(schedule, clashes)
    if clashes:
        log.warning(
            "the practitioner is busy elsewhere; slots left out",
            extra={"schedule_id": str(schedule.pk), "slots": len(clashes)},
        )
    taken = {slot.start for slot, _other in clashes}
    fresh = [slot for slot in slots if slot.start not in taken]
    for slot in fresh:
        slot.state = state
    return Slot.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=not strict)


def clashes_of(slots: list[Slot], practitioner_id: uuid.UUID) -> list[tuple[Slot, Slot]]:
    """The planned slots that overlap one that stands, each with the one that it overlaps. One query."""
    others = list(
        Slot.objects.filter(practitioner=practitioner_id, start__lt=slots[-1].end, end__gt=slots[0].start)
        .exclude(state=SlotState.BLOCKED)
        .select_related("clinic")
        .order_by("start")
    )
    # The others do not overlap each other (the database sees to it), so the order of starts is that of ends.
    ends = [other.end for other in others]
    clashes = []
    for slot in slots:
        index = bisect_left(ends, slot.start)
        while index < len(others) and others[index].start < slot.end:
            if others[index].end > slot.start:
                clashes.append((slot, others[index]))
                break
            index += 1
    return clashes


def _busy(schedule: Schedule, clashes: list[tuple[Slot, Slot]]) -> PractitionerBusy:
    other = clashes[0][1]
    local = timezone.localtime(other.start, ZoneInfo(other.clinic.time_zone))
    return PractitionerBusy(
        _(
            "%(name)s already sees patients then: %(day)s, %(time)s, %(clinic)s. Times that overlap: %(count)s."
        )
        % {
            "name": schedule.practitioner.short_name,
            "day": date_format(local, "j E"),
            "time": date_format(local, "H:i"),
            "clinic": other.clinic.short_name,
            "count": len(clashes),
        },
        field="hours",
        extra={"starts": [slot.start.isoformat() for slot, _other in clashes[:50]]},
    )
