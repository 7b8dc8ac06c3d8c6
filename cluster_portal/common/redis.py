"""Redis for what may be lost (counters of a minute, caches), behind a switch that opens when it is away.

What must not be lost is in PostgreSQL; nothing in the portal stops because Redis does.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import redis
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
T = TypeVar("T")

#: After a failure nobody waits for Redis again for this long (seconds).
PAUSE = 5.0
_away_until = 0.0

FAILURES = (redis.exceptions.RedisError, BrokerError, OSError)


_making = threading.Lock()


def client() -> redis.Redis:
    """The process's connection pool; short waits, because every caller can do without.

    Made by one thread: of two that were made at once the one that `cache` forgets would, when it is collected,
    close the connection that its thread is just opening.
    """
    with _making:
        return _client()


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=1)


def attempt(work: Callable[[], T], default: Any = None) -> T | Any:
    """What `work` returns, or `default` while Redis is away (said once in the log each time)."""
    global _away_until
    if time.monotonic() < _away_until:
        return default
    try:
        return work()
    except FAILURES as exc:
        _away_until = time.monotonic() + PAUSE
        log.warning("redis away", extra={"error": type(exc).__name__})
        return default


def forget_failure() -> None:
    """Ask Redis again at once (tests)."""
    global _away_until
    _away_until = 0.0
