"""How the sums of the schedules are counted (`common.summaries`), by `selectors.measures`."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import Clinic, PlacesDay, Slot
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.measures import Period, day_by_cluster, in_period, places_offered, places_used
from cluster_portal.common.summaries import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

PLACES = "places"


def stretches(days: list[date], column: str) -> Q:
    """Moments on one of these days (in order) by the cluster's calendar, as few stretches as they make."""
    spans: list[Period] = []
    for day in days:
        if spans and spans[-1].last == day - timedelta(days=1):
            spans[-1] = Period(spans[-1].first, day)
        else:
            spans.append(Period(day, day))
    return reduce(or_, (in_period(span, column) for span in spans), Q(pk__in=[]))


def days_with(rows: QuerySet, column: str) -> set[date]:
    """The days of these rows' moments by the cluster's calendar."""
    return set(rows.annotate(day=day_by_cluster(column)).order_by().values_list("day", flat=True).distinct())


class ByCluster(Summary):
    """A summary whose days are those of the cluster's calendar."""

    def today(self) -> date:
        return today_at(current_cluster().time_zone)

    def days_of(self, moments: Iterable[datetime]) -> set[date]:
        zone = current_cluster().time_zone
        return {today_at(zone, moment) for moment in moments}


class Places(ByCluster):
    """Places offered and used."""

    name = PLACES
    tables = (PlacesDay,)

    def every_day(self) -> set[date]:
        return days_with(Slot.objects.all(), "start")

    def cells(self, table: type[PlacesDay], days: list[date]) -> QuerySet:
        # By name, so that the index of each clinic's slots is used and not the whole table.
        clinics = list(Clinic.objects.values_list("pk", flat=True))
        rows = Slot.objects.filter(stretches(days, "start"), clinic__in=clinics)
        return (
            rows.annotate(day=day_by_cluster())
            .order_by()
            .values("day", "clinic_id")
            .annotate(offered=places_offered(), used=places_used())
        )
