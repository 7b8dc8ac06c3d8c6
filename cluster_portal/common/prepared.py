"""Queries whose SQL is made once, for what every request or every booking asks.

Django makes the SQL of a query anew each time it is asked. With several subqueries that takes twenty times as long as
PostgreSQL takes to answer.
"""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import connections
from django.db.models import QuerySet

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.db.models.sql.compiler import SQLCompiler

#: What stands for a value of that type while the SQL is made: it occurs nowhere else.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: uuid5(NAMESPACE_OID, f"stands for value {n}"),
    str: lambda n: f"\0stands for value {n}",
    datetime: lambda n: datetime(1, 1, 1 + n, tzinfo=UTC),
}


class Prepared:
    """The query that `make` gives for values of the types `kinds`: `Prepared(lambda pk: Slot.objects.filter(pk=pk),
    pk=UUID)`.

    `make` is called once, so the values may only be compared with; they must not decide how the query looks, and the
    moment and the language must come as values too. The values themselves are never None.
    """

    def __init__(self, make: Callable[..., QuerySet], **kinds: type) -> None:
        self._make, self._kinds = make, kinds

    @cached_property
    def _made(self) -> tuple[QuerySet, SQLCompiler, str, tuple[Any, ...], list[tuple[int, str]]]:
        """The queryset, its compiler, the SQL with its parameters, and which of them are which values."""
        stand_ins = {name: _STAND_INS[kind](n) for n, (name, kind) in enumerate(self._kinds.items())}
        rows = self._make(**stand_ins)
        compiler = rows.query.get_compiler(rows.db)
        sql, parameters = compiler.as_sql()
        places = [
            (index, name)
            for index, parameter in enumerate(parameters)
            for name, value in stand_ins.items()
            if type(parameter) is type(value) and parameter == value
        ]
        assert {name for _index, name in places} == set(stand_ins), "a value that the query does not ask for"
        return rows, compiler, sql, tuple(parameters), places

    def first(self, **values: Any) -> Model | None:
        """The first row of the query with these values, or None."""
        rows, compiler, sql, parameters, places = self._made
        filled = list(parameters)
        for index, name in places:
            filled[index] = values[name]
        # What reads the rows asks the query for its compiler, and that one for the SQL.
        asked = copy(compiler)
        asked.connection, asked.as_sql = connections[rows.db], lambda: (sql, filled)
        query = SimpleNamespace(get_compiler=lambda using: asked)
        return next(iter(rows._iterable_class(QuerySet(rows.model, query, rows.db))), None)
