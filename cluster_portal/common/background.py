"""What must happen after a commit: rows of the outbox, run by a relay. Celery only carries the news of work."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models.sql import InsertQuery
from django.utils import timezone

from cluster_portal.common import news
from cluster_portal.common.models import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

log = logging.getLogger(__name__)

RELAY_TASK = "cluster_portal.common.tasks.relay"
KEEP_DONE = timedelta(days=7)
#: Messages that one task runs before it makes room for others.
BATCH = 200
_handlers: dict[str, Callable[..., None]] = {}


def handler(name: str):
    """Register `function(**payload)` as what runs when a message named `name` is relayed.

    It runs inside the message's transaction: it must not commit, and it must not talk to the outside world in a way
    that a second run would double.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        if name in _handlers:
            raise ValueError(f"two handlers for {name!r}")
        _handlers[name] = function
        return function

    return register


def handler_names() -> frozenset[str]:
    """Every registered name (a test compares them with what services enqueue)."""
    return frozenset(_handlers)


def enqueue(task: str, payload: dict[str, Any], *, delay: timedelta | None = None) -> None:
    """Write a message into the outbox, in the transaction in hand; `payload` holds ids, never personal data."""
    message = OutboxMessage(task=task, payload=payload)
    if delay:
        message.due_at = timezone.now() + delay
    message.save(force_insert=True)
    news.tell_after_commit(RELAY_TASK)


def enqueue_with(task: str, payload: dict[str, Any], *, row: Model, key: str) -> None:
    """Insert `row` and the message about it by one statement; `payload` gets the row's new key as `key`.

    The row's triggers run as they do for `row.save(force_insert=True)`; its key is left empty on the object.
    """
    model = type(row)
    insert = InsertQuery(model)
    insert.insert_values([f for f in model._meta.concrete_fields if not f.primary_key], [row])
    [(sql, params)] = insert.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    table, pk = quote(OutboxMessage._meta.db_table), quote(model._meta.pk.column)
    statement = (
        f"WITH made AS ({sql} RETURNING {pk} AS pk)"  # noqa: S608 - names and places for values are Django's own
        f" INSERT INTO {table} (task, payload, attempts, error)"
        " SELECT %s, %s::jsonb || jsonb_build_object(%s, made.pk), 0, '' FROM made"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, task, json.dumps(payload), key])
    news.tell_after_commit(RELAY_TASK)


def relay(limit: int = BATCH) -> int:
    """Run due messages one by one until none is left or `limit` is reached. Returns how many were taken."""
    taken = 0
    while taken < limit and _relay_one():
        taken += 1
    return taken


def _relay_one() -> bool:
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, failed_at__isnull=True, due_at__lte=timezone.now())
            .order_by("due_at", "id")
            .first()
        )
        if message is None:
            return False
        try:
            with transaction.atomic():
                _handlers[message.task](**message.payload)
        except Exception as exc:
            _put_off(message, exc)
        else:
            message.done_at = timezone.now()
        message.attempts += 1
        message.save(update_fields=["attempts", "done_at", "failed_at", "due_at", "error"])
        return True


def _put_off(message: OutboxMessage, exc: Exception) -> None:
    log.exception("outbox message failed", extra={"outbox_id": message.pk, "task": message.task})
    # Only the place, never the text: an exception's message may quote a patient.
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    message.error = f"{type(exc).__name__} at {frame.name}:{frame.lineno}"
    if message.attempts + 1 >= OutboxMessage.MAX_ATTEMPTS:
        message.failed_at = timezone.now()
    else:
        message.due_at = timezone.now() + timedelta(seconds=min(5 * 2**message.attempts, 3600))


def sweep() -> int:
    """Delete what was done more than a week ago. Returns how many rows."""
    return OutboxMessage.objects.filter(done_at__lt=timezone.now() - KEEP_DONE).delete()[0]
