"""Weekly patterns and the days they leave out. A change never strands a booking: it lists those in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Equipment, Practitioner, Schedule, ScheduleException, ScheduleHours, Service, Slot
from clinics.policies import exception_policy, schedule_policy
from clinics.selectors.calendar import end_of, start_of
from clinics.services.generation import calendar_of, fill, horizon, insert, plan
from clinics.services.places import lock_slots
from clinics.services.slots import close, move_all, reopen, split, stranded, tell_opened
from clinics.states import REPLACED, ROOM_CLOSED, ExceptionReason, SlotState
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import time

    from cluster_portal.common.actor import Actor

#: What a pattern consists of, besides its hours.
FIELDS = (
    "service", "practitioner", "room", "equipment", "slot_minutes", "capacity", "share_own", "share_cluster",
    "share_urgent", "release_hours", "valid_from", "valid_to", "works_on_holidays",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """Reception on one ISO weekday, by the clinic's clock."""

    weekday: int
    starts: time
    ends: time


@service
def create_schedule(actor: Actor, *, data: dict[str, Any], hours: list[Hours]) -> Schedule:
    """A new pattern; its slots stand at once as drafts.

    `data` holds FIELDS (`service` and `practitioner` as ids of the actor's own organisation). Raises Invalid at the
    field, NotFound for a stranger's service or practitioner, PractitionerBusy where times overlap.
    """
    schedule_policy.require(actor, "create")
    schedule = build(actor, data, hours)
    save_new(schedule, hours)
    fill(whole(schedule.pk))
    return schedule


def build(actor: Actor, data: dict[str, Any], hours: list[Hours]) -> Schedule:
    """A new pattern (not saved), checked. Raises Invalid and NotFound as `create_schedule` does."""
    schedule = Schedule()
    _assign(actor, schedule, data)
    _check(schedule, hours)
    return schedule


def save_new(schedule: Schedule, hours: list[Hours]) -> None:
    """Save a pattern that `build` made, with its hours."""
    schedule.save(force_insert=True)
    _write_hours(schedule, hours)


@service
def update_schedule(
    actor: Actor, *, schedule_id: uuid.UUID, data: dict[str, Any], hours: list[Hours]
) -> Schedule:
    """Change a pattern. Booked times that still fit stay; free ones that do not are closed; new ones are drafts.

    Raises StrandedBookings, with the slots in the way, where a booked time no longer fits or has too many patients for
    the new capacity; nothing is changed then.
    """
    schedule = schedule_policy.get(actor, "edit", schedule_id, lock=True)
    _assign(actor, schedule, data)
    _check(schedule, hours)
    schedule.published_at = None
    schedule.save()
    _write_hours(schedule, hours)
    _refit(actor, whole(schedule.pk))
    return schedule


@service
def end_schedule(actor: Actor, *, schedule_id: uuid.UUID, last_day: date) -> Schedule:
    """Let a pattern end with `last_day`. Raises StrandedBookings where patients are booked after it."""
    schedule = schedule_policy.get(actor, "edit", schedule_id, lock=True)
    if last_day < schedule.valid_from:
        schedule.is_active = False
    schedule.valid_to = max(last_day, schedule.valid_from)
    schedule.save()
    _refit(actor, whole(schedule.pk))
    return schedule


@service
def publish_schedule(actor: Actor, *, schedule_id: uuid.UUID) -> int:
    """Publish a pattern: every slot of it up to the horizon now, later weeks as they come. Returns how many slots.

    Raises PractitionerBusy where another pattern of the same person overlaps.
    """
    schedule_policy.get(actor, "edit", schedule_id, lock=True)
    schedule = whole(schedule_id)
    if schedule.published_at is None:
        schedule.published_at = timezone.now()
        schedule.save(update_fields=["published_at", "updated_at"])
    made = fill(schedule)
    drafts = Slot.objects.filter(schedule=schedule, state=SlotState.DRAFT, start__gt=timezone.now())
    locked = lock_slots(drafts.values_list("pk", flat=True))
    tell_opened([*made, *locked.values()])
    return len(made) + move_all(Slot.objects.filter(pk__in=list(locked)), "publish")


@service
def generate_slots(actor: Actor, *, schedule_id: uuid.UUID, strict: bool = True) -> int:
    """Make the slots of one pattern up to the horizon that do not stand yet. Doing it twice changes nothing.

    Times that the practitioner gives elsewhere raise PractitionerBusy when `strict`, else they are left out. Returns
    how many were made.
    """
    schedule_policy.get(actor, "edit", schedule_id, lock=True)
    made = fill(whole(schedule_id), strict=strict)
    tell_opened(slot for slot in made if slot.state == SlotState.PUBLISHED)
    return len(made)


