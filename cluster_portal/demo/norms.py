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

    def due(
        self, country: str, priority: str, suspicion: str, specialty: str, care_type: str, on: date
    ) -> date | None:
        """The last day for a referral submitted on that day; None where the country has no norm."""
        fitting = [
            row
            for row in self.rows
            if row.country == country
            and row.valid_from <= on
            and (row.valid_to is None or on <= row.valid_to)
            and row.priority in ("", priority)
            and row.suspicion in ("", suspicion)
            and row.specialty_code in ("", specialty)
            and row.care_type in ("", care_type)
        ]
        if not fitting:
            return None
        norm = min(fitting, key=lambda row: row.days)
        if norm.calendar_days:
            return on + timedelta(days=norm.days)
        return self._working(on, norm.days, country)
