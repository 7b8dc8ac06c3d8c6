"""Quotas and what was used of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F

from clinics.policies import quota_report_policy
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.quotas import month_of
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clinics.selectors.measures import Period
    from cluster_portal.common.actor import Actor


def quotas_used(
    actor: Actor, period: Period, *, organization: str = "", clinic: str = "", service_type: str = ""
) -> Iterator[tuple[Any, ...]]:
    """A row for each quota with a volume whose month the period touches: organisation, clinic, service, payment (code),
    month, volume, used, left.
    """
    rows = quota_report_policy.queryset(actor).filter(
        volume__isnull=False, month__range=(month_of(period.first), period.last)
    )
    chosen = {
        "service__clinic__organization": organization, "service__clinic": clinic, "service__service_type": service_type,
    }  # fmt: skip
    rows = rows.filter(**{path: value for path, value in chosen.items() if value})
    return (
        rows.annotate(
            organization=localized("service__clinic__organization__short_name"),
            place=localized("service__clinic__short_name"),
            name=localized("service__service_type__name"),
            rest=F("volume") - F("used"),
        )
        .order_by("organization", "place", "name", "month", "payment", "pk")
        .values_list("organization", "place", "name", "payment", "month", "volume", "used", "rest")
        .iterator(chunk_size=CHUNK)
    )
