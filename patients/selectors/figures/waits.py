"""How long patients waited, and how many longer than the norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Min, OuterRef, Q, Subquery, When

from clinics.selectors.figures.numbers import CHUNK, Percentile
from clinics.selectors.measures import day_by_cluster
from patients.models import Booking
from patients.selectors.figures.scope import RECEIVED, Scope, names_of, submitted
from patients.selectors.measures import (
    HALF,
    MOST,
    WAITING,
    DaysBetween,
    allowed_days,
    breached,
    judged,
    seen,
    submission_day,
    waiting_days,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor


def waits(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """One row for each group of the referrals submitted in the scope, in the order of the groups' names.

    What it is grouped by; then referrals, patients seen, waiting, with a time booked once; medians of days to the first
    booking and to the visit, the visit's 90th percentile, the median norm; breaches, and of how many that is
    known (`judged`).
    """
    clinic = "target_clinic" if scope.side == RECEIVED else "source_clinic"
    groups = names_of(by, clinic=clinic)
    first_booked = (
        Booking.objects.filter(referral=OuterRef("pk"), booked_at__isnull=False)
        .order_by()
        .values("referral")
        .annotate(first=Min("booked_at"))
        .values("first")
    )
    rows = submitted(actor, scope).annotate(first_booked=Subquery(first_booked))
    rows = rows.annotate(
        to_booking=DaysBetween(submission_day(), day_by_cluster("first_booked")),
        to_visit=Case(When(seen(), then=waiting_days())),
        norm=allowed_days(),
        **groups,
    )
    rows = (
        rows.order_by()
        .values(*groups)
        .annotate(
            n=Count("pk"),
            seen=Count("pk", filter=seen()),
            waiting=Count("pk", filter=Q(state__in=WAITING)),
            given_time=Count("to_booking"),
            median_booking=Percentile("to_booking", HALF),
            median_visit=Percentile("to_visit", HALF),
            most_visit=Percentile("to_visit", MOST),
            median_norm=Percentile("norm", HALF),
            breaches=Count("pk", filter=breached()),
            judged=Count("pk", filter=judged()),
        )
        .order_by(*groups)
        .values_list(
            *(name for name in groups if name.startswith("g_")), "n", "seen", "waiting", "given_time",
            "median_booking", "median_visit", "most_visit", "median_norm", "breaches", "judged",
        )
    )  # fmt: skip
    return rows.iterator(chunk_size=CHUNK)
