"""Weekly patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinics.models import Schedule

if TYPE_CHECKING:
    import uuid


def running_schedules() -> list[uuid.UUID]:
    """The patterns that still ask for slots: active, and not over yet."""
    today = timezone.now().date()
    running = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    return list(Schedule.objects.filter(running, is_active=True).order_by("pk").values_list("pk", flat=True))
