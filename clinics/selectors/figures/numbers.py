"""What reports of figures share: how rows are fetched, and the day in a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import DateField, DateTimeField, Func, Value
from django.db.models.functions import Cast
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

#: Rows that a server-side cursor hands over at a time.
CHUNK = 2000


def today_in(time_zone: str | Combinable) -> Cast:
    """The calendar day in a zone, now."""
    now = Value(timezone.now(), output_field=DateTimeField())
    clock = Func(time_zone, now, function="timezone", output_field=DateTimeField())
    return Cast(clock, DateField())
