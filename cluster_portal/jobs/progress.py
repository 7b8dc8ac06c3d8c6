"""The pulse of a running job: it tells how far the work is, keeps the lease, and says when to stop."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from cluster_portal.jobs.models import Job
from cluster_portal.jobs.states import JobState

if TYPE_CHECKING:
    from types import TracebackType

log = logging.getLogger(__name__)

#: Seconds between two beats, and how long a job stays its worker's without one.
BEAT = 2.0
LEASE = timedelta(seconds=15)
#: The longest that one attempt may take, in seconds.
LONGEST = 40 * 60


class Stopped(Exception):
    """The job is no longer this worker's: somebody cancelled it, or another worker took it over."""


class Progress:
    """Counts the rows of one attempt. Used as a context manager around the work.

    The beat runs in a thread with a connection of its own, so it goes on during one long query, and when the job is
    no longer ours it cancels that query. `settings.JOBS_PULSE` switches the thread off (in tests within one
    transaction).
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self.rows = 0
        self.total: int | None = None
        self.is_lost = self.is_late = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._began = time.monotonic()

    def expect(self, total: int | None) -> None:
        """How many rows there will be."""
        self.total = total

    def tick(self, rows: int = 1) -> None:
        """`rows` more are done. Raises Stopped when the work is to end here."""
        self.rows += rows
        if self.is_lost:
            raise Stopped

    def __enter__(self) -> Progress:
        if settings.JOBS_PULSE:
            connection.ensure_connection()
            self._working = connection.connection
            self._thread = threading.Thread(target=self._beat, name=f"pulse-{self._job.pk}", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join(timeout=10)

    def _beat(self) -> None:
        try:
            while not self._ended.wait(BEAT):
                if not self._is_ours():
                    self.is_lost = True
                    # Ends the query that runs at this moment. Between two it does nothing, hence again at each beat.
                    with suppress(Exception):
                        self._working.cancel()
        finally:
            connection.close()

    def _is_ours(self) -> bool:
        if time.monotonic() - self._began > LONGEST:
            self.is_late = True
            return False
        try:
            return bool(
                Job.objects.filter(pk=self._job.pk, state=JobState.RUNNING, worker=self._job.worker).update(
                    lease_until=Now() + LEASE, rows=self.rows, total=self.total
                )
            )
        except (DatabaseError, InterfaceError) as exc:
            # The database is away for a moment: the lease says whose the job is when it is back.
            log.warning("no pulse", extra={"job": str(self._job.pk), "error": type(exc).__name__})
            connection.close()
            return True
