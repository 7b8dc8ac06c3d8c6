"""Expressions that Django does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Func, GeneratedField, IntegerField, TextField, Value
from django.db.models.functions import Concat

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


def searchable(*columns: str) -> GeneratedField:
    """These columns in one text as they are searched, written by the database: in lower case, «ё» as «е»."""
    parts = [part for column in columns for part in (Value(" "), column)][1:]
    return GeneratedField(
        expression=Func(
            Concat(*parts), template="translate(lower(%(expressions)s), 'ё', 'е')", output_field=TextField()
        ),
        output_field=TextField(),
        db_persist=True,
    )
