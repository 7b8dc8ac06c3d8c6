"""How many patients were sent outside the cluster, and what their care is expected to cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Sum

from clinics.selectors.figures.numbers import CHUNK
from cluster_portal.common.translated import localized
from patients.models import Outflow
from patients.models.outflow import COUNTED
from patients.policies import outflow_report_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from django.db.models import QuerySet

    from clinics.selectors.measures import Period
    from cluster_portal.common.actor import Actor
    from patients.selectors.figures.scope import Scope

#: What a report can group by: names of a query for each of them.
GROUPS = {
    "service_type": {"g_service": localized, "k_service": F("service_type_id")},
    "country": {"g_country": F("country")},
    "region": {"g_region": F("region")},
    "reason": {"g_reason": F("reason")},
}


def sent_outside(period: Period) -> QuerySet[Outflow]:
    """Entries of the period: those that count, by the day on which the patient was sent."""
    return Outflow.objects.filter(COUNTED, sent_on__range=(period.first, period.last))


def outflow(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """For each group and currency: the group's values, the currency ("" where no cost is known), how many, the sum.

    Sums of different currencies are never added. A service type is its name with its key behind it.
    """
    rows = outflow_report_policy.queryset(actor).filter(pk__in=sent_outside(scope.period).values("pk"))
    places = {
        "source_organization": scope.organization, "source_clinic": scope.clinic, "service_type": scope.service_type,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in places.items() if value})
    groups: dict[str, Any] = {}
    for key in by:
        for name, expression in GROUPS[key].items():
            groups[name] = localized("service_type__name") if expression is localized else expression
    return (
        rows.annotate(**groups)
        .order_by()
        .values(*groups, "currency")
        .annotate(n=Count("pk"), total=Sum("cost"))
        .order_by(*groups, "currency")
        .values_list(*groups, "currency", "n", "total")
        .iterator(chunk_size=CHUNK)
    )


@dataclass(slots=True)
class Totals:
    """How many entries a period has, their known costs by currency and their services, the most used first."""

    number: int = 0
    costs: list[tuple[str, Decimal]] = field(default_factory=list)
    services: list[tuple[str, int]] = field(default_factory=list)


def totals(period: Period) -> Totals:
    """The cluster's outflow of a period. One query over the period's entries."""
    rows = (
        sent_outside(period)
        .order_by()
        .values_list("currency", localized("service_type__name"))
        .annotate(n=Count("pk"), total=Sum("cost"))
    )
    costs: Counter[str] = Counter()
    used: Counter[str] = Counter()
    services: Counter[str] = Counter()
    for currency, name, n, total in rows:
        services[name] += n
        if total is not None:
            costs[currency] += total
            used[currency] += n
    named = sorted(services.items(), key=lambda pair: (-pair[1], pair[0]))
    priced = sorted(costs.items(), key=lambda pair: (-used[pair[0]], pair[0]))
    return Totals(sum(services.values()), priced, named)
