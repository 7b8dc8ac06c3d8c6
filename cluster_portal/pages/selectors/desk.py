"""What a person of a clinic begins the day with. Queues and their counters are those of the work lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from clinics.models import Clinic, Practitioner, Service, Slot
from clinics.selectors.calendar import start_of, today_at
from clinics.selectors.validity import local_day
from clinics.states import ClinicStatus, SlotState
from cluster_portal.common.aggregates import MedianTime
from cluster_portal.common.translated import localized
from patients.models import Booking, Referral, ReferralStep
from patients.policies import referral_policy
from patients.selectors import worklists
from patients.selectors.arrivals import OF_THE_DAY
from patients.states import ReferralState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: How many lines a list on the desk has.
LINES = 8
#: Queues of each side whose lines wait for the actor's own hand.
TO_DO = {
    worklists.OUT: ("returned", "accepted", "conclusions", "drafts"),
    worklists.IN: ("triage", "in_care"),
}
FOUR_WEEKS = timedelta(weeks=4)
LAST = date(9999, 12, 31)


def to_do(actor: Actor) -> list[dict[str, Any]]:
    """The lines that wait for the actor's hand, the nearest deadline first; conclusions and drafts after those.

    Each has its `side`. One query.
    """
    wanted = Q()
    for side in worklists.sides_of(actor):
        own = _own(actor, side)
        for key in TO_DO[side]:
            wanted |= own & worklists.QUEUES[side][key].where()
    if worklists.IN in worklists.sides_of(actor):
        wanted |= _own(actor, worklists.IN) & _unmarked()
    if not wanted:
        return []
    referral_policy.require(actor, "list")
    urgency = Case(
        When(state=ReferralState.COMPLETED, then=LAST),
        # The wait is over; what is due, today, is the conclusion.
        When(state=ReferralState.IN_CARE, then=today_at(actor.time_zone)),
        default="due_order",
    )
    rows = worklists.rows(Referral.objects.filter(wanted)).order_by(urgency, "state_since", "id")[:LINES]
    found = list(rows)
    for row in found:
        row["side"] = _side(actor, row)
    return found


def _own(actor: Actor, side: str) -> Q:
    if side == worklists.OUT:
        return Q(source_organization=actor.organization_id)
    return Q(target_organization=actor.organization_id, submitted_at__isnull=False)


def _unmarked() -> Q:
    """Visits whose time is over and of which nobody has said whether the patient came."""
    return Q(state=ReferralState.BOOKED, appointment_at__lt=timezone.now())


def _side(actor: Actor, row: dict[str, Any]) -> str:
    received = {ReferralState.SUBMITTED, ReferralState.IN_CARE, ReferralState.BOOKED}
    own = row["target_organization_id"] == actor.organization_id
    return worklists.IN if own and row["state"] in received else worklists.OUT


def arrivals_today(actor: Actor) -> list[Booking]:
    """Today's visits at all clinics of the actor's organisation, by time (the day of the organisation's own zone)."""
    referral_policy.require(actor, "list")
    today = today_at(actor.time_zone)
    rows = Booking.objects.filter(
        organization=actor.organization_id,
        state__in=OF_THE_DAY,
        start__gte=start_of(today, actor.time_zone),
        start__lt=start_of(today + timedelta(days=1), actor.time_zone),
    )
    return list(
        rows.select_related(
            "patient", "clinic", "slot__practitioner", "referral__service_type", "referral__source_clinic",
            "referral__appointment_clinic",
        ).order_by("start", "id")
    )  # fmt: skip


@dataclass(slots=True)
class FourWeeks:
    """What became of the referrals that somebody sent in four weeks. Shares are of 0…1, None where nothing counts."""

    sent: int
    median_wait: timedelta | None
    returned: float | None
    in_time: float | None
    visits: int
    missed: int


def my_four_weeks(actor: Actor) -> FourWeeks:
    """The actor's own referrals submitted in the last four weeks. One query."""
    since = timezone.now() - FOUR_WEEKS
    returns = ReferralStep.objects.filter(referral=OuterRef("pk"), action="return_for_info")
    day = TruncDate("appointment_at", tzinfo=timezone.get_current_timezone())
    wait = ExpressionWrapper(F("appointment_at") - F("submitted_at"), output_field=DurationField())
    booked = Q(appointment_at__isnull=False)
    numbers = (
        Referral.objects.filter(
            source_organization=actor.organization_id, author=actor.user_id, submitted_at__gte=since
        )
        .annotate(was_returned=Exists(returns), day=day, wait=wait)
        .aggregate(
            sent=Count("pk"),
            back=Count("pk", filter=Q(was_returned=True)),
            dated=Count("pk", filter=booked & Q(due_on__isnull=False)),
            timely=Count("pk", filter=booked & Q(day__lte=F("due_on"))),
            visits=Count("pk", filter=Q(state__in=[ReferralState.IN_CARE, ReferralState.COMPLETED])),
            missed=Sum("no_shows"),
            median=MedianTime("wait", filter=booked),
        )
    )
    missed = numbers["missed"] or 0
    return FourWeeks(
        sent=numbers["sent"],
        median_wait=numbers["median"],
        returned=numbers["back"] / numbers["sent"] if numbers["sent"] else None,
        in_time=numbers["timely"] / numbers["dated"] if numbers["dated"] else None,
        visits=numbers["visits"] + missed,
        missed=missed,
    )


def week_ahead(actor: Actor) -> list[dict[str, Any]]:
    """Published places of the organisation for each of the next seven days: `day`, `places`, `taken`, `free`."""
    today = today_at(actor.time_zone)
    slots = Slot.objects.filter(
        organization=actor.organization_id,
        state=SlotState.PUBLISHED,
        block_reason="",
        start__gte=start_of(today, actor.time_zone),
        start__lt=start_of(today + timedelta(days=7), actor.time_zone),
    )
    rows = slots.annotate(day=local_day()).values("day").annotate(places=Sum("capacity"), used=Sum("taken"))
    by_day = {row["day"]: row for row in rows.order_by("day")}
    days = []
    for number in range(7):
        day = today + timedelta(days=number)
        row = by_day.get(day) or {"places": 0, "used": 0}
        days.append(
            {"day": day, "places": row["places"], "taken": row["used"], "free": row["places"] - row["used"]}
        )
    return days


def own_sites(actor: Actor) -> QuerySet:
    """The organisation's clinics with how many services and people work there. One query."""
    return (
        Clinic.objects.filter(organization=actor.organization_id)
        .exclude(status=ClinicStatus.CLOSED)
        .annotate(
            number_of_services=_number_of(Service.objects.filter(clinic=OuterRef("pk"), is_active=True), "clinic"),
            number_of_people=_number_of(
                Practitioner.clinics.through.objects.filter(
                    clinic=OuterRef("pk"), practitioner__is_active=True
                ),
                "clinic",
            ),
        )
        .order_by("-level", "name_ru")
        .values(
            "id", "status", "level", "number_of_services", "number_of_people",
            name=localized("short_name"), city=localized("city"),
        )
    )  # fmt: skip


def _number_of(rows: QuerySet, by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)
