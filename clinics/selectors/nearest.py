"""What to offer when a time is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, DurationField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Abs, Extract

from clinics.selectors.slots import free_slots

if TYPE_CHECKING:
    import uuid

    from clinics.models import Slot

WINDOW = timedelta(days=21)


def nearest_free(
    slot: Slot,
    *,
    organization_id: uuid.UUID | None,
    priority: str,
    payment: str | None = None,
    only: Q | None = None,
    count: int = 3,
) -> list[Slot]:
    """The free slots of the same service type nearest to `slot`: its own clinic first, then by time.

    Every one of them can be booked: `only` narrows them to services that take this patient.
    """
    distance = ExpressionWrapper(F("start") - Value(slot.start), output_field=DurationField())
    return list(
        free_slots(organization_id, priority=priority, service_type=slot.service_type_id, payment=payment)
        .filter(only or Q(), start__range=(slot.start - WINDOW, slot.start + WINDOW))
        .exclude(pk=slot.pk)
        .select_related("clinic", "practitioner", "service__service_type")
        .order_by(
            Case(When(clinic=slot.clinic_id, then=0), default=1),
            Abs(Extract(distance, "epoch")),
            "start",
            "id",
        )[:count]
    )
