"""Aggregates that Django does not have."""

from __future__ import annotations

from django.db.models import Aggregate, DurationField, FloatField, IntegerField


class Percentile(Aggregate):
    """`Percentile("days", 0.9)`: the value that nine tenths of the rows do not exceed (continuous)."""

    name = "Percentile"
    template = "percentile_cont(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False
    output_field = FloatField()

    def __init__(self, expression, fraction: float, **extra) -> None:
        super().__init__(expression, fraction=float(fraction), **extra)


class WholePercentile(Percentile):
    """The smallest value of the rows that at least `fraction` of them do not exceed (discrete), for whole numbers.

    It is one of the values themselves, so a histogram of them gives the very same answer.
    """

    template = "percentile_disc(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()


class MedianTime(Percentile):
    """The median of durations, as a timedelta."""

    output_field = DurationField()

    def __init__(self, expression, **extra) -> None:
        extra.pop("fraction", None)
        super().__init__(expression, 0.5, **extra)
