"""Licences and accreditations that end soon, and what ends with them."""

from __future__ import annotations

from heapq import merge
from operator import itemgetter
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
    Value,
)
from django.db.models.functions import Coalesce

from clinics.models import Licence, Service
from clinics.policies import accreditation_report_policy, licence_report_policy
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.licences import NOT_RENEWED
from clinics.selectors.validity import in_force_on, today_in
from clinics.states import LicenceStatus
from cluster_portal.common.expressions import DaysBetween
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


#: What a row of `ending` is, beside the schemes of accreditations.
LICENCE = "licence"


class _IsAny(Func):
    """Whether the first is among the elements of the second, an array."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = BooleanField()


def ending(
    actor: Actor, *, within: int, organization: str = "", clinic: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Licences and accreditations in force that nothing renews and whose last day is today or at most `within` days
    ahead, by the clinic's calendar, soonest first.

    What it is (LICENCE or a `Scheme`), organisation, clinic, number, authority, first and last day, days left, how many
    services close, and their names. With an accreditation none closes.
    """
    chosen = {"clinic__organization": organization, "clinic": clinic}
    chosen = {name: value for name, value in chosen.items() if value}
    closes, name = _closing().values("clinic"), localized("service_type__name")
    licences = licence_report_policy.queryset(actor).annotate(
        what=Value(LICENCE),
        closes=Coalesce(Subquery(closes.annotate(n=Count("pk")).values("n")), 0),
        services=Subquery(
            closes.annotate(
                names=StringAgg(name, ", ", distinct=True, ordering=name, output_field=TextField())
            ).values("names")
        ),
    )
    accreditations = accreditation_report_policy.queryset(actor).annotate(
        what=F("scheme"), closes=Value(0), services=Value("")
    )
    found = (_ending(rows.filter(**chosen), within) for rows in (licences, accreditations))
    return merge(*found, key=itemgetter(_COLUMNS.index("valid_to")))


_COLUMNS = (
    "what", "organization", "place", "number", "authority", "valid_from", "valid_to", "left", "closes", "services",
)  # fmt: skip


def _ending(rows: QuerySet, within: int) -> Iterator[tuple[Any, ...]]:
    return (
        rows.filter(NOT_RENEWED, status=LicenceStatus.ACTIVE, valid_to__isnull=False)
        .annotate(
            organization=localized("clinic__organization__short_name"),
            place=localized("clinic__short_name"),
            left=DaysBetween(today_in(F("clinic__time_zone")), "valid_to"),
        )
        .filter(left__range=(0, within))
        .order_by("valid_to", "organization", "place", "pk")
        .values_list(*_COLUMNS)
        .iterator(chunk_size=CHUNK)
    )


def closed_by_a_lapse() -> Coalesce:
    """Inside a query of clinics: how many of the clinic's services were licensed once and are not today, by its
    calendar.
    """
    today = today_in(OuterRef("clinic__time_zone"))
    papers = Licence.objects.filter(
        _IsAny(OuterRef("service_type__specialty_id"), F("activities")), clinic=OuterRef("clinic")
    )
    lapsed = Exists(papers.filter(valid_from__lte=today)) & ~Exists(papers.filter(in_force_on(today)))
    services = Service.objects.filter(lapsed, clinic=OuterRef("pk"), is_active=True).order_by()
    return Coalesce(Subquery(services.values("clinic").annotate(n=Count("pk")).values("n")), 0)


def _closing() -> QuerySet[Service]:
    """Inside a query of licences: the services offered at the site that the licence covers, and on the day after its
    last one no other.
    """
    day_after = ExpressionWrapper(OuterRef(OuterRef("valid_to")) + 1, output_field=DateField())
    others = Licence.objects.filter(
        in_force_on(day_after),
        _IsAny(OuterRef("service_type__specialty_id"), F("activities")),
        clinic=OuterRef("clinic"),
    ).exclude(pk=OuterRef(OuterRef("pk")))
    return Service.objects.filter(
        ~Exists(others), _IsAny(F("service_type__specialty_id"), OuterRef("activities")), clinic=OuterRef("clinic"),
        is_active=True,
    ).order_by()  # fmt: skip
