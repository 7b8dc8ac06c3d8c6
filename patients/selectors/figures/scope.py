"""Which rows a report of referrals counts, and by what it groups them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, IntegerField, Q, Value, When

from clinics.selectors.measures import Period
from cluster_portal.common.translated import localized
from patients.policies import referral_report_policy
from patients.selectors.measures import submitted_in, visit_day
from patients.states import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from cluster_portal.common.actor import Actor

RECEIVED, REFERRED = "received", "referred"

#: The order of priorities in a report: a row names the place in it.
PRIORITIES = (Priority.EMERGENCY, Priority.URGENT, Priority.PLANNED)


@dataclass(frozen=True, slots=True)
class Scope:
    """A period, a side, and what of the cluster was chosen (empty: all).

    `organization` and `clinic` are of that side: the receiving one's, or the referring one's.
    """

    period: Period
    side: str = RECEIVED
    organization: str = ""
    clinic: str = ""
    service_type: str = ""


def submitted(actor: Actor, scope: Scope) -> QuerySet:
    """The referrals of the scope's period and places, with the alias that the measures need."""
    side = "target" if scope.side == RECEIVED else "source"
    rows = referral_report_policy.queryset(actor, scope.side)
    rows = rows.filter(submitted_in(scope.period)).alias(visit_day=visit_day())
    if scope.organization:
        rows = rows.filter(**{f"{side}_organization": scope.organization})
    if scope.clinic:
        rows = rows.filter(**{f"{side}_clinic": scope.clinic})
    if scope.service_type:
        rows = rows.filter(service_type=scope.service_type)
    return rows


def names_of(by: Sequence[str], *, clinic: str, service_type: str = "service_type") -> dict[str, Combinable]:
    """What stands in a row for each thing that it is grouped by, under names of a query: `g_…` in the order of `by`.

    `clinic` and `service_type` are paths to them. A clinic is its name, and its key apart: two may bear one name.
    """
    found: dict[str, Combinable] = {}
    for key in by:
        match key:
            case "clinic":
                found["g_clinic"] = localized(f"{clinic}__short_name")
                found["k_clinic"] = F(f"{clinic}_id")
            case "service_type":
                found["g_service_type"] = localized(f"{service_type}__name")
                found["k_service_type"] = F(f"{service_type}_id")
            case "priority":
                found["g_priority"] = _place_in_order()
    return found


def _place_in_order() -> Case:
    whens = [When(Q(priority=value), then=Value(n)) for n, value in enumerate(PRIORITIES)]
    return Case(*whens, output_field=IntegerField())


def in_words(by: Sequence[str], row: Sequence[Any]) -> list[Any]:
    """The first values of a row, what it is grouped by, as a reader wants them."""
    return [
        PRIORITIES[value].label if key == "priority" else value for key, value in zip(by, row, strict=False)
    ]
