"""What to offer when a time is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, DurationField, ExpressionWrapper, F, Value, When
from django.db.models.functions import Abs, Extract

from clinics.models import Slot
from clinics.selectors.openness import open_for

if TYPE_CHECKING:
    import uuid

WINDOW = timedelta(days=21)


def nearest_free(slot: Slot, *, organization_id: uuid.UUID | None, priority: str, count: int = 3) -> list[Slot]:
    """The free slots of the same service type nearest to `slot`: its own clinic first, then by time."""
    distance = ExpressionWrapper(F("start") - Value(slot.start), output_field=DurationField())
    return list(
        Slot.objects.filter(
            open_for(organization_id, priority),
            service_type=slot.service_type_id,
            taken__lt=F("capacity"),
            start__range=(slot.start - WINDOW, slot.start + WINDOW),
        )
        .exclude(pk=slot.pk)
        .select_related("clinic", "practitioner", "service__service_type")
        .order_by(
            Case(When(clinic=slot.clinic_id, then=0), default=1), Abs(Extract(distance, "epoch")), "start", "id"
        )[:count]
    )
