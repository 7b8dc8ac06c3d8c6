"""The search for a free time. Whose a slot is decides `openness`, here and when it is booked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import DateTimeField, OuterRef, Subquery
from django.utils import timezone

from clinics.models import Service, Slot
from clinics.selectors.calendar import start_of
from clinics.selectors.licences import licensed_slot, local_day
from clinics.selectors.openness import day_of, has_room, open_for
from clinics.states import ClinicStatus, SlotState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from clinics.models import ServiceType

#: The furthest apart that the calendars of two places on Earth can be.
A_DAY_ELSEWHERE = timedelta(hours=26)


def free_slots(
    organization_id: uuid.UUID | None,
    *,
    priority: str = "planned",
    service_type: ServiceType | str | None = None,
    service_ids: Iterable[uuid.UUID] | None = None,
    clinic_ids: Iterable[uuid.UUID] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    payment: str | None = None,
    mode: str | None = None,
    now: datetime | None = None,
) -> QuerySet[Slot]:
    """The free slots that a referral of this organisation and priority may be booked into, the earliest first.

    Only those of services offered now, at open clinics, and licensed on the day of the slot. `first_day` and `last_day`
    (inclusive) are the clinic's own calendar days; each row has its `day`. One query when evaluated, and a small one at
    once for the lapsed holds.
    """
    now = now or timezone.now()
    slots = Slot.objects.filter(open_for(organization_id, priority, now)).filter(has_room(now))
    slots = slots.filter(service__is_active=True, clinic__status=ClinicStatus.OPEN)
    if service_type is not None:
        slots = slots.filter(service_type=service_type)
    if service_ids is not None:
        slots = slots.filter(service__in=list(service_ids))
    if clinic_ids is not None:
        slots = slots.filter(clinic__in=list(clinic_ids))
    if payment:
        slots = slots.filter(service__payments__contains=[payment])
    if mode:
        slots = slots.filter(service__mode=mode)
    slots = slots.annotate(day=local_day())
    if first_day:
        # The range of moments is what the index can use, the day is what was asked for.
        slots = slots.filter(start__gte=start_of(first_day, "UTC") - A_DAY_ELSEWHERE, day__gte=first_day)
    if last_day:
        slots = slots.filter(start__lte=start_of(last_day, "UTC") + 2 * A_DAY_ELSEWHERE, day__lte=last_day)
    return slots.filter(licensed_slot()).order_by("start", "id")


def first_free(
    service_ids: Iterable[uuid.UUID],
    organization_id: uuid.UUID | None = None,
    *,
    priority: str = "planned",
    now: datetime | None = None,
) -> dict[uuid.UUID, datetime]:
    """The start of the first free slot of each of these services, for those that have one. One query."""
    earliest = free_slots(organization_id, priority=priority, now=now).filter(service=OuterRef("pk"))
    found = (
        Service.objects.filter(pk__in=list(service_ids))
        .annotate(first=Subquery(earliest.values("start")[:1], output_field=DateTimeField()))
        .values_list("pk", "first")
    )
    return {pk: first for pk, first in found if first}


@dataclass(frozen=True, slots=True)
class Choice:
    """A time as a choice: free, or shown as gone."""

    slot: Slot
    is_free: bool


def choices(
    service: Service,
    organization_id: uuid.UUID | None,
    *,
    first_day: date,
    number_of_days: int = 7,
    priority: str = "planned",
    now: datetime | None = None,
) -> dict[date, list[Choice]]:
    """The times of a service that would be open to this referral, free and taken, for each day of the clinic.

    Every one of the days is there, also an empty one. `service` comes with its clinic. Two queries.
    """
    now = now or timezone.now()
    zone = service.clinic.time_zone
    bounds = start_of(first_day, zone), start_of(first_day + timedelta(days=number_of_days), zone)
    slots = (
        Slot.objects.filter(open_for(organization_id, priority, now), service=service)
        .filter(start__gte=bounds[0], start__lt=bounds[1], state=SlotState.PUBLISHED)
        .annotate(day=local_day())
        .filter(licensed_slot())
        .select_related("practitioner")
        .order_by("start", "id")
    )
    with_room = set(slots.filter(has_room(now)).values_list("pk", flat=True))
    by_day: dict[date, list[Choice]] = defaultdict(list)
    for slot in slots:
        by_day[day_of(slot.start, zone)].append(Choice(slot, slot.pk in with_room))
    return {day: by_day[day] for day in (first_day + timedelta(days=n) for n in range(number_of_days))}
