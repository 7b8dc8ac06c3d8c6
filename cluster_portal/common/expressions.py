"""Expressions that Django does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Func, IntegerField

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


class DaysBetween(Func):
    """Whole days from the first date to the second one; 0 where they are the same."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()

    def __init__(self, first: str | Combinable, second: str | Combinable, **extra: Any) -> None:
        # PostgreSQL subtracts: the later one stands in front.
        super().__init__(second, first, **extra)
