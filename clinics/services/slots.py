"""Publishing, closing and reopening slots. Nothing here leaves a booked patient without a time.

Lock order: slots by their ids, after anything else. Closing first lets lapsed holds go, so that nobody who has given up
stands in the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.errors import StrandedBookings
from clinics.events import SLOTS_OPENED
from clinics.models import Clinic, Slot
from clinics.occupants import release_lapsed
from clinics.policies import slot_administration_policy
from clinics.selectors.calendar import end_of, start_of
from clinics.services.places import lock_slots
from clinics.states import SLOT, SlotState
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


@service
def publish_slots(
    actor: Actor,
    *,
    clinic_id: uuid.UUID,
    first_day: date,
    last_day: date,
    practitioner_ids: Iterable[uuid.UUID] | None = None,
) -> int:
    """Publish the drafts of these days (the clinic's, both inclusive) that are still ahead. Returns how many.

    `practitioner_ids` narrows it to these people.
    """
    slot_administration_policy.require(actor, "create")
    clinic = Clinic.objects.filter(organization=actor.organization_id, pk=clinic_id).first()
    if clinic is None:
        raise NotFound(field="clinic")
    drafts = slot_administration_policy.queryset(actor, "edit").filter(
        drafts_between(clinic, first_day, last_day)
    )
    if practitioner_ids is not None:
        drafts = drafts.filter(practitioner__in=list(practitioner_ids))
    locked = list(lock_slots(_ids(drafts)).values())
    tell_opened(locked)
    return move_all(Slot.objects.filter(pk__in=_pks(locked)), "publish")


def drafts_between(clinic: Clinic, first_day: date, last_day: date) -> Q:
    """What `publish_slots` would publish; the page counts the same."""
    return Q(
        clinic=clinic,
        state=SlotState.DRAFT,
        start__gte=max(start_of(first_day, clinic.time_zone), timezone.now()),
        start__lt=end_of(last_day, clinic.time_zone),
    )


@service
def block_slots(
    actor: Actor,
    *,
    reason: str,
    slot_ids: Iterable[uuid.UUID] | None = None,
    practitioner_id: uuid.UUID | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
    keep_booked: bool = False,
) -> int:
    """Close slots: those named, or the practitioner's that begin from `starts` to before `ends`. Returns how many.

    Raises StrandedBookings, with the slots in the way, and closes nothing. With `keep_booked` it closes the free ones
    and lets nobody else into the booked ones: they are blocked when their last booking leaves.
    """
    reason = reason.strip()[:300]
    if not reason:
        raise Invalid({"reason": _("Please say why: colleagues and the journal will ask.")})
    return close(actor, find(actor, slot_ids, practitioner_id, starts, ends), reason, keep_booked=keep_booked)


@service
def reopen_slots(actor: Actor, *, slot_ids: Iterable[uuid.UUID]) -> int:
    """Publish blocked slots again, and let patients into closing ones. Past ones stay as they are.

    Raises PractitionerBusy where somebody has since been given the time elsewhere.
    """
    slots = find(actor, slot_ids)
    return reopen(slots)


def find(
    actor: Actor,
    slot_ids: Iterable[uuid.UUID] | None = None,
    practitioner_id: uuid.UUID | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> list[Slot]:
    """The actor's own slots ahead, locked. Raises NotFound for a stranger's, Forbidden where the role is missing."""
    if slot_ids is None and (practitioner_id is None or starts is None or ends is None):
        raise Invalid({"slots": _("Name the slots, or the practitioner and the time.")})
    visible = slot_administration_policy.queryset(actor)
    editable = slot_administration_policy.queryset(actor, "edit")
    if slot_ids is not None:
        wanted = set(slot_ids)
        chosen = Q(pk__in=wanted)
        if visible.filter(chosen).count() != len(wanted):
            raise NotFound(field="slots")
        if editable.filter(chosen).count() != len(wanted):
            raise Forbidden
    else:
        slot_administration_policy.require(actor, "create")
        chosen = Q(practitioner=practitioner_id, start__gte=starts, start__lt=ends)
    return list(lock_slots(_ids(editable.filter(chosen, start__gt=timezone.now()))).values())


def close(actor: Actor, slots: Iterable[Slot], reason: str, *, keep_booked: bool) -> int:
    """Close locked slots as `block_slots` says."""
    alive = [slot for slot in slots if slot.state != SlotState.BLOCKED]
    booked, free = split(actor, alive)
    if booked and not keep_booked:
        raise stranded(booked)
    now = timezone.now()
    if booked:
        Slot.objects.filter(pk__in=_pks(booked)).update(block_reason=reason, updated_at=now)
    return move_all(Slot.objects.filter(pk__in=_pks(free)), "block", block_reason=reason)


def reopen(slots: Iterable[Slot]) -> int:
    """Open locked slots as `reopen_slots` says."""
    slots = list(slots)
    closing = [slot for slot in slots if slot.state == SlotState.PUBLISHED and slot.block_reason]
    blocked = [slot for slot in slots if slot.state == SlotState.BLOCKED]
    tell_opened([*closing, *blocked])
    Slot.objects.filter(pk__in=_pks(closing)).update(block_reason="", updated_at=timezone.now())
    move_all(Slot.objects.filter(pk__in=_pks(blocked)), "reopen", block_reason="")
    return len(closing) + len(blocked)


def tell_opened(slots: Iterable[Slot]) -> None:
    """Say after the commit that times of these kinds are open now: somebody may be waiting for them."""
    if types := sorted({slot.service_type_id for slot in slots}):
        enqueue(SLOTS_OPENED, {"service_types": types})


def split(actor: Actor, slots: Iterable[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Locked slots with somebody in them, and those without; lapsed holds are let go first."""
    slots = list(slots)
    booked = [slot for slot in slots if slot.taken]
    if booked and release_lapsed(actor, _pks(booked)):
        left = dict(Slot.objects.filter(pk__in=_pks(booked)).values_list("pk", "taken"))
        for slot in booked:
            slot.taken = left[slot.pk]
        booked = [slot for slot in booked if slot.taken]
    taken = {slot.pk for slot in booked}
    return booked, [slot for slot in slots if slot.pk not in taken]


def stranded(slots: Iterable[Slot]) -> StrandedBookings:
    """The error that names the slots in the way, in order of time, with how many are booked in each."""
    rows = sorted(slots, key=lambda slot: slot.start)
    return StrandedBookings(
        extra={
            "slots": [
                {
                    "slot": str(slot.pk),
                    "start": slot.start.isoformat(),
                    "booked": slot.taken,
                    "practitioner": str(slot.practitioner_id or ""),
                }
                for slot in rows
            ]
        }
    )


def move_all(slots: QuerySet[Slot], action: str, **fields: object) -> int:
    """Move locked slots by the state table, all of one action in one statement for each state that it starts from."""
    moved = 0
    for line in SLOT.transitions:
        if line.action == action:
            moved += slots.filter(state__in=line.sources).update(
                state=line.target, updated_at=timezone.now(), **fields
            )
    return moved


def _ids(slots: QuerySet[Slot]) -> list[uuid.UUID]:
    return list(slots.values_list("pk", flat=True))


def _pks(slots: Iterable[Slot]) -> list[uuid.UUID]:
    return [slot.pk for slot in slots]
