"""The search for a free time. Whose a slot is decides `openness`, here and when it is booked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import DateTimeField, OuterRef, Subquery
from django.utils import timezone

from clinics.models import Service, Slot
from clinics.occupants import lapsed_slots
from clinics.selectors.licences import bookable
from clinics.selectors.openness import day_of, has_room, open_for
from clinics.selectors.quotas import is_used_up
from clinics.states import ClinicStatus

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from clinics.models import ServiceType


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

    Only those of services offered now, at open clinics, licensed on the day of the slot, and where a `payment` is named
    with something left of its quota. `first_day` and `last_day`
    (inclusive) are the clinic's own calendar days. Two small queries at once (lapsed holds, licences), and one when
    evaluated, which reads one index and no other table but the quotas.
    """
    services = Service.objects.filter(is_active=True, clinic__status=ClinicStatus.OPEN)
    slots = Slot.objects.filter(open_for(organization_id, priority, now)).filter(has_room(now))
    if service_type is not None:
        services = services.filter(service_type=service_type)
        slots = slots.filter(service_type=service_type)
    if service_ids is not None:
        services = services.filter(pk__in=list(service_ids))
    if clinic_ids is not None:
        services = services.filter(clinic__in=list(clinic_ids))
    if payment:
        services = services.filter(payments__contains=[payment])
        slots = slots.filter(~is_used_up(payment))
    if mode:
        services = services.filter(mode=mode)
    licensed = bookable(services, first_day=first_day, last_day=last_day)
    return slots.filter(licensed.slots()).order_by("start", "id")


def first_free(
    service_ids: Iterable[uuid.UUID] | None,
    organization_id: uuid.UUID | None = None,
    *,
    priority: str = "planned",
    now: datetime | None = None,
) -> dict[uuid.UUID, datetime]:
    """The start of the first free slot of each of these services (None: of all), for those that have one.

    Three queries; the last one looks into the index of each service's times and stops at the first that fits.
    """
    services = Service.objects.filter(is_active=True, clinic__status=ClinicStatus.OPEN)
    if service_ids is not None:
        services = services.filter(pk__in=list(service_ids))
    licensed, on_its_days = bookable(services).unlike()
    earliest = (
        Slot.objects.filter(open_for(organization_id, priority, now), service=OuterRef("pk"))
        .filter(has_room(now))
        .filter(on_its_days)
        .order_by("start")
        .values("start")[:1]
    )
    allowed = set(licensed)
    found = services.annotate(first=Subquery(earliest, output_field=DateTimeField())).values_list(
        "pk", "first"
    )
    return {pk: first for pk, first in found if first and pk in allowed}


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
    payment: str,
    kept_quota: Any = None,
    now: datetime | None = None,
) -> dict[date, list[Choice]]:
    """The times of a service that would be open to this referral, free and taken, for each day of the clinic.

    A time whose quota for the payment is used up is not free (`kept_quota`: see `is_used_up`). Every one of the days is
    there, also an empty one. `service` comes with its clinic. Three queries.
    """
    now = now or timezone.now()
    zone = service.clinic.time_zone
    last_day = first_day + timedelta(days=number_of_days - 1)
    licensed = bookable(Service.objects.filter(pk=service.pk), first_day=first_day, last_day=last_day)
    slots = (
        Slot.objects.filter(open_for(organization_id, priority, now), service=service)
        .filter(licensed.slots())
        .annotate(used_up=is_used_up(payment, kept=kept_quota))
        .select_related("practitioner")
        .order_by("start", "id")
    )
    lapsed = set(lapsed_slots(now))
    by_day: dict[date, list[Choice]] = defaultdict(list)
    for slot in slots:
        has_place = slot.taken < slot.capacity or slot.pk in lapsed
        by_day[day_of(slot.start, zone)].append(Choice(slot, has_place and not slot.used_up))
    return {day: by_day[day] for day in (first_day + timedelta(days=n) for n in range(number_of_days))}


def slots_of(slot_ids: Iterable[str]) -> list[Slot]:
    """Slots by their ids, in order of time, with what a list of them shows. Who may know of them is the caller's
    matter.
    """
    rows = Slot.objects.filter(pk__in=list(slot_ids)).select_related("clinic", "practitioner")
    return list(rows.order_by("start", "id"))
