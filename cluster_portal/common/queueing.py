"""Waiting for each other by name, until the end of the transaction."""

from __future__ import annotations

import hashlib

from django.db import connection


def stand_in_line(text: str) -> None:
    """Wait until no other transaction that names `text` is under way; the database lets go with this one.

    For what no constraint can say, such as "only where nothing like it is there". Taken before any row is locked.
    """
    digest = hashlib.sha256(text.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])
