"""Times that were given to patients, and those that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Count, F, OuterRef, Subquery, Value, When

from clinics.selectors.figures.numbers import CHUNK
from cluster_portal.common.translated import localized
from patients.models import ReferralStep
from patients.policies import booking_report_policy
from patients.selectors.figures.scope import RECEIVED, Scope
from patients.selectors.measures import visits_of
from patients.states import RECEIVING, REFERRING, BookingState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor

#: The steps of a referral that end its booking.
ENDING = ("cancel_booking", "cancel", "reject", "reschedule")
#: What the end of a booking is called that another time replaced.
MOVED = "rescheduled"


def _who_ended() -> Case:
    """The side that ended a cancelled booking: of the last step that does so, up to the moment at which it ended."""
    steps = (
        ReferralStep.objects.filter(
            referral=OuterRef("referral"), action__in=ENDING, at__lte=OuterRef("updated_at")
        )
        .order_by("-at", "-id")
        .values(
            side=Case(
                When(organization=OuterRef("organization"), then=Value(RECEIVING)),
                When(organization=OuterRef("referral__source_organization"), then=Value(REFERRING)),
                default=Value(""),
            )
        )
    )
    ended = When(state=BookingState.CANCELLED, then=Subquery(steps[:1], output_field=CharField()))
    return Case(ended, default=Value(""), output_field=CharField())


def times_given(actor: Actor, scope: Scope, by: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Visits of the scope's period: groups, state, reason of the end, side that ended it, how many.

    A group is a name and its key for each thing in `by`; its rows follow one another. Holds that were never booked do
    not count.
    """
    rows = booking_report_policy.queryset(actor, scope.side).filter(visits_of(scope.period))
    side = "" if scope.side == RECEIVED else "referral__source_"
    for name in ("organization", "clinic"):
        if chosen := getattr(scope, name):
            rows = rows.filter(**{f"{side}{name}": chosen})
    if scope.service_type:
        rows = rows.filter(referral__service_type=scope.service_type)
    groups = {}
    if "clinic" in by:
        groups |= {"place": localized(f"{side}clinic__short_name"), "place_key": F(f"{side}clinic_id")}
    if "service_type" in by:
        groups |= {
            "service": localized("referral__service_type__name"),
            "service_key": F("referral__service_type_id"),
        }
    return (
        rows.annotate(**groups, who=_who_ended())
        .order_by()
        .values(*groups, "state", "end_reason", "who")
        .annotate(n=Count("pk"))
        .order_by(*groups, "state", "-n", "end_reason", "who")
        .values_list(*groups, "state", "end_reason", "who", "n")
        .iterator(chunk_size=CHUNK)
    )
