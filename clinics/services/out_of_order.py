"""Times that need equipment which is out of use: closed while it is, open again when it works.

Nobody loses a booked time here: those wait to be moved, as everywhere when a clinic closes a time. Locks are
taken of the unit, its patterns, their slots by ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone

from clinics.models import Schedule, Slot
from clinics.selectors.equipment import days_out_of_use
from clinics.services.generation import calendar_of, horizon, plan
from clinics.services.places import lock_slots
from clinics.services.schedules import refill, whole
from clinics.services.slots import close, reopen
from clinics.states import OUT_OF_ORDER, SlotState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from clinics.models import Equipment
    from cluster_portal.common.actor import Actor


def fit_times(actor: Actor, equipment: Equipment) -> None:
    """Bring the times ahead that need a locked unit in line with its state. Doing it twice changes nothing.

    On days without the unit drafts vanish, free times close, booked ones take nobody else; on others what was closed
    for its sake opens, as far as the patterns still ask for it and the practitioner is free.
    """
    patterns = Schedule.objects.select_for_update(no_key=True).filter(equipment=equipment).order_by("pk")
    ids = [pattern.pk for pattern in patterns]
    if not ids:
        return
    ahead = Slot.objects.filter(schedule__in=ids, start__gt=timezone.now())
    slots = list(lock_slots(ahead.values_list("pk", flat=True)).values())
    out, zone = days_out_of_use(equipment), ZoneInfo(equipment.clinic.time_zone)
    shut = {slot.pk for slot in slots if out and slot.start.astimezone(zone).date() <= out[1]}
    drafts = [slot.pk for slot in slots if slot.pk in shut and slot.state == SlotState.DRAFT]
    Slot.objects.filter(pk__in=drafts).delete()
    alive = [s for s in slots if s.pk in shut and s.state == SlotState.PUBLISHED and not s.block_reason]
    close(actor, alive, OUT_OF_ORDER, keep_booked=True)
    closed = [slot for slot in slots if slot.pk not in shut and slot.block_reason == OUT_OF_ORDER]
    reopen(still_wanted(closed, ids))
    refill(ids)


def still_wanted(slots: list[Slot], schedule_ids: Iterable[uuid.UUID]) -> list[Slot]:
    """Those of the closed slots that the patterns, as they are now, ask for at a time when the practitioner is free."""
    if not slots:
        return []
    wanted = set()
    for pk in schedule_ids:
        schedule = whole(pk)
        first, last = horizon(schedule)
        if schedule.is_active and first <= last:
            times = plan(schedule, first, last, calendar_of(schedule, first, last))
            wanted.update((schedule.pk, time.start, time.end) for time in times)
    busy = Slot.objects.filter(
        practitioner=OuterRef("practitioner"), start__lt=OuterRef("end"), end__gt=OuterRef("start")
    ).exclude(pk=OuterRef("pk"))
    taken = Slot.objects.filter(Exists(busy.exclude(state=SlotState.BLOCKED)), pk__in=[s.pk for s in slots])
    elsewhere = set(taken.values_list("pk", flat=True))
    return [s for s in slots if (s.schedule_id, s.start, s.end) in wanted and s.pk not in elsewhere]
