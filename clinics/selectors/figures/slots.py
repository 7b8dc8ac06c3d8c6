"""How the time that clinics give is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.policies import slot_report_policy
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.measures import PLACES, Period, in_period
from clinics.states import Audience, SlotState
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor

#: What a row tells, in its order; all count places.
FIGURES = (
    "published", "taken", "unused", "free", "blocked", "past", "past_taken", "kept", "kept_taken", "released",
    "returned",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """A period, and what of the cluster was chosen (empty: all)."""

    period: Period
    organization: str = ""
    clinic: str = ""
    service_type: str = ""


def slot_use(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """One row for each group of the slots that begin in the scope: the groups' names, then `FIGURES`.

    `published` places are those that can or could be booked: of a slot that is closing only those that are taken.
    `unused` and `past` are of slots that have begun, `free` of those ahead. `kept` places are for the cluster or for
    urgent referrals; `released` those of them whose release has come, `returned` what of these nobody has taken, not
    even the clinic's own patients since.
    """
    now = timezone.now()
    rows = slot_report_policy.queryset(actor).filter(in_period(scope.period))
    for name in ("organization", "clinic", "service_type"):
        if chosen := getattr(scope, name):
            rows = rows.filter(**{name: chosen})
    groups = {}
    if "clinic" in by:
        groups |= {"place": localized("clinic__short_name"), "place_key": F("clinic_id")}
    if "service_type" in by:
        groups |= {"service_name": localized("service_type__name"), "service_key": F("service_type_id")}
    is_open = Q(state=SlotState.PUBLISHED)
    begun, is_kept, is_released = Q(start__lte=now), ~Q(audience=Audience.OWN), Q(release_at__lte=now)
    rows = rows.annotate(places=PLACES, **groups)
    empty = F("places") - F("taken")

    def total(value: Any, *conditions: Q) -> Coalesce:
        return Coalesce(Sum(value, filter=Q(is_open, *conditions)), 0)

    return (
        rows.order_by()
        .values(*groups)
        .annotate(
            s_published=total("places"),
            s_taken=total("taken"),
            s_unused=total(empty, begun),
            s_free=total(empty, ~begun),
            s_blocked=Coalesce(Sum(F("capacity") - F("places"), filter=~Q(state=SlotState.DRAFT)), 0),
            s_past=total("places", begun),
            s_past_taken=total("taken", begun),
            s_kept=total("places", is_kept),
            s_kept_taken=total("taken", is_kept),
            s_released=total("places", is_kept, is_released),
            s_returned=total(empty, is_kept, is_released),
        )
        .order_by(*groups)
        .values_list(
            *(name for name in groups if not name.endswith("_key")), *(f"s_{name}" for name in FIGURES)
        )
        .iterator(chunk_size=CHUNK)
    )
