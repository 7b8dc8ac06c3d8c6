"""Licences that end soon, and what ends with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Subquery,
    TextField,
)
from django.db.models.functions import Coalesce

from clinics.models import Licence, Service
from clinics.policies import licence_report_policy
from clinics.selectors.figures.numbers import CHUNK, today_in
from clinics.selectors.openness import licences_on
from clinics.states import LicenceStatus
from cluster_portal.common.expressions import DaysBetween
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


class _IsAny(Func):
    """Whether the first is among the elements of the second, an array."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = BooleanField()


def ending(
    actor: Actor, *, within: int, organization: str = "", clinic: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Active licences whose last day is today or at most `within` days ahead, by the clinic's calendar, soonest first.

    Organisation, clinic, number, authority, first and last day, days left, how many services close, and their names.
    """
    rows = licence_report_policy.queryset(actor).filter(status=LicenceStatus.ACTIVE, valid_to__isnull=False)
    if organization:
        rows = rows.filter(clinic__organization=organization)
    if clinic:
        rows = rows.filter(clinic=clinic)
    name = localized("service_type__name")
    closes = _closing().values("clinic")
    return (
        rows.annotate(
            organization=localized("clinic__organization__short_name"),
            place=localized("clinic__short_name"),
            left=DaysBetween(today_in(F("clinic__time_zone")), "valid_to"),
            closes=Coalesce(Subquery(closes.annotate(n=Count("pk")).values("n")), 0),
            services=Subquery(
                closes.annotate(
                    names=StringAgg(name, ", ", distinct=True, ordering=name, output_field=TextField())
                ).values("names")
            ),
        )
        .filter(left__range=(0, within))
        .order_by("valid_to", "organization", "place", "pk")
        .values_list(
            "organization",
            "place",
            "number",
            "authority",
            "valid_from",
            "valid_to",
            "left",
            "closes",
            "services",
        )
        .iterator(chunk_size=CHUNK)
    )


def _closing() -> QuerySet[Service]:
    """Inside a query of licences: the services offered at the site that the licence covers, and on the day after its
    last one no other.
    """
    day_after = ExpressionWrapper(OuterRef(OuterRef("valid_to")) + 1, output_field=DateField())
    others = Licence.objects.filter(
        licences_on(day_after),
        _IsAny(OuterRef("service_type__specialty_id"), F("activities")),
        clinic=OuterRef("clinic"),
    ).exclude(pk=OuterRef(OuterRef("pk")))
    return Service.objects.filter(
        ~Exists(others), _IsAny(F("service_type__specialty_id"), OuterRef("activities")), clinic=OuterRef("clinic"),
        is_active=True,
    ).order_by()  # fmt: skip
