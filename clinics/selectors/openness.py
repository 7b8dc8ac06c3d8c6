"""Whose a slot is at a moment, and whether its clinic may work that day: one rule for search and for booking."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Exists, F, Func, OuterRef, Q
from django.utils import timezone

from clinics.models import Licence
from clinics.occupants import lapsed_slots
from clinics.selectors.validity import in_force_on, local_day
from clinics.states import Audience, SlotState

if TYPE_CHECKING:
    import uuid
    from datetime import date, datetime

    from clinics.models import Slot

URGENT_PRIORITIES = frozenset({"emergency", "urgent"})


def open_for(organization_id: uuid.UUID | None, priority: str, now: datetime | None = None) -> Q:
    """The slots that a referral of this organisation and priority may be booked into (free or not).

    Own slots are for the clinic's own organisation; the cluster's are for all until their release and then for the
    own one; urgent ones are for urgent referrals until their release and then for all. No organisation (a visitor) is
    nobody's own. Drafts, blocked, closing and past slots are for nobody. `is_open_for` is the same rule in Python.
    """
    now = now or timezone.now()
    audience = Q(audience=Audience.CLUSTER, release_at__gt=now) | Q(
        audience=Audience.URGENT, release_at__lte=now
    )
    if organization_id is not None:
        audience |= Q(organization=organization_id) & ~Q(audience=Audience.URGENT)
    if priority in URGENT_PRIORITIES:
        audience |= Q(audience=Audience.URGENT)
    return Q(state=SlotState.PUBLISHED, block_reason="", start__gt=now) & audience


def is_open_for(
    slot: Slot, organization_id: uuid.UUID | None, priority: str, now: datetime | None = None
) -> bool:
    """`open_for` for a slot in hand."""
    now = now or timezone.now()
    if slot.state != SlotState.PUBLISHED or slot.block_reason or slot.start <= now:
        return False
    released = slot.release_at <= now
    if slot.audience == Audience.URGENT:
        return released or priority in URGENT_PRIORITIES
    own = organization_id is not None and slot.organization_id == organization_id
    return own or (slot.audience == Audience.CLUSTER and not released)


def has_room(now: datetime | None = None) -> Q:
    """The slots with a free place. One that is full only of lapsed holds counts: whoever books it releases them.

    Asks for the lapsed holds first (one small query), so that the search itself stays on its partial index.
    """
    lapsed = lapsed_slots(now or timezone.now())
    room = Q(taken__lt=F("capacity"))
    return room | Q(pk__in=lapsed) if lapsed else room


def day_of(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment at the clinic."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def covering_licence(clinic_id: uuid.UUID, specialty_code: str, day: date) -> Licence | None:
    """A licence of the site that covers the specialty on that day, the longest one first."""
    return (
        Licence.objects.filter(in_force_on(day), clinic=clinic_id, activities__contains=[specialty_code])
        .order_by("-valid_to")
        .first()
    )


def licensed_on_its_day() -> Exists:
    """`covering_licence` inside a query of slots: whether the site may give the slot's service on the slot's day."""
    specialty = Func(
        OuterRef("service_type__specialty_id"),
        template="ARRAY[%(expressions)s]::varchar(40)[]",
        output_field=ArrayField(CharField(max_length=40)),
    )
    return Exists(
        Licence.objects.filter(
            in_force_on(local_day(of=OuterRef)), clinic=OuterRef("clinic"), activities__contains=specialty
        )
    )
