"""How much of each service is asked for, and what comes of it, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncMonth

from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.numbers import CHUNK
from cluster_portal.common.translated import localized
from patients.selectors.figures.scope import submitted
from patients.selectors.measures import booked, cancelled, refused, seen, without_time
from patients.states import ReferralState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor
    from patients.selectors.figures.scope import Scope


def demand(actor: Actor, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """For each service type and month: its name and key, the month's first day, how many were asked for, and what
    became of them by now: have a time or were seen, wait without a time, of them on the waiting list, refused,
    cancelled.

    The month is that of the first submission by the cluster's clock, so `asked` is the sum of what was booked, waits,
    was refused and was cancelled.
    """
    month = TruncMonth("submitted_at", tzinfo=ZoneInfo(current_cluster().time_zone), output_field=DateField())
    return (
        submitted(actor, scope)
        .order_by()
        .values("service_type_id", g_service=localized("service_type__name"), month=month)
        .annotate(
            asked=Count("pk"),
            booked=Count("pk", filter=booked() | seen()),
            waiting=Count("pk", filter=without_time()),
            listed=Count("pk", filter=Q(state=ReferralState.WAITLISTED)),
            refused=Count("pk", filter=refused()),
            cancelled=Count("pk", filter=cancelled()),
        )
        .order_by("g_service", "service_type_id", "month")
        .values_list(
            "g_service",
            "service_type_id",
            "month",
            "asked",
            "booked",
            "waiting",
            "listed",
            "refused",
            "cancelled",
        )
        .iterator(chunk_size=CHUNK)
    )
