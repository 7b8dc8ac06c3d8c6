"""News for the workers that there is work.

The truth of the work is rows in PostgreSQL, and a round of the beat finds what no news came of. So news is sent after
the commit, once for a transaction however many rows it wrote, and nobody waits for it: a broker that refuses costs
nothing, one that does not answer costs a second, and then nobody asks it for some seconds (`common/redis.py`).
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from celery import current_app
from django.conf import settings
from django.db import transaction

from cluster_portal.common import redis

if TYPE_CHECKING:
    from kombu import Connection

#: Seconds after which news is no longer worth a worker's time: rounds have come since.
KEEP = 60
#: Kombu would wait two seconds before it says that a broker refuses, and for ever on one that does not answer.
AT_ONCE = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}

_own = threading.local()


def tell_after_commit(task: str) -> None:
    """Tell a worker to run `task` when the transaction in hand has committed, or at once without one."""
    untold = _own.__dict__.setdefault("untold", set())
    untold.add(task)

    def first() -> None:
        # Each row left a hook, so that a savepoint that is rolled back takes only its own with it.
        if task in untold:
            untold.discard(task)
            tell(task)

    transaction.on_commit(first, robust=True)


def tell(task: str) -> None:
    """Tell a worker to run `task` now. Best effort, and silent in tests (`OUTBOX_NUDGE`)."""
    if settings.OUTBOX_NUDGE:
        redis.attempt(lambda: _send(task))


def _send(task: str) -> None:
    current_app.send_task(task, connection=_connection(), retry=False, ignore_result=True, expires=KEEP)


def _connection() -> Connection:
    """This thread's own, because kombu's are not for several threads; a forked child makes a new one."""
    if getattr(_own, "process", None) != os.getpid():
        _own.connection = current_app.connection_for_write(transport_options=AT_ONCE)
        _own.process = os.getpid()
    return _own.connection
