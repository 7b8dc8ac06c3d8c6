"""What receiving clinics decided on referrals, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Coalesce

from clinics.selectors.figures.numbers import CHUNK
from cluster_portal.common.translated import localized
from patients.policies import step_report_policy
from patients.selectors.figures.scope import RECEIVED, Scope
from patients.selectors.measures import decisions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor


def decisions(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Decisions of the scope's period: groups, action, reason, how many; a group's rows follow one another.

    A group is a name and its key for each thing in `by`. The receiving clinic is the one that the referral is aimed at
    as long as that is of the organisation that decided; of one that has gone elsewhere only the organisation is known.
    """
    rows = step_report_policy.queryset(actor, scope.side).filter(decisions_of(scope.period))
    here = Q(referral__target_organization=F("organization"))
    if scope.side == RECEIVED:
        where = {"organization": Q(organization=scope.organization)}
        where["clinic"] = here & Q(referral__target_clinic=scope.clinic or None)
        place = Coalesce(
            Case(When(here, then=localized("referral__target_clinic__short_name"))),
            localized("organization__short_name"),
        )
        key = Coalesce(Case(When(here, then="referral__target_clinic_id")), "organization_id")
    else:
        where = {"organization": Q(referral__source_organization=scope.organization)}
        where["clinic"] = Q(referral__source_clinic=scope.clinic or None)
        place, key = localized("referral__source_clinic__short_name"), F("referral__source_clinic_id")
    for name, condition in where.items():
        if getattr(scope, name):
            rows = rows.filter(condition)
    if scope.service_type:
        rows = rows.filter(referral__service_type=scope.service_type)
    groups = {}
    if "clinic" in by:
        groups |= {"place": place, "place_key": key}
    if "service_type" in by:
        groups |= {
            "service": localized("referral__service_type__name"),
            "service_key": F("referral__service_type_id"),
        }
    return (
        rows.annotate(**groups)
        .order_by()
        .values(*groups, "action", "reason")
        .annotate(n=Count("pk"))
        .order_by(*groups, "action", "-n", "reason")
        .values_list(*groups, "action", "reason", "n")
        .iterator(chunk_size=CHUNK)
    )
