"""How long patients waited, and how many longer than the norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.numbers import CHUNK, DaysBetween, Percentile, today_in
from clinics.selectors.licences import local_day
from patients.models import Booking
from patients.selectors.figures.scope import RECEIVED, SEEN, WAITING, Scope, names_of, submitted
from patients.states import ReferralState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

IS_SEEN, IS_WAITING = Q(state__in=SEEN), Q(state__in=WAITING)
SEEN_LATE = IS_SEEN & Q(visit_day__gt=F("due_on"))
#: A visit that was in time does not count as late while its clinic has yet to mark it.
WAITS_TOO_LONG = (
    IS_WAITING & Q(due_on__lt=F("today")) & ~Q(state=ReferralState.BOOKED, visit_day__lte=F("due_on"))
)
#: It is known whether the norm was kept: the patient was seen, or the norm is over.
DECIDED = Q(due_on__isnull=False) & IS_SEEN | WAITS_TOO_LONG


def with_days(rows: QuerySet) -> QuerySet:
    """Referrals with the days that waiting is measured in, all by the calendar of the clinic of the visit.

    `submitted_day`, `visit_day` (of the active booking or of the visit that took place) and `today`.
    """
    zone = Coalesce(
        "appointment_clinic__time_zone", "target_clinic__time_zone", Value(current_cluster().time_zone)
    )
    return rows.annotate(zone=zone).annotate(
        submitted_day=local_day("submitted_at", "zone"),
        visit_day=local_day("appointment_at", "zone"),
        today=today_in(F("zone")),
    )


def waits(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """One row for each group of the referrals submitted in the scope, in the order of the groups' names.

    What it is grouped by; then referrals, patients seen, waiting, with a time booked once; medians of days to the first
    booking and to the visit, the visit's 90th percentile, the median norm; breaches, and how many are decided
    (`DECIDED`).
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
    rows = with_days(submitted(actor, scope)).annotate(first_booked=Subquery(first_booked))
    rows = rows.annotate(
        to_booking=DaysBetween("submitted_day", local_day("first_booked", "zone")),
        to_visit=Case(When(IS_SEEN, then=DaysBetween("submitted_day", "visit_day"))),
        norm=DaysBetween("submitted_day", "due_on"),
        **groups,
    )
    rows = (
        rows.order_by()
        .values(*groups)
        .annotate(
            n=Count("pk"),
            seen=Count("pk", filter=IS_SEEN),
            waiting=Count("pk", filter=IS_WAITING),
            given_time=Count("to_booking"),
            median_booking=Percentile("to_booking", 0.5),
            median_visit=Percentile("to_visit", 0.5),
            most_visit=Percentile("to_visit", 0.9),
            median_norm=Percentile("norm", 0.5),
            breaches=Count("pk", filter=SEEN_LATE | WAITS_TOO_LONG),
            decided=Count("pk", filter=DECIDED),
        )
        .order_by(*groups)
        .values_list(
            *(name for name in groups if name.startswith("g_")), "n", "seen", "waiting", "given_time",
            "median_booking", "median_visit", "most_visit", "median_norm", "breaches", "decided",
        )
    )  # fmt: skip
    return rows.iterator(chunk_size=CHUNK)
