"""Who comes today, and who sits in a slot."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic
from clinics.occupants import Occupant
from clinics.selectors.calendar import start_of, today_at
from clinics.states import ClinicStatus
from patients.models import Booking
from patients.policies import STAFF, referral_policy
from patients.states import ACTIVE_BOOKING, BookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: Bookings that a day's list shows: those to come, those who came, those who did not.
OF_THE_DAY = (BookingState.BOOKED, BookingState.ARRIVED, BookingState.FULFILLED, BookingState.NO_SHOW)


def reception_clinics(actor: Actor) -> list[Clinic]:
    """The clinics of the actor's organisation that receive patients, by name."""
    rows = Clinic.objects.filter(organization=actor.organization_id, status=ClinicStatus.OPEN)
    return sorted(rows, key=lambda clinic: clinic.short_name)


def visits_by_clinic(
    actor: Actor, clinics: Iterable[Clinic], day: date | None = None
) -> dict[uuid.UUID, int]:
    """How many visits each of these clinics of the actor's organisation has on a day (its own today). One query.

    A clinic without visits is not in the answer.
    """
    referral_policy.require(actor, "list")
    zones: dict[str, list[uuid.UUID]] = defaultdict(list)
    for clinic in clinics:
        zones[clinic.time_zone].append(clinic.pk)
    there = Q(pk__in=[])
    for zone, ids in zones.items():
        that_day = day or today_at(zone)
        there |= Q(
            clinic__in=ids,
            start__gte=start_of(that_day, zone),
            start__lt=start_of(that_day + timedelta(days=1), zone),
        )
    rows = Booking.objects.filter(there, organization=actor.organization_id, state__in=OF_THE_DAY)
    return dict(rows.order_by().values_list("clinic").annotate(Count("pk")))


def arrivals(actor: Actor, clinic: Clinic, day: date | None = None) -> QuerySet[Booking]:
    """The visits of a day (the clinic's today) at a clinic of the actor's organisation, by time. One query."""
    referral_policy.require(actor, "list")
    day = day or today_at(clinic.time_zone)
    return (
        Booking.objects.filter(
            organization=actor.organization_id,
            clinic=clinic,
            state__in=OF_THE_DAY,
            start__gte=start_of(day, clinic.time_zone),
            start__lt=start_of(day + timedelta(days=1), clinic.time_zone),
        )
        .select_related(
            "patient", "referral__service_type", "referral__source_clinic", "referral__appointment_clinic",
            "slot__practitioner", "clinic",
        )
        .order_by("start", "id")
    )  # fmt: skip


def arrival_of(actor: Actor, referral_id: uuid.UUID) -> Booking | None:
    """The latest visit of a referral at the actor's organisation, as a line of the day's list."""
    return (
        Booking.objects.filter(organization=actor.organization_id, referral=referral_id, state__in=OF_THE_DAY)
        .select_related(
            "patient", "referral__service_type", "referral__source_clinic", "referral__appointment_clinic",
            "slot__practitioner", "clinic",
        )
        .order_by("-start")
        .first()
    )  # fmt: skip


def occupants(actor: Actor, slot_ids: Iterable[uuid.UUID]) -> Iterable[Occupant]:
    """Who is in these slots, for the schedule of the slots' own organisation. One query."""
    if actor.organization_id is None or not actor.has(*STAFF):
        return
    rows = Booking.objects.filter(
        slot__in=list(slot_ids),
        organization=actor.organization_id,
        state__in=[*ACTIVE_BOOKING, BookingState.FULFILLED],
    )
    for booking in rows.select_related("patient", "referral__source_clinic"):
        held = booking.state == BookingState.HELD
        # A hold may belong to a draft, or to a referral to another clinic, which its clinic does not see yet: it is a
        # time kept for somebody, no more.
        aimed = not held or booking.referral.target_organization_id == actor.organization_id
        known = aimed and booking.referral.submitted_at is not None
        yield Occupant(
            slot_id=booking.slot_id,
            name=booking.patient.short_name if known else "",
            note=booking.referral.source_clinic.short_name,
            url=reverse("patients:referral", args=[booking.referral_id]) if known else "",
            held_until=booking.held_until if held else None,
        )


def slots_with_lapsed_holds(now: datetime | None = None) -> Iterable[uuid.UUID]:
    """The slots whose counter still counts a hold that has lapsed. One query on a small partial index."""
    lapsed = Booking.objects.filter(state=BookingState.HELD, held_until__lt=now or timezone.now())
    return lapsed.values_list("slot", flat=True)
