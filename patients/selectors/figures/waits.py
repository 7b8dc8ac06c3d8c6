"""How long patients waited, and how many longer than the norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, Min, Q, When

from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.measures import day_by_cluster
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

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from cluster_portal.common.actor import Actor


#: The figures of each group of the referrals that `each` tells one by one. The first booking is joined there once; in
#: one query with the sums the ORM would look it up again for each figure that is made of it.
FIGURES = """
SELECT {names}, count(*), count(*) FILTER (WHERE is_seen), count(*) FILTER (WHERE is_waiting), count(to_booking),
       percentile_cont({half}) WITHIN GROUP (ORDER BY to_booking),
       percentile_cont({half}) WITHIN GROUP (ORDER BY to_visit),
       percentile_cont({most}) WITHIN GROUP (ORDER BY to_visit),
       percentile_cont({half}) WITHIN GROUP (ORDER BY norm),
       count(*) FILTER (WHERE is_breach), count(*) FILTER (WHERE is_judged)
  FROM ({each}) AS each GROUP BY {groups} ORDER BY {groups}
"""


def waits(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """One row for each group of the referrals submitted in the scope, in the order of the groups' names.

    What it is grouped by; then referrals, patients seen, waiting, with a time booked once; medians of days to the first
    booking and to the visit, the visit's 90th percentile, the median norm; breaches, and of how many that is
    known (`judged`).
    """
    clinic = "target_clinic" if scope.side == RECEIVED else "source_clinic"
    groups = names_of(by, clinic=clinic)
    each, params = _each(submitted(actor, scope), groups).query.sql_with_params()
    statement = FIGURES.format(
        each=each,
        names=", ".join(name for name in groups if name.startswith("g_")),
        groups=", ".join(groups),
        half=HALF,
        most=MOST,
    )
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _each(referrals: QuerySet, groups: dict[str, Combinable]) -> QuerySet:
    """What the figures need of each referral, under the names of `FIGURES`."""
    return (
        referrals.order_by()
        .annotate(first_booked=Min("bookings__booked_at"))
        .annotate(
            to_booking=DaysBetween(submission_day(), day_by_cluster("first_booked")),
            to_visit=Case(When(seen(), then=waiting_days())),
            norm=allowed_days(),
            is_seen=_whether(seen()),
            is_waiting=_whether(Q(state__in=WAITING)),
            is_breach=_whether(breached()),
            is_judged=_whether(judged()),
            **groups,
        )
        .values("to_booking", "to_visit", "norm", "is_seen", "is_waiting", "is_breach", "is_judged", *groups)
    )


def _whether(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())
