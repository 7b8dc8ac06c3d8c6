"""By when a patient must be seen: the waiting norm that fits, counted in the clinic's working days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays
from django.db.models import Q

from clinics.selectors.openness import day_of
from patients.models import WaitingNorm

if TYPE_CHECKING:
    from patients.models import Referral


@lru_cache(maxsize=32)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_working_day(day: date, country: str) -> bool:
    """Whether clinics of the country work that day (Saturday and Sunday they do not)."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def add_working_days(start: date, days: int, country: str) -> date:
    """The `days`-th working day after `start`; 0 gives `start` itself."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, country)
    return day


def norm_for(referral: Referral, *, country: str, on: date) -> WaitingNorm | None:
    """The strictest norm in force that fits the referral."""
    specialty = referral.service_type.specialty_id if referral.service_type_id else ""
    return (
        WaitingNorm.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
            Q(priority="") | Q(priority=referral.priority),
            Q(suspicion="") | Q(suspicion=referral.suspicion),
            Q(specialty_code="") | Q(specialty_code=specialty),
            country=country,
            valid_from__lte=on,
        )
        .order_by("days")
        .first()
    )


def due_from_the_start(referral: Referral) -> date | None:
    """The last day for a submitted referral, counted from its first submission by the receiving clinic's calendar.

    What it is now decides the norm, never the day that it is counted from. None where no norm applies.
    """
    place = referral.target_clinic or referral.source_clinic
    submitted_on = day_of(referral.submitted_at, place.time_zone)
    return due_day(referral, country=place.country, on=submitted_on)


def due_day(referral: Referral, *, country: str, on: date) -> date | None:
    """The last day of the norm for a referral submitted `on` that day; None where no norm applies."""
    norm = norm_for(referral, country=country, on=on)
    if norm is None:
        return None
    return on + timedelta(days=norm.days) if norm.calendar_days else add_working_days(on, norm.days, country)
