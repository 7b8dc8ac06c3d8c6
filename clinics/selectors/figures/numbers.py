"""What the ORM does not have for figures: percentiles, days between two dates, clocks of a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Aggregate, DateField, DateTimeField, FloatField, Func, IntegerField, Value
from django.db.models.functions import Cast
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

#: Rows that a server-side cursor hands over at a time.
CHUNK = 2000


class Percentile(Aggregate):
    """The value below which `fraction` of the values lie, interpolated (`percentile_cont`); empty ones do not count."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: str | Combinable, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=float(fraction), **extra)


class DaysBetween(Func):
    """Whole days from the first date to the second one."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()

    def __init__(self, first: str | Combinable, second: str | Combinable, **extra: Any) -> None:
        # PostgreSQL subtracts: the later one stands in front.
        super().__init__(second, first, **extra)


def today_in(time_zone: str | Combinable) -> Cast:
    """The calendar day in a zone, now."""
    now = Value(timezone.now(), output_field=DateTimeField())
    clock = Func(time_zone, now, function="timezone", output_field=DateTimeField())
    return Cast(clock, DateField())
