"""Booked patients whose time the clinic closes, and where each of them could go instead.

A time that is closing takes nobody any more and keeps those who are in it (`block_reason` on a published slot), so they
stand here until somebody has moved them. The plan is worked out anew whenever it is looked at and kept nowhere: what a
closed page loses is only what somebody had changed in its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinics.models import Practitioner, Service, Slot
from clinics.selectors.licences import bookable
from clinics.selectors.offers import HORIZON_DAYS
from clinics.selectors.openness import day_of, has_room
from clinics.selectors.quotas import is_used_up
from clinics.states import ClinicStatus, SlotState
from patients.models import Booking
from patients.policies import STAFF, booking_policy, referral_policy
from patients.selectors.matching import (
    RANKS,
    elsewhere_then,
    may_send_data,
    open_to_outer,
    takes_the_patient,
)
from patients.states import BookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: A plan is made for so many patients at once, the most urgent ones; the rest follow when these have been moved.
PLANNED = 50
#: A patient hears of a new time so long before it, unless it is not earlier than the one that was known.
NOTICE = timedelta(hours=24)
#: How many other times a row offers beside the proposed one, and of each kind.
OTHERS, OTHERS_OF_A_KIND = 5, 2

#: How near a new time is to the old one, the nearest first: the same person, the same service, the same clinic.
SAME_PERSON, SAME_SERVICE, ELSEWHERE = "person", "service", "elsewhere"
_NEARNESS = (SAME_PERSON, SAME_SERVICE, ELSEWHERE)


@dataclass(frozen=True, slots=True)
class NewTime:
    """A free time for a patient: how near it is to the old one, and whether it lies beyond the waiting norm."""

    slot: Slot
    nearness: str
    late: bool

    @property
    def order(self) -> tuple:
        """In time first, then the nearest, then the earliest."""
        return self.late, _NEARNESS.index(self.nearness), self.slot.start, str(self.slot.pk)


@dataclass(slots=True)
class Line:
    """A patient to move: the booking, the time that is proposed (None: nothing is free), others to choose from."""

    booking: Booking
    proposed: NewTime | None = None
    others: list[NewTime] = field(default_factory=list)

    @property
    def times(self) -> list[NewTime]:
        """The proposed time and the others, in the order in which they suit."""
        return [self.proposed, *self.others] if self.proposed else self.others


def closing(now: datetime | None = None, prefix: str = "slot__") -> Q:
    """The bookings whose time is being closed and still ahead."""
    reason = Q(**{f"{prefix}block_reason": ""})
    return ~reason & Q(**{f"{prefix}state": SlotState.PUBLISHED, f"{prefix}start__gt": now or timezone.now()})


def stranded() -> QuerySet[Booking]:
    """Every booking that waits to be moved, from the slots' side: a partial index holds the few that are closing."""
    slots = Slot.objects.filter(closing(prefix=""), taken__gt=0)
    return Booking.objects.filter(state=BookingState.BOOKED, slot__in=slots)


def to_move(
    actor: Actor, *, clinic_id: uuid.UUID | None = None, practitioner_id: uuid.UUID | None = None
) -> QuerySet[Booking]:
    """The bookings that wait to be moved and that the actor may move: urgent ones first, then by deadline and visit."""
    rows = stranded().filter(referral__in=referral_policy.queryset(actor, "reschedule"))
    if clinic_id:
        rows = rows.filter(clinic=clinic_id)
    if practitioner_id:
        rows = rows.filter(slot__practitioner=practitioner_id)
    return rows.annotate(rank=_rank()).order_by("rank", "referral__due_order", "start", "id")


def people_to_move(actor: Actor) -> list[dict]:
    """Whose patients wait to be moved, with their number, those with the most first: what narrows the plan."""
    counted: dict[tuple, dict] = {}
    rows = to_move(actor).values_list("clinic", "slot__practitioner")
    for clinic, practitioner in rows:
        line = counted.setdefault(
            (clinic, practitioner), {"clinic": clinic, "practitioner": practitioner, "count": 0}
        )
        line["count"] += 1
    names = Practitioner.objects.in_bulk([key[1] for key in counted if key[1]])
    for line in counted.values():
        person = names.get(line["practitioner"])
        line["name"] = person.short_name if person else ""
    return sorted(counted.values(), key=lambda line: (-line["count"], line["name"]))


