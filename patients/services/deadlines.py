"""By when a patient must be seen: the waiting norm that fits, counted in the clinic's working days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.selectors.calendar import working_days
from clinics.selectors.openness import day_of
from patients.models import WaitingNorm

if TYPE_CHECKING:
    from patients.models import Referral


def is_working_day(day: date, country: str) -> bool:
    """Whether clinics of the country work that day, by its calendar as the cluster has corrected it."""
    return bool(working_days(country, day, day))


def add_working_days(start: date, days: int, country: str) -> date:
    """The `days`-th working day after `start`; 0 gives `start` itself. Mostly one query."""
    found: list[date] = []
    last = start
    while len(found) < days:
        # Weekends are two days of seven, the longest holidays a week and a half.
        first, last = last + timedelta(days=1), last + timedelta(days=2 * days + 14)
        found += working_days(country, first, last)
    return found[days - 1] if days else start


def norm_for(referral: Referral, *, country: str, on: date) -> WaitingNorm | None:
    """The strictest norm in force that fits the referral; None where none does."""
    service_type = referral.service_type if referral.service_type_id else None
    specialty, care_type = (service_type.specialty_id, service_type.care_type) if service_type else ("", "")
    return (
        WaitingNorm.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
            Q(priority="") | Q(priority=referral.priority),
            Q(suspicion="") | Q(suspicion=referral.suspicion),
            Q(specialty_code="") | Q(specialty_code=specialty),
            Q(care_type="") | Q(care_type=care_type),
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
