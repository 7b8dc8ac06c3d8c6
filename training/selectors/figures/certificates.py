"""How many certificates were issued, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncMonth

from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.measures import Period, in_period
from cluster_portal.common.translated import localized
from training.policies import certificate_report_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Certificate

_PATHS = {
    "programme": "nomination__intake__programme", "specialty": "nomination__specialist__specialty",
    "employer": "nomination__organization",
}  # fmt: skip
_NAMES = {"programme": "title", "specialty": "name", "employer": "short_name"}
COUNTRY = "nomination__intake__programme__country"


def issued(actor: Actor, period: Period) -> QuerySet[Certificate]:
    """The certificates that were issued in a period, the first at the head; revoked ones too."""
    rows = certificate_report_policy.queryset(actor).filter(in_period(period, "issued_at"))
    return rows.select_related(
        "nomination__specialist", "nomination__organization", "nomination__intake__programme"
    ).order_by("issued_at", "pk")


def issued_by(actor: Actor, period: Period, by: str) -> Iterator[tuple[Any, ...]]:
    """A row for each programme, specialty, employer, country or month: its name (a country's code, a month's first
    day), how many were issued, how many of those were revoked since, the credits of the others.
    """
    if by == "month":
        zone = ZoneInfo(current_cluster().time_zone)
        groups: dict[str, Any] = {"word": TruncMonth("issued_at", tzinfo=zone)}
    elif by == "country":
        groups = {"word": F(COUNTRY)}
    else:
        groups = {"word": localized(f"{_PATHS[by]}__{_NAMES[by]}"), "key": F(f"{_PATHS[by]}_id")}
    holds = Q(revoked_at__isnull=True)
    return (
        issued(actor, period)
        .select_related(None)
        .order_by()
        .annotate(**groups)
        .values(*groups)
        .annotate(
            n=Count("pk"),
            revoked=Count("pk", filter=~holds),
            earned=Coalesce(Sum("credits", filter=holds), 0),
        )
        .order_by(*groups)
        .values_list("word", "n", "revoked", "earned")
        .iterator(chunk_size=CHUNK)
    )