def plan(
    actor: Actor,
    *,
    clinic_id: uuid.UUID | None = None,
    practitioner_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> list[Line]:
    """A new time for each patient to move, the most urgent one first; no place is proposed twice.

    Each gets the best of what is left: in time by the norm, then the same practitioner, the same service, another
    clinic of that service type, then the earliest. Four queries, however many patients there are.
    """
    now = now or timezone.now()
    wanted = to_move(actor, clinic_id=clinic_id, practitioner_id=practitioner_id)
    rows = list(_with_candidates(wanted, now))
    ids = {pk for row in rows for found in (row.by_person, row.by_service, row.by_type) for pk in found}
    slots = {
        slot.pk: slot
        for slot in Slot.objects.filter(pk__in=ids).select_related("clinic", "practitioner", "service")
    }
    return _deal(rows, slots)


def bookings_named(actor: Actor, booking_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Booking]:
    """Bookings by id, as far as the actor sees them, with what a sentence about them needs. One query."""
    rows = booking_policy.queryset(actor).filter(pk__in=list(booking_ids))
    return {
        booking.pk: booking
        for booking in rows.select_related(
            "patient", "referral__appointment_clinic", "referral__service_type", "clinic", "slot"
        )
    }


def plan_url(actor: Actor, clinic_id: uuid.UUID, practitioner_id: uuid.UUID | None) -> str:
    """Where the patients of a closed time are moved; for the registry, which knows no patients."""
    if not actor.has(*STAFF):
        return ""
    query = {"clinic": clinic_id} | ({"who": practitioner_id} if practitioner_id else {})
    return f"{reverse('patients:moving')}?{urlencode(query)}"


def _rank() -> Case:
    whens = [When(referral__priority=priority, then=Value(rank)) for priority, rank in RANKS.items()]
    return Case(*whens, output_field=IntegerField())


def _with_candidates(bookings: QuerySet[Booking], now: datetime) -> QuerySet[Booking]:
    """The bookings with the ids of the earliest free times of each nearness: as many as there are bookings, so that
    there is one for the last of them too.
    """
    number = PLANNED + OTHERS
    types = bookings.order_by().values("referral__service_type")
    services = Service.objects.filter(
        is_active=True, clinic__status=ClinicStatus.OPEN, service_type__in=types
    )
    busy = elsewhere_then(now).exclude(pk=OuterRef(OuterRef("pk")))
    free = (
        Slot.objects.filter(open_to_outer(now), has_room(now), bookable(services).slots())
        .filter(takes_the_patient(), may_send_data(), ~Exists(busy))
        .filter(
            ~is_used_up(OuterRef(OuterRef("referral__payment")), kept=OuterRef(OuterRef("quota"))),
            service_type=OuterRef("referral__service_type"),
            # Whoever was to come tomorrow morning can come then to somebody else; nobody is called in at once.
            start__gte=Least(OuterRef("start"), Value(now + NOTICE)),
            start__lt=now + timedelta(days=HORIZON_DAYS),
        )
        .order_by("start", "id")
        .values("pk")
    )
    same_service = Q(service=OuterRef("slot__service"))
    return (
        bookings.annotate(source_organization=F("referral__source_organization"))
        .annotate(
            by_person=ArraySubquery(free.filter(practitioner=OuterRef("slot__practitioner"))[:number]),
            by_service=ArraySubquery(free.filter(same_service)[:number]),
            by_type=ArraySubquery(free.filter(~same_service)[:number]),
        )
        .select_related(
            "patient", "referral__service_type", "referral__source_clinic", "referral__target_clinic", "clinic",
            "slot__practitioner", "slot__service",
        )[:PLANNED]
    )  # fmt: skip


def _deal(rows: list[Booking], slots: dict[uuid.UUID, Slot]) -> list[Line]:
    """Give each row in turn the best of the times that are left."""
    # A slot that is full of lapsed holds has at least one place.
    left = {pk: max(slot.capacity - slot.taken, 1) for pk, slot in slots.items()}
    given: dict[uuid.UUID, list[Slot]] = {}
    lines, ranked = [], []
    for row in rows:
        times = sorted(_times(row, slots), key=lambda time: time.order)
        before = given.setdefault(row.patient_id, [])
        best = next((t for t in times if left[t.slot.pk] and not _meets(t.slot, before)), None)
        if best is not None:
            left[best.slot.pk] -= 1
            before.append(best.slot)
        lines.append(Line(row, best))
        ranked.append(times)
    for line, times in zip(lines, ranked, strict=True):
        line.others = _others(line, times, left)
    return lines


def _times(row: Booking, slots: dict[uuid.UUID, Slot]) -> list[NewTime]:
    """What a booking could have, each time once."""
    found = {}
    for pk in (*row.by_person, *row.by_service, *row.by_type):
        # One that was closed between the two queries is not offered.
        if (slot := slots.get(pk)) is None:
            continue
        person = slot.practitioner_id and slot.practitioner_id == row.slot.practitioner_id
        same = SAME_SERVICE if slot.service_id == row.slot.service_id else ELSEWHERE
        due = row.referral.due_on
        late = due is not None and day_of(slot.start, slot.clinic.time_zone) > due
        found[pk] = NewTime(slot, SAME_PERSON if person else same, late)
    return list(found.values())


def _meets(slot: Slot, others: list[Slot]) -> bool:
    """Whether the slot overlaps one of the others: one patient may have several visits to move."""
    return any(slot.start < other.end and other.start < slot.end for other in others)


def _others(line: Line, times: list[NewTime], left: dict[uuid.UUID, int]) -> list[NewTime]:
    """A few more times that are proposed to nobody, of each nearness some."""
    found: list[NewTime] = []
    for time in times:
        of_its_kind = sum(other.nearness == time.nearness for other in found)
        if left[time.slot.pk] and time is not line.proposed and of_its_kind < OTHERS_OF_A_KIND:
            found.append(time)
    return found[:OTHERS]


__all__ = [
    "ELSEWHERE", "PLANNED", "SAME_PERSON", "SAME_SERVICE", "Line", "NewTime", "bookings_named", "closing",
    "people_to_move", "plan", "plan_url", "stranded", "to_move",
]  # fmt: skip
