"""What ``/health/ready`` and the metrics ask: the database, its migrations, the age of the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

#: An outbox whose oldest due message is older than this (seconds) means that no worker runs.
LATE = 120.0

_migrated = False


@dataclass(frozen=True)
class OutboxState:
    """Messages that are due and not done, the age of the oldest (seconds), and those given up."""

    due: int
    age_seconds: float
    failed: int


def outbox() -> OutboxState:
    """The state of the outbox.

    Raises:
        DatabaseError: the database cannot be reached.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE failed_at IS NULL AND due_at <= now()),"
            " coalesce(extract(epoch FROM now() - min(due_at)"
            "          FILTER (WHERE failed_at IS NULL AND due_at <= now())), 0),"
            " count(*) FILTER (WHERE failed_at IS NOT NULL)"
            " FROM common_outboxmessage WHERE done_at IS NULL"
        )
        due, age, failed = cursor.fetchone()
    return OutboxState(int(due), float(age), int(failed))


def migrated() -> bool:
    """Whether the database has every migration of this code. A yes is remembered by the process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def report() -> tuple[bool, dict[str, object]]:
    """Whether this process should get requests, and why.

    An outbox that is late makes the state "degraded" and not "not ready": without a worker the portal still
    books, and taking the web processes away would only make it worse. The age is in the metrics for an alarm.
    """
    try:
        up_to_date = migrated()
        if not up_to_date:
            return False, {"status": "not ready", "database": "ok", "migrations": "pending"}
        state = outbox()
    except DatabaseError:
        return False, {"status": "not ready", "database": "unreachable"}
    late = state.age_seconds > LATE
    return True, {
        "status": "degraded" if late else "ready",
        "database": "ok",
        "migrations": "ok",
        "outbox": {"due": state.due, "age_seconds": round(state.age_seconds, 1), "failed": state.failed},
    }
