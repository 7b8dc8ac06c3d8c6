"""Who refers to whom, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q

from clinics.selectors.figures.numbers import CHUNK
from cluster_portal.common.translated import localized
from patients.policies import referral_report_policy
from patients.selectors.figures.scope import Scope
from patients.selectors.measures import (
    booked,
    cancelled,
    judged,
    refused,
    seen,
    seen_within_norm,
    submitted_in,
    visit_day,
)
from patients.states import ReferralState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

_S = ReferralState
ORGANIZATION, CLINIC = "organization", "clinic"
#: The groups of states that a row counts, in its order.
STATES = {
    "deciding": Q(state__in=(_S.SUBMITTED, _S.RETURNED)),
    "unbooked": Q(state__in=(_S.ACCEPTED, _S.WAITLISTED)),
    "booked": booked(),
    "seen": seen(),
    "rejected": refused(),
    "cancelled": cancelled(),
}


def flow(actor: Actor, scope: Scope, between: str) -> Iterator[tuple[Any, ...]]:
    """One row for each pair of sides that referrals of the scope's period go between.

    The referring side's name, the receiving one's (None: not chosen yet), referrals, one count for each of `STATES`,
    those seen in time, and of how many that is known (`judged`). The scope's places may be on either side.
    """
    rows = referral_report_policy.queryset(actor).filter(submitted_in(scope.period))
    for name in (ORGANIZATION, CLINIC):
        if chosen := getattr(scope, name):
            rows = rows.filter(Q(**{f"source_{name}": chosen}) | Q(**{f"target_{name}": chosen}))
    if scope.service_type:
        rows = rows.filter(service_type=scope.service_type)
    sides = {
        "source": localized(f"source_{between}__short_name"),
        "target": localized(f"target_{between}__short_name"),
        "k_source": F(f"source_{between}_id"),
        "k_target": F(f"target_{between}_id"),
    }
    return (
        rows.alias(visit_day=visit_day())
        .annotate(**sides)
        .order_by()
        .values(*sides)
        .annotate(
            n=Count("pk"),
            **{name: Count("pk", filter=states) for name, states in STATES.items()},
            in_time=Count("pk", filter=seen_within_norm()),
            judged=Count("pk", filter=judged()),
        )
        .order_by(*sides)
        .values_list("source", "target", "n", *STATES, "in_time", "judged")
        .iterator(chunk_size=CHUNK)
    )