@service
def add_exception(
    actor: Actor,
    *,
    practitioner_id: uuid.UUID,
    clinic_id: uuid.UUID,
    first_day: date,
    last_day: date,
    reason: str,
    comment: str = "",
    keep_booked: bool = False,
) -> ScheduleException:
    """Days without reception (leave, repair…), both inclusive: drafts vanish, free slots close, no new ones come.

    Raises StrandedBookings as `block_slots` does; with `keep_booked` the exception stands, the booked slots stay until
    their patients are moved, and nobody else gets in.
    """
    exception_policy.require(actor, "create")
    practitioner = Practitioner.objects.filter(
        organization=actor.organization_id, clinics=clinic_id, pk=practitioner_id
    ).first()
    clinic = practitioner and practitioner.clinics.get(pk=clinic_id)
    if clinic is None:
        raise NotFound(field="practitioner")
    if last_day < first_day:
        raise Invalid({"last_day": _("The last day is before the first one.")})
    if reason not in ExceptionReason:
        raise Invalid({"reason": _("Please choose a reason.")})
    exception = ScheduleException.objects.create(
        practitioner=practitioner,
        clinic=clinic,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        comment=comment.strip()[:300],
    )
    slots = list(lock_slots(_slots_of(exception).values_list("pk", flat=True)).values())
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    close(actor, [s for s in slots if s.state != SlotState.DRAFT], reason, keep_booked=keep_booked)
    Slot.objects.filter(pk__in=drafts).delete()
    return exception


@service
def remove_exception(actor: Actor, *, exception_id: uuid.UUID) -> int:
    """Take an exception back: what it closed opens again, and the patterns fill their days. Returns how many opened."""
    exception = exception_policy.get(actor, "edit", exception_id, lock=True)
    slots = lock_slots(
        _slots_of(exception).filter(block_reason=exception.reason).values_list("pk", flat=True)
    )
    patterns = Schedule.objects.filter(
        practitioner=exception.practitioner_id, service__clinic=exception.clinic_id, is_active=True
    )
    exception.delete()
    opened = reopen(slots.values())
    refill(patterns.values_list("pk", flat=True))
    return opened


def refill(schedule_ids: Iterable[uuid.UUID]) -> None:
    """Make what patterns lack after something that kept them from it is over."""
    for pk in list(schedule_ids):
        made = fill(whole(pk), strict=False)
        tell_opened(slot for slot in made if slot.state == SlotState.PUBLISHED)


def _slots_of(exception: ScheduleException):
    zone = exception.clinic.time_zone
    first, end = start_of(exception.first_day, zone), end_of(exception.last_day, zone)
    return Slot.objects.filter(
        practitioner=exception.practitioner_id,
        clinic=exception.clinic_id,
        start__gte=max(first, timezone.now()),
        start__lt=end,
    )


def whole(schedule_id: uuid.UUID) -> Schedule:
    """The pattern with what `generation` needs of it."""
    return (
        Schedule.objects.select_related("service__clinic", "practitioner", "equipment")
        .prefetch_related("hours")
        .get(pk=schedule_id)
    )


def _assign(actor: Actor, schedule: Schedule, data: dict[str, Any]) -> None:
    for name in FIELDS:
        if name not in data:
            continue
        value = data[name]
        if name == "service":
            rows = Service.objects.filter(clinic__organization=actor.organization_id)
            schedule.service = _one(rows.select_related("clinic"), value, name)
        elif name == "practitioner":
            schedule.practitioner = _one(
                Practitioner.objects.filter(organization=actor.organization_id), value, name
            )
        elif name == "equipment" and value:
            schedule.equipment = _one(
                Equipment.objects.filter(organization=actor.organization_id), value, name
            )
        else:
            setattr(schedule, name, value)


def _one(rows, pk: Any, field: str):
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(field=field)
    return row


