"""Rows by COPY: encoded one after another, loaded in batches while the next ones are being made."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from io import StringIO
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

import orjson
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.db.models import Model

#: Rows that one COPY carries.
BATCH = 5000
#: Batches and statements that may wait for the database; then whoever makes rows waits too.
WAITING = 100
#: What PostgreSQL may use to build one index.
INDEX_MEMORY = "128MB"

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def encode(value: Any) -> str:
    """One value in PostgreSQL's text format for COPY. Lists become arrays, dicts JSON."""
    kind = type(value)
    if kind is str:
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    if kind is datetime or kind is date:
        return value.isoformat()
    if kind is dict:
        return orjson.dumps(value).decode().translate(_ESCAPES)
    if kind is list:
        members = ",".join(f'"{str(member).translate(_QUOTES)}"' for member in value)
        return f"{{{members}}}".translate(_ESCAPES)
    return str(value)


class Courier:
    """A thread that writes to the database while the program makes more rows.

    It uses the program's own connection and transaction: inside the block nothing else may ask the database. What
    goes wrong there is raised where the block ends.
    """

    def __enter__(self) -> Self:
        self._work: Queue[Callable[[Any], None] | None] = Queue(WAITING)
        self._error: Exception | None = None
        connection.ensure_connection()
        self._thread = Thread(target=self._run, args=(connection.connection,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._work.put(None)
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def carry(self, work: Callable[[Any], None]) -> None:
        """Call `work` with a cursor, after all that was given before."""
        self._work.put(work)

    def _run(self, raw: Any) -> None:
        with raw.cursor() as cursor:
            for work in iter(self._work.get, None):
                if self._error is None:
                    try:
                        work(cursor)
                    except Exception as error:
                        self._error = error


class Table:
    """Rows of one model on their way to the database, in the order in which they were added."""

    def __init__(self, model: type[Model], columns: str) -> None:
        self.model = model
        quote = connection.ops.quote_name
        names = ", ".join(map(quote, columns.split()))
        self._statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
        self.count = 0
        self._lines: list[str] = []
        self._courier: Courier | None = None

    def add(self, *values: Any) -> None:
        """One row, its values in the order of `columns`."""
        self.add_line("\t".join(map(encode, values)))

    def add_line(self, line: str) -> None:
        """One row that is encoded already."""
        self._lines.append(line)
        self.count += 1
        if self._courier is not None and len(self._lines) >= BATCH:
            self.send(self._courier)

    def by(self, courier: Courier) -> Self:
        """From now on `courier` takes each full batch."""
        self._courier = courier
        return self

    def send(self, courier: Courier) -> None:
        """Give what is here to `courier`."""
        lines, self._lines = self._lines, []
        courier.carry(lambda cursor: self._copy(cursor, lines))

    def load(self) -> None:
        """COPY what is here into the table now."""
        lines, self._lines = self._lines, []
        with connection.cursor() as cursor:
            self._copy(cursor, lines)

    def _copy(self, cursor: Any, lines: list[str]) -> None:
        if lines:
            cursor.copy_expert(self._statement, StringIO("\n".join(lines) + "\n"))


# Foreign keys, and the indexes that enforce nothing (no primary key, no unique one, no exclusion).
_FOREIGN_KEYS = """
SELECT quote_ident(conname), pg_get_constraintdef(oid)
  FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname
"""
_INDEXES = """
SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = %s::regclass AND NOT i.indisunique AND NOT i.indisexclusion ORDER BY c.relname
"""


class Again:
    """The statements that give bare tables back what was taken from them."""

    def __init__(self) -> None:
        self.indexes: dict[type[Model], list[str]] = {}
        self.keys: list[str] = []

    def index(self, model: type[Model], cursor: Any) -> None:
        """Make the indexes of a table that is full."""
        for statement in self.indexes.pop(model):
            cursor.execute(statement)


@contextmanager
def bare(models: Iterable[type[Model]]) -> Iterator[Again]:
    """Let tables grow without foreign keys and plain indexes, then make both again by their own definitions.

    Checking a whole column at once and building an index at once costs a fraction of doing it row by row. Inside one
    transaction: when it fails, nothing of this has happened. Everything that enforces uniqueness stays. The block may
    index a table as soon as it is full; the rest is done at its end.
    """
    again = Again()
    with connection.cursor() as cursor:
        # A table with foreign keys still to be checked cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'")
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(_INDEXES, [table])
            found = cursor.fetchall()
            again.indexes[model] = [definition for _, definition in found]
            for name, _ in found:
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute(_FOREIGN_KEYS, [table])
            for name, definition in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                again.keys.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        yield again
        for model in list(again.indexes):
            again.index(model, cursor)
        for statement in again.keys:
            cursor.execute(statement)
