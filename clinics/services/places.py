"""The scarce thing: places in a slot. Counted by one conditional UPDATE, with the CHECK constraint behind it.

Callers lock the referral first and call these last in their transaction, so that the row everybody wants is held for
the shortest time. Two slots at once are locked in the order of their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from clinics.models import Slot
from clinics.states import SlotState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable


def take_place(slot_id: uuid.UUID) -> bool:
    """Count one more booking if the slot is published, ahead and has room. False: it has not, now."""
    return bool(
        Slot.objects.filter(
            pk=slot_id, state=SlotState.PUBLISHED, start__gt=timezone.now(), taken__lt=F("capacity")
        ).update(taken=F("taken") + 1, updated_at=timezone.now())
    )


def give_back_place(slot_id: uuid.UUID, places: int = 1) -> None:
    """Count a booking less; the caller has just ended that many active ones of this slot."""
    Slot.objects.filter(pk=slot_id).update(taken=F("taken") - places, updated_at=timezone.now())


def lock_slots(slot_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Slot]:
    """Lock slots in the order of their ids, the one order everywhere."""
    rows = Slot.objects.select_for_update(no_key=True).filter(pk__in=set(slot_ids)).order_by("pk")
    return {slot.pk: slot for slot in rows}
