"""When a schedule runs next."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cluster_portal.reports.models import Frequency

if TYPE_CHECKING:
    from cluster_portal.reports.models import Schedule


def next_run(schedule: Schedule, after: dt.datetime) -> dt.datetime:
    """The first moment later than `after` that the schedule names, in UTC.

    An hour that the clocks leap over is the one after it, one that comes twice is its first.
    """
    zone = ZoneInfo(schedule.time_zone)
    day = after.astimezone(zone).date()
    while True:
        if _runs_on(schedule, day):
            moment = dt.datetime.combine(day, dt.time(schedule.hour), zone).astimezone(dt.UTC)
            if moment > after:
                return moment
        day += dt.timedelta(days=1)


def _runs_on(schedule: Schedule, day: dt.date) -> bool:
    match schedule.frequency:
        case Frequency.WEEKLY:
            return day.isoweekday() == schedule.weekday
        case Frequency.MONTHLY:
            return day.day == min(schedule.day, calendar.monthrange(day.year, day.month)[1])
    return True
