"""Days and hours as a clinic's own calendar has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone
from django.utils.translation import get_language

from clinics.models import CalendarDay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clinics.models import Clinic


def _known(country: str, year: int) -> holidays.HolidayBase | None:
    """The year as the package `holidays` has it, in the reader's language or, where it has not that one, the country's;
    None for a country it does not know.
    """
    return _in_language(country, year, (get_language() or "")[:2])


@lru_cache(maxsize=64)
def _in_language(country: str, year: int, language: str) -> holidays.HolidayBase | None:
    if country not in holidays.list_supported_countries():
        return None
    kind = getattr(holidays, country)
    wanted = {"en": "en_US"}.get(language, language)
    # Said aloud: left to itself the package asks the process's environment.
    spoken = wanted if wanted in kind.supported_languages else kind.default_language
    return holidays.country_holidays(country, years=year, expand=False, language=spoken)


def days_off(country: str, first: date, last: date) -> dict[date, str]:
    """Public holidays from `first` to `last` with their names, corrected by the cluster's own CalendarDay rows.

    One query.
    """
    found = {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in (_known(country, year) or {}).items()
        if first <= day <= last
    }
    for row in CalendarDay.objects.filter(country=country, day__range=(first, last)):
        if row.is_working:
            found.pop(row.day, None)
        else:
            found[row.day] = row.note
    return found


@lru_cache(maxsize=64)
def _works_by_the_package(country: str, year: int) -> frozenset[date]:
    """Working days of a year: weekdays that are no holidays, and the days off that are moved away from."""
    every = days(date(year, 1, 1), date(year, 12, 31))
    known = _known(country, year)
    if known is None:
        return frozenset(day for day in every if day.weekday() < 5)
    return frozenset(day for day in every if known.is_working_day(day))


def working_days(country: str, first: date, last: date) -> list[date]:
    """The days from `first` to `last` on which the country works, in order: by the package `holidays` with its
    transferred days, corrected by the cluster's own CalendarDay rows. One query."""
    found = {
        day
        for year in range(first.year, last.year + 1)
        for day in _works_by_the_package(country, year)
        if first <= day <= last
    }
    for row in CalendarDay.objects.filter(country=country, day__range=(first, last)):
        (found.add if row.is_working else found.discard)(row.day)
    return sorted(found)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both inclusive."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def today_at(time_zone: str, now: datetime | None = None) -> date:
    """The calendar day there, now."""
    return (now or timezone.now()).astimezone(ZoneInfo(time_zone)).date()


def start_of(day: date, time_zone: str) -> datetime:
    """The moment at which the day begins there (UTC); at either end of the calendar its first or last one."""
    try:
        return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)
    except OverflowError:
        return (datetime.min if day.year == date.min.year else datetime.max).replace(tzinfo=UTC)


def end_of(day: date, time_zone: str) -> datetime:
    """The moment at which the day is over there (UTC)."""
    return (
        datetime.max.replace(tzinfo=UTC) if day == date.max else start_of(day + timedelta(days=1), time_zone)
    )


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def working_hours_later(now: datetime, hours: int, time_zone: str, country: str) -> datetime:
    """The moment when so many hours have passed there, of which those of days off do not count."""
    moment, left = now, timedelta(hours=hours)
    while True:
        day = today_at(time_zone, moment)
        midnight = start_of(day + timedelta(days=1), time_zone).astimezone(now.tzinfo)
        if working_days(country, day, day):
            if moment + left <= midnight:
                return moment + left
            left -= midnight - moment
        moment = midnight


def cut(
    day: date, starts: time, ends: time, minutes: int, time_zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Visits of `minutes` from `starts` to `ends` by the wall clock of `time_zone`, as (start, end) in UTC.

    What is cut is real time: when the clocks change in between, the hour that is missing or doubled takes its visits
    away or adds some, and none of them is shorter. A remainder shorter than a visit is left out.
    """
    zone, utc = ZoneInfo(time_zone), ZoneInfo("UTC")
    start = datetime.combine(day, starts, zone).astimezone(utc)
    closing = datetime.combine(day, ends, zone).astimezone(utc)
    step = timedelta(minutes=minutes)
    while start + step <= closing:
        yield start, start + step
        start += step


def hours_on(clinic: Clinic, day: date) -> tuple[time, time] | None:
    """From when to when the clinic is open on that day, by its own clock; None where it is closed."""
    hours = clinic.opening_hours.get(str(day.isoweekday()))
    return (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None


def open_until(clinic: Clinic, now: datetime | None = None) -> time | None:
    """When the clinic closes today, if it is open now; None where it is not."""
    local = (now or timezone.now()).astimezone(ZoneInfo(clinic.time_zone))
    hours = hours_on(clinic, local.date())
    return hours[1] if hours and hours[0] <= local.time() < hours[1] else None
