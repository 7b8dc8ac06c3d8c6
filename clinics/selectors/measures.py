"""What the figures of the cluster mean: periods, and how far the places of the schedules are used.

Dashboards, summaries and reports take their conditions from here and from `patients.selectors.measures`, so that the
same word is the same number wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Case, F, IntegerField, Q, Sum, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from clinics.selectors.calendar import start_of, today_at
from clinics.selectors.cluster import current_cluster
from clinics.states import SlotState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import Aggregate
    from django.db.models.expressions import Combinable


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both inclusive, by the cluster's calendar."""

    first: date
    last: date

    @classmethod
    def of_last(cls, days: int) -> Period:
        """The last `days` days, today included."""
        today = today_at(current_cluster().time_zone)
        return cls(today - timedelta(days=days - 1), today)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def before(self) -> Period:
        """As many days before it, to compare with."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def moments(self) -> tuple[datetime, datetime]:
        """Its beginning, and the beginning of the day after it, by the cluster's calendar."""
        zone = current_cluster().time_zone
        return start_of(self.first, zone), start_of(self.last + timedelta(days=1), zone)


def in_period(period: Period, column: str = "start") -> Q:
    """Rows whose moment `column` is in the period, by the cluster's calendar."""
    begin, end = period.moments()
    return Q(**{f"{column}__gte": begin, f"{column}__lt": end})


def day_by_cluster(column: str = "start") -> TruncDate:
    """The day of a moment by the cluster's calendar, in which every period is counted."""
    return TruncDate(column, tzinfo=ZoneInfo(current_cluster().time_zone))


#: A slot that is closing (`block_reason`) takes nobody else: of it only the taken places count as offered.
PLACES: Combinable = Case(
    When(~Q(state=SlotState.PUBLISHED), then=0),
    When(block_reason="", then=F("capacity")),
    default=F("taken"),
    output_field=IntegerField(),
)
#: Places of published slots that have a booking or had a visit. A patient who did not come gave the place back.
USED: Combinable = Case(
    When(state=SlotState.PUBLISHED, then=F("taken")), default=0, output_field=IntegerField()
)


def places_offered() -> Aggregate:
    """How many places the slots offer or offered: published ones, drafts and blocked ones do not count."""
    return Coalesce(Sum(PLACES), 0)


def places_used() -> Aggregate:
    """How many of `places_offered` are booked or were used by a visit."""
    return Coalesce(Sum(USED), 0)


def places_lapsed(now: datetime | None = None) -> Aggregate:
    """How many of `places_offered` went by unused: their time has begun and nobody had them in the end."""
    return Coalesce(Sum(PLACES - USED, filter=Q(start__lte=now or timezone.now())), 0)
