"""Threads that race, each with a connection of its own, and what they ran into."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cluster_portal.common.errors import PortalError


@dataclass
class Outcome:
    """What came of a race: results, refusals in words by their code, and everything else, which nobody expects."""

    results: list[Any] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unexpected: list[BaseException] = field(default_factory=list)


def together(*jobs: Callable[[], Any]) -> Outcome:
    """Start all jobs at the same moment and wait for all of them."""
    outcome, barrier, lock = Outcome(), threading.Barrier(len(jobs)), threading.Lock()

    def run(job: Callable[[], Any]) -> None:
        connection.ensure_connection()
        barrier.wait()
        try:
            result = job()
        except PortalError as error:
            with lock:
                outcome.refused[error.code] += 1
        except BaseException as error:
            with lock:
                outcome.unexpected.append(error)
        else:
            with lock:
                outcome.results.append(result)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a worker hangs"
    return outcome


def deadlocks() -> int:
    """How many deadlocks the server has broken up in this database so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
