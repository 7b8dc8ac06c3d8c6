"""The days off ahead of a clinic, and what still stands in its schedule on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from clinics.models import Schedule, ScheduleException, Slot
from clinics.selectors.calendar import days_off, end_of, start_of, today_at
from clinics.states import SlotState

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from django.db.models import QuerySet

    from clinics.models import Clinic

#: How far ahead days off are shown, in days: half a year.
AHEAD = 183


@dataclass(slots=True)
class DayOff:
    """A day off: its name, the places of its times that stand, how many of them are taken, and of how many people."""

    day: date
    name: str
    times: int = 0
    booked: int = 0
    people: int = 0


def days_off_ahead(clinic: Clinic) -> list[DayOff]:
    """Public holidays of the clinic's country with the cluster's own days, from today. Two queries."""
    first = today_at(clinic.time_zone)
    last = first + timedelta(days=AHEAD)
    found = {day: DayOff(day, name) for day, name in sorted(days_off(clinic.country, first, last).items())}
    if not found:
        return []
    zone = ZoneInfo(clinic.time_zone)
    people: dict[date, set] = {}
    rows = standing(clinic).filter(
        start__gte=start_of(min(found), clinic.time_zone),
        start__lt=start_of(max(found) + timedelta(days=1), clinic.time_zone),
    )
    for start, taken, person in rows.values_list("start", "taken", "practitioner_id").order_by():
        day = start.astimezone(zone).date()
        if day in found:
            found[day].times += 1
            found[day].booked += taken
            people.setdefault(day, set()).add(person)
    for day, seen in people.items():
        found[day].people = len(seen)
    return list(found.values())


def standing(clinic: Clinic) -> QuerySet[Slot]:
    """The clinic's times ahead that are drafts or take bookings."""
    return Slot.objects.filter(clinic=clinic, start__gt=timezone.now(), block_reason="").exclude(
        state=SlotState.BLOCKED
    )


def people_without_leave(clinic: Clinic, first: date, last: date) -> list[uuid.UUID]:
    """Those with a weekly pattern at the clinic for these days whom no one exception keeps away from all of them."""
    away = ScheduleException.objects.filter(clinic=clinic, first_day__lte=first, last_day__gte=last)
    patterns = Schedule.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=first),
        service__clinic=clinic,
        is_active=True,
        valid_from__lte=last,
    ).exclude(practitioner__in=away.values("practitioner"))
    return list(patterns.order_by("practitioner").values_list("practitioner", flat=True).distinct())


def slots_on(clinic: Clinic, day: date) -> QuerySet[Slot, uuid.UUID]:
    """The ids of `standing` on one day of the clinic's calendar."""
    within = {"start__gte": start_of(day, clinic.time_zone), "start__lt": end_of(day, clinic.time_zone)}
    return standing(clinic).filter(**within).values_list("pk", flat=True)
