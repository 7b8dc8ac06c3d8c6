"""Pages of long lists by key instead of offset: page 100 costs what page 1 costs.

The order must end in a unique column (`id`) and hold no NULLs. A cursor carries the last row's values of that order,
signed, so that a reader cannot probe columns with it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db.models import BooleanField, Expression, F, Q, Value
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

SALT = "keyset"
MAX_LIMIT = 500


@dataclass(slots=True)
class Page:
    """Rows of one page and the cursors of its neighbours (None where there is none)."""

    items: list[Any] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None

    def __iter__(self):
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class RowComparison(Expression):
    """`(a, b) < (x, y)`: one index range in PostgreSQL, where the equal OR of ANDs is a filter."""

    conditional = True

    def __init__(self, columns: list[str], values: list[Any], operator: str) -> None:
        super().__init__(output_field=BooleanField())
        self.columns: list[Any] = [F(column) for column in columns]
        self.values: list[Any] = [Value(value) for value in values]
        self.operator = operator

    def get_source_expressions(self):
        return [*self.columns, *self.values]

    def set_source_expressions(self, exprs):
        half = len(exprs) // 2
        self.columns, self.values = list(exprs[:half]), list(exprs[half:])

    def as_sql(self, compiler, connection):
        sides, params = [], []
        for side in (self.columns, self.values):
            parts = []
            for expression in side:
                sql, own = compiler.compile(expression)
                parts.append(sql)
                params.extend(own)
            sides.append(f"({', '.join(parts)})")
        return f"{sides[0]} {self.operator} {sides[1]}", params


def _beyond(order: Sequence[str], values: list[Any], backwards: bool) -> Q | RowComparison:
    """The condition for rows after `values` in `order` (before them when `backwards`)."""
    columns = [name.lstrip("-") for name in order]
    descending = [name.startswith("-") != backwards for name in order]
    if len(set(descending)) == 1:
        return RowComparison(columns, values, "<" if descending[0] else ">")
    condition, equal = Q(), Q()
    for column, down, value in zip(columns, descending, values, strict=True):
        condition |= equal & Q(**{f"{column}__{'lt' if down else 'gt'}": value})
        equal &= Q(**{column: value})
    # Says the first column's range apart, so that the index has something to begin with.
    return condition & Q(**{f"{columns[0]}__{'lte' if descending[0] else 'gte'}": values[0]})


_ENCODE = {dt.datetime: "t", dt.date: "d", uuid.UUID: "u", decimal.Decimal: "n"}
_DECODE = {
    "t": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
    "u": uuid.UUID,
    "n": decimal.Decimal,
    "": lambda v: v,
}


def _pack(row: Any, order: Sequence[str], direction: str) -> str:
    cells = []
    for name in order:
        column = name.lstrip("-")
        value = row[column] if isinstance(row, dict) else _attribute(row, column)
        kind = _ENCODE.get(type(value), "")
        cells.append([kind, value.isoformat() if kind in {"t", "d"} else str(value) if kind else value])
    return signing.dumps([direction, list(order), cells], salt=SALT)


def _attribute(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _unpack(cursor: str, order: Sequence[str]) -> tuple[str, list[Any]]:
    """The cursor's direction and values. Raises Invalid for one that is damaged or belongs to another order."""
    try:
        direction, its_order, cells = signing.loads(cursor, salt=SALT)
        if its_order != list(order):
            raise ValueError("another order")
        return direction, [_DECODE[kind](value) for kind, value in cells]
    except (signing.BadSignature, ValueError, TypeError, KeyError) as exc:
        raise Invalid({"cursor": _("This page address is out of date. Please open the list again.")}) from exc


def paginate(queryset: QuerySet, *, order: Sequence[str], cursor: str | None = None, limit: int = 50) -> Page:
    """One page of `queryset` (models or `.values()`), ordered by `order` (`["-submitted_at", "-id"]`).

    `limit` is in rows, at most 500. Raises Invalid for a cursor that is not one of this list's.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    direction, values = _unpack(cursor, order) if cursor else ("next", None)
    backwards = direction == "previous"
    if values is not None:
        queryset = queryset.filter(_beyond(order, values, backwards))
    ordering = (
        [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]
        if backwards
        else order
    )
    rows = list(queryset.order_by(*ordering)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    page = Page(items=rows)
    if rows and (more or backwards):
        page.next = _pack(rows[-1], order, "next")
    if rows and (values is not None and (more or not backwards)):
        page.previous = _pack(rows[0], order, "previous")
    return page
