"""One moment of the database for a whole report."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator


@contextmanager
def snapshot() -> Iterator[dt.datetime]:
    """Everything read inside is as of one moment, which is given; nothing can be written.

    Within a transaction already (a test, a request) it is that one's own view of the data.
    """
    if connection.in_atomic_block:
        yield timezone.now()
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT now()")
            (moment,) = cursor.fetchone()
        yield moment
