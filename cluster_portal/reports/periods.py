"""The period that most reports ask for: named ones move with the calendar, so a schedule may keep them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cluster_portal.reports.base import Parameters
from cluster_portal.web.forms import DateInput

#: The longest period, in years.
LONGEST = 5


class Period(TextChoices):
    """Whole calendar units that are over, those that run until today, and days of one's own."""

    LAST_7 = "last_7", _("last 7 days")
    LAST_30 = "last_30", _("last 30 days")
    LAST_MONTH = "last_month", _("last month")
    LAST_QUARTER = "last_quarter", _("last quarter")
    LAST_YEAR = "last_year", _("last year")
    THIS_MONTH = "this_month", _("this month until today")
    THIS_QUARTER = "this_quarter", _("this quarter until today")
    THIS_YEAR = "this_year", _("this year until today")
    OWN = "own", _("own dates")


def days_of(period: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of a named period, as seen on `today`; both are part of it."""
    day = dt.timedelta(days=1)
    month = today.replace(day=1)
    quarter = dt.date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    year = dt.date(today.year, 1, 1)
    match period:
        case Period.LAST_7:
            return today - 7 * day, today - day
        case Period.LAST_30:
            return today - 30 * day, today - day
        case Period.LAST_MONTH:
            return (month - day).replace(day=1), month - day
        case Period.LAST_QUARTER:
            end = quarter - day
            return dt.date(end.year, end.month - 2, 1), end
        case Period.LAST_YEAR:
            return dt.date(today.year - 1, 1, 1), year - day
        case Period.THIS_MONTH:
            return month, today
        case Period.THIS_QUARTER:
            return quarter, today
        case Period.THIS_YEAR:
            return year, today
    raise ValueError(period)


def moments_of(since: dt.date, until: dt.date, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """The moments at which the period begins and at which it is over (the first one past it), in `zone`."""
    there = ZoneInfo(zone)
    begin = dt.datetime.combine(since, dt.time(), there)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), there)
    return begin, end


class PeriodParameters(Parameters):
    """Cleans to `since` and `until`: days in the asker's zone, whatever was chosen."""

    period = forms.ChoiceField(label=_("Period"), choices=Period, initial=Period.LAST_QUARTER, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput, help_text=_("For own dates."))
    until = forms.DateField(
        label=_("Until, inclusive"), required=False, widget=DateInput, help_text=_("For own dates.")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        own = data.get("since") or data.get("until")
        period = data.get("period") or (Period.OWN if own else Period.LAST_QUARTER)
        if period == Period.OWN:
            self._clean_own(data)
        else:
            zone = ZoneInfo(self.actor.time_zone if self.actor else "UTC")
            data["since"], data["until"] = days_of(period, timezone.localdate(timezone=zone))
        data["period"] = period
        return data

    def _clean_own(self, data: dict[str, Any]) -> None:
        since, until = data.get("since"), data.get("until")
        for name in ("since", "until"):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, _("Please give the day."))
        if since and until:
            if until < since:
                self.add_error("until", _("The last day lies before the first."))
            elif (until.year - LONGEST, until.month, until.day) >= (since.year, since.month, since.day):
                self.add_error("until", _("The period is longer than five years."))
