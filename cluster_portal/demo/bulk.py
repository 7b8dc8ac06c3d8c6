"""Rows by COPY: generated one after another, spooled to disk, loaded table by table."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

#: Kept in memory for each table until it goes to a file.
SPOOL_BYTES = 64 * 1024 * 1024
BATCH = 2000

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


class Table:
    """Rows of one model on their way to the database, in the order in which they were added."""

    def __init__(self, model: type[Model], columns: str) -> None:
        self.model = model
        self.columns = columns.split()
        self.count = 0
        self._batch: list[str] = []
        self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES, mode="w+", encoding="utf-8")  # noqa: SIM115

    def add(self, *values: Any) -> None:
        """One row, its values in the order of `columns`."""
        self.add_line("\t".join(map(encode, values)))

    def add_line(self, line: str) -> None:
        """One row that is encoded already."""
        self._batch.append(line)
        self.count += 1
        if len(self._batch) >= BATCH:
            self._write()

    def _write(self) -> None:
        if self._batch:
            self._spool.write("\n".join(self._batch) + "\n")
            self._batch.clear()

    def load(self) -> None:
        """COPY everything into the table and forget it."""
        self._write()
        self._spool.seek(0)
        quote = connection.ops.quote_name
        columns = ", ".join(map(quote, self.columns))
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {quote(self.model._meta.db_table)} ({columns}) FROM STDIN", self._spool)
        self._spool.close()


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


@contextmanager
def bare(models: Iterable[type[Model]]) -> Iterator[None]:
    """Let tables grow without foreign keys and plain indexes, then make both again by their own definitions.

    Checking a whole column at once and building an index at once costs a fraction of doing it row by row. Inside one
    transaction: when it fails, nothing of this has happened. Everything that enforces uniqueness stays.
    """
    tables = [connection.ops.quote_name(model._meta.db_table) for model in models]
    again: list[str] = []
    with connection.cursor() as cursor:
        # A table with foreign keys still to be checked cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(_INDEXES, [table])
            for name, definition in cursor.fetchall():
                cursor.execute(f"DROP INDEX {name}")
                again.append(definition)
            cursor.execute(_FOREIGN_KEYS, [table])
            for name, definition in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        yield
        for statement in again:
            cursor.execute(statement)