def _check(schedule: Schedule, hours: list[Hours]) -> None:
    """What no constraint of the database says well enough. Raises Invalid."""
    errors: dict[str, Any] = {}
    if schedule.share_own + schedule.share_cluster + schedule.share_urgent != 100:
        errors["share_own"] = _("The three shares must make 100 % together.")
    if schedule.valid_to and schedule.valid_to < schedule.valid_from:
        errors["valid_to"] = _("The last day is before the first one.")
    if not schedule.practitioner.clinics.filter(pk=schedule.service.clinic_id).exists():
        errors["practitioner"] = _("This practitioner does not work at the clinic that gives the service.")
    if schedule.equipment and schedule.equipment.clinic_id != schedule.service.clinic_id:
        errors["equipment"] = _("This unit stands at another clinic.")
    if not hours:
        errors["hours"] = _("Please give the hours of at least one weekday.")
    ordered = sorted(hours, key=lambda h: (h.weekday, h.starts))
    for one, following in pairwise(ordered):
        if one.weekday == following.weekday and one.ends > following.starts:
            errors["hours"] = _("The hours of one weekday overlap.")
    for row in ordered:
        length = timedelta(hours=row.ends.hour - row.starts.hour, minutes=row.ends.minute - row.starts.minute)
        if length < timedelta(minutes=schedule.slot_minutes):
            errors["hours"] = _("The hours of a weekday are shorter than one visit.")
    if errors:
        raise Invalid(errors)


def _write_hours(schedule: Schedule, hours: list[Hours]) -> None:
    standing = {(h.weekday, h.starts, h.ends): h for h in schedule.hours.all()}
    wanted = {(h.weekday, h.starts, h.ends) for h in hours}
    ScheduleHours.objects.filter(pk__in=[h.pk for key, h in standing.items() if key not in wanted]).delete()
    ScheduleHours.objects.bulk_create(
        ScheduleHours(schedule=schedule, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in sorted(wanted - standing.keys())
    )


def _refit(actor: Actor, schedule: Schedule) -> None:
    """Bring the slots ahead in line with the changed pattern. Raises StrandedBookings."""
    now = timezone.now()
    ahead = Slot.objects.filter(schedule=schedule, start__gt=now)
    slots = list(lock_slots(ahead.values_list("pk", flat=True)).values())
    first, last = horizon(schedule, now)
    if slots:
        last_standing = max(slot.start for slot in slots).date() + timedelta(days=1)
        last = max(last, min(last_standing, schedule.valid_to or last_standing))
    wanted = {}
    if schedule.is_active and first <= last:
        calendar = calendar_of(schedule, first, last)
        wanted = {(s.start, s.end): s for s in plan(schedule, first, last, calendar) if s.start > now}
    booked, free = split(actor, slots)
    in_the_way = [
        slot
        for slot in booked
        if not slot.block_reason and (not _stands(slot, wanted, schedule) or slot.taken > schedule.capacity)
    ]
    if in_the_way:
        raise stranded(in_the_way)
    _drop([slot for slot in free if not _stands(slot, wanted, schedule)])
    stay = [slot for slot in slots if _stands(slot, wanted, schedule)]
    # What was closed with a room is wanted in another one now, or the plan would leave it out.
    reopen([slot for slot in stay if slot.block_reason in (REPLACED, ROOM_CLOSED)])
    for slot in stay:
        new = wanted[slot.start, slot.end]
        slot.capacity, slot.room, slot.release_at = new.capacity, new.room, new.release_at
        if not slot.taken:
            slot.audience = new.audience
    Slot.objects.bulk_update(stay, ["capacity", "room", "release_at", "audience"], batch_size=200)
    # More places in a time, or a time for others: what is published may suit somebody now.
    tell_opened(slot for slot in stay if slot.state == SlotState.PUBLISHED)
    standing = {slot.start for slot in stay}
    insert(schedule, [s for key, s in wanted.items() if key[0] not in standing], strict=True)


def _stands(slot: Slot, wanted: dict, schedule: Schedule) -> bool:
    """Whether a slot keeps its place: the pattern still asks for this time, for the same person and service."""
    same = slot.practitioner_id == schedule.practitioner_id and slot.service_id == schedule.service_id
    return same and (slot.start, slot.end) in wanted


def _drop(slots: list[Slot]) -> None:
    """Drafts vanish: nobody has seen them. Published slots may have a history, so they are closed."""
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    published = [slot.pk for slot in slots if slot.state == SlotState.PUBLISHED]
    Slot.objects.filter(pk__in=drafts).delete()
    move_all(Slot.objects.filter(pk__in=published), "block", block_reason=REPLACED)


__all__ = [
    "FIELDS", "Hours", "add_exception", "build", "create_schedule", "end_schedule", "generate_slots",
    "publish_schedule", "refill", "remove_exception", "save_new", "update_schedule", "whole",
]  # fmt: skip
