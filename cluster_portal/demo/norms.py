"""Deadlines of generated referrals, by the same norms and calendar as `patients.services.deadlines`, without a query
for each."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from patients.models import WaitingNorm
from patients.services.deadlines import add_working_days


class Norms:
    """The norms in force, read once."""

    def __init__(self) -> None:
        self.rows = list(WaitingNorm.objects.all())
        self._working = cache(add_working_days)
        self._of = cache(self._fitting)

    def due(
        self, country: str, priority: str, suspicion: str, specialty: str, care_type: str, on: date
    ) -> date | None:
        """The last day for a referral submitted on that day; None where the country has no norm."""
        for valid_from, valid_to, norm in self._of(country, priority, suspicion, specialty, care_type):
            if valid_from <= on <= valid_to:
                if norm.calendar_days:
                    return on + timedelta(days=norm.days)
                return self._working(on, norm.days, country)
        return None

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
