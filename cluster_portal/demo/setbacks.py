"""What goes wrong in the demo: a practitioner falls ill while patients are booked, and patients do not come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from clinics.models import Practitioner, ScheduleException, Slot
from clinics.selectors.calendar import start_of
from clinics.selectors.openness import day_of
from clinics.states import ExceptionReason, SlotState
from patients.models import Booking, Referral, ReferralStep
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    from uuid import UUID

    from cluster_portal.demo.chance import Chance

#: The ill one is away from the day after tomorrow for so many days.
AWAY_DAYS = 5
#: Of those who missed a visit and have no other time, this share was called already.
CALLED = 0.6
OUTCOMES = ("not_reached", "later", "wrong_number")
OUTCOME_WEIGHTS = (60, 30, 10)
SAID = {
    "not_reached": ("", "", "Гудки, перезвонить вечером"),
    "later": ("После вахты", "Через неделю"),
}


def fall_ill(now: datetime, organization_id: UUID) -> int:
    """The practitioner of the organisation with the most patients in the days to come falls ill: free times are closed,
    booked ones wait to be moved. Returns how many patients that are.
    """
    booked = Q(
        bookings__state=BookingState.BOOKED,
        start__gte=now + timedelta(days=2),
        start__lt=now + timedelta(days=7),
    )
    busiest = (
        Slot.objects.filter(booked, organization=organization_id, practitioner__isnull=False)
        .values("practitioner", "clinic", "clinic__time_zone")
        .annotate(patients=Count("bookings"))
        .order_by("-patients", "practitioner")
        .first()
    )
    if busiest is None:
        return 0
    zone = busiest["clinic__time_zone"]
    first = day_of(now, zone) + timedelta(days=2)
    last = first + timedelta(days=AWAY_DAYS - 1)
    ScheduleException.objects.create(
        practitioner=Practitioner.objects.get(pk=busiest["practitioner"]), clinic_id=busiest["clinic"],
        first_day=first, last_day=last, reason=ExceptionReason.SICK, comment="Больничный лист",
    )  # fmt: skip
    times = Slot.objects.filter(
        practitioner=busiest["practitioner"], clinic=busiest["clinic"],
        start__gte=start_of(first, zone), start__lt=start_of(last + timedelta(days=1), zone),
    )  # fmt: skip
    times.filter(state=SlotState.DRAFT).delete()
    published = times.filter(state=SlotState.PUBLISHED)
    published.filter(taken__gt=0).update(block_reason=ExceptionReason.SICK)
    published.filter(taken=0).update(state=SlotState.BLOCKED, block_reason=ExceptionReason.SICK)
    return Booking.objects.filter(slot__in=times, state=BookingState.BOOKED).count()


def call_the_missing(chance: Chance, now: datetime) -> int:
    """Some of those who did not come were called in the last two days. Returns how many wait for a call or a time."""
    missing = list(
        Referral.objects.filter(state=ReferralState.ACCEPTED, no_shows__gt=0)
        .select_related("author")
        .order_by("due_order", "id")
    )
    calls = []
    for referral in missing:
        if not chance.yes(CALLED) or referral.state_since > now - timedelta(hours=2):
            continue
        outcome = chance.choices(OUTCOMES, weights=OUTCOME_WEIGHTS)[0]
        since = max(referral.state_since, now - timedelta(days=2))
        calls.append(
            ReferralStep(
                referral=referral, at=since + (now - since) * chance.random(), action="record_call",
                from_state=referral.state, to_state=referral.state, organization_id=referral.source_organization_id,
                user_id=referral.author_id, actor_name=referral.author.name if referral.author else "",
                reason=outcome, comment=chance.choice(SAID.get(outcome, ("",))),
            )
        )  # fmt: skip
    ReferralStep.objects.bulk_create(sorted(calls, key=lambda step: step.at), batch_size=500)
    return len(missing)
