"""Deadlines of generated referrals, by the same norms and calendar as `patients.services.deadlines`, without a query
for each."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import cache

from clinics.selectors.calendar import working_days
from patients.models import WaitingNorm

#: A year of referrals lies behind the day of loading, and the longest norm well within the next.
REACH = timedelta(days=500)


class Norms:
    """The norms and the working days around `today`, read once."""

    def __init__(self, today: date) -> None:
        self.rows = list(WaitingNorm.objects.all())
        countries = {row.country for row in self.rows}
        self._working_days = {
            country: working_days(country, today - REACH, today + REACH) for country in countries
        }
        self._of = cache(self._fitting)

    def due(
        self, country: str, priority: str, suspicion: str, specialty: str, care_type: str, on: date
    ) -> date | None:
        """The last day for a referral submitted on that day; None where the country has no norm."""
        for valid_from, valid_to, norm in self._of(country, priority, suspicion, specialty, care_type):
            if valid_from <= on <= valid_to:
                if norm.calendar_days:
                    return on + timedelta(days=norm.days)
                return self._after(on, norm.days, self._working_days[country])
        return None

    @staticmethod
    def _after(on: date, number: int, working: list[date]) -> date:
        return working[bisect_right(working, on) + number - 1] if number else on

    def _fitting(
        self, country: str, priority: str, suspicion: str, specialty: str, care_type: str
    ) -> list[tuple[date, date, WaitingNorm]]:
        """The norms for such care, the shortest wait first, each with its first and last day."""
        return [
            (row.valid_from, row.valid_to or date.max, row)
            for row in sorted(self.rows, key=lambda row: row.days)
            if row.country == country
            and row.priority in ("", priority)
            and row.suspicion in ("", suspicion)
            and row.specialty_code in ("", specialty)
            and row.care_type in ("", care_type)
        ]
