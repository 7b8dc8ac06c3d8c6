"""Running jobs: take one, do it, and say how it ended, all under a lease."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone, translation

from cluster_portal.common.actor import resolve_actor
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Forbidden, PortalError
from cluster_portal.jobs import kinds
from cluster_portal.jobs.errors import Broken, GivenUp, TooLong, UnknownKind
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import LEASE, LONGEST, Progress, Stopped
from cluster_portal.jobs.states import JobState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

log = logging.getLogger(__name__)

#: The message that follows the end of a job: {"job": id}.
ENDED = "jobs.ended"
#: How long files are kept.
KEEP_FILES = timedelta(days=30)
FILES = "jobs"
#: Of the directories in which files are made.
PREFIX = "portal-job-"

# One statement takes the oldest job that waits, or one whose worker has gone silent. Leases are kept by the database's
# clock alone: those of the workers' machines may differ by more than a lease.
WAITS = """
state = 'queued' AND due_at <= clock_timestamp() OR state = 'running' AND lease_until < clock_timestamp()
"""
CLAIM = f"""
UPDATE jobs_job SET state = 'running', worker = %(worker)s, lease_until = clock_timestamp() + %(lease)s,
       attempts = attempts + 1, started_at = coalesce(started_at, clock_timestamp()), rows = 0, total = NULL,
       updated_at = clock_timestamp()
 WHERE id = (SELECT id FROM jobs_job WHERE {WAITS} ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id
"""  # noqa: S608 - no value of anybody's is in it


def work(seconds: float = 300) -> int:
    """Run waiting jobs one after another until none is left or `seconds` have passed. Returns how many were taken."""
    _clear_leftovers()
    taken, end = 0, time.monotonic() + seconds
    while time.monotonic() < end and run_next():
        taken += 1
    return taken


def waiting(most: int) -> int:
    """How many jobs wait for a worker now; it stops counting at `most`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM jobs_job WHERE {WAITS} LIMIT %s) found", [most])  # noqa: S608
        return int(cursor.fetchone()[0])


def _clear_leftovers() -> None:
    """Delete what killed workers of this machine were writing: nothing runs for so long."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime > 2 * LONGEST:
                shutil.rmtree(directory)


def run_next() -> bool:
    """Take one job and run it to its end. Returns whether there was one."""
    worker = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"worker": worker, "lease": LEASE})
        found = cursor.fetchone()
    if found is None:
        return False
    job = Job.objects.select_related("user", "client").get(pk=found[0])
    with translation.override(job.language), timezone.override(job.time_zone):
        _run(job)
    return True


def _run(job: Job) -> None:
    progress = Progress(job)
    try:
        if job.attempts > Job.MAX_ATTEMPTS:
            raise GivenUp
        with tempfile.TemporaryDirectory(prefix=PREFIX) as directory, progress:
            outcome = _do(job, progress, Path(directory))
            progress.tick(0)
            _finish(job, progress, outcome)
    except Exception as exc:
        if progress.is_late:
            _fail(job, progress, TooLong())
        elif progress.is_lost or isinstance(exc, Stopped):
            log.info("job stopped", extra={"job": str(job.pk)})
        elif isinstance(exc, PortalError):
            _fail(job, progress, exc)
        elif isinstance(exc, OperationalError | InterfaceError) and job.attempts < Job.MAX_ATTEMPTS:
            _give_back(job, exc)
        else:
            log.exception("job failed", extra={"job": str(job.pk), "kind": job.kind})
            _fail(job, progress, Broken())


def _do(job: Job, progress: Progress, directory: Path) -> kinds.Outcome:
    try:
        kind = kinds.kind_of(job.kind)
    except KeyError:
        raise UnknownKind from None
    actor = actor_of(job)
    if actor.organization_id != job.organization_id or not kind.allows(actor, job):
        raise Forbidden
    return kind.run(job, actor, progress, directory)


def actor_of(job: Job) -> Actor:
    """Who asked, with the rights that they have now."""
    scopes = frozenset(job.client.allowed_scopes) if job.client else None
    return resolve_actor(user=job.user, client=job.client, organization_id=job.organization_id, scopes=scopes)


def _end(job: Job, state: str, **values: Any) -> bool:
    """Write the end if the job is still ours, and what follows it."""
    now = timezone.now()
    with transaction.atomic():
        written = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, worker=job.worker).update(
            state=state, worker=None, lease_until=None, finished_at=now, updated_at=now, **values
        )
        if written:
            enqueue(ENDED, {"job": str(job.pk)})
    return bool(written)


def _finish(job: Job, progress: Progress, outcome: kinds.Outcome) -> None:
    values: dict[str, Any] = {"rows": progress.rows, "total": progress.total, "result": outcome.result or {}}
    name = ""
    if outcome.path is not None:
        # A name of this attempt: a worker that has lost its lease cannot write over the other's file.
        target = f"{FILES}/{job.pk}-{job.worker}{outcome.path.suffix}"
        with outcome.path.open("rb") as source:
            name = default_storage.save(target, File(source))
        values |= {
            "file": name,
            "file_name": outcome.file_name,
            "content_type": outcome.content_type,
            "size": outcome.path.stat().st_size,
            "file_until": timezone.now() + KEEP_FILES,
        }
    if not _end(job, JobState.DONE, **values) and name:
        default_storage.delete(name)


def _fail(job: Job, progress: Progress, error: PortalError) -> None:
    _end(job, JobState.FAILED, rows=progress.rows, error_code=error.code, error=str(error.detail))


def _give_back(job: Job, exc: Exception) -> None:
    log.warning("job put off", extra={"job": str(job.pk), "error": type(exc).__name__})
    connection.close()
    now = timezone.now()
    due = Now() + timedelta(seconds=5 * 2**job.attempts)
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING, worker=job.worker).update(
        state=JobState.QUEUED, worker=None, lease_until=None, due_at=due, updated_at=now
    )


def sweep() -> int:
    """Delete files that are kept no longer, and those that no job knows of (a worker died before its last word).

    Returns how many files.
    """
    deleted = 0
    now = timezone.now()
    for job in Job.objects.exclude(file="").filter(file_until__lt=now)[:1000]:
        default_storage.delete(job.file)
        Job.objects.filter(pk=job.pk).update(file="")
        deleted += 1
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(FILES)[1]:
            path = f"{FILES}/{name}"
            old = default_storage.get_modified_time(path) < now - timedelta(days=1)
            if old and not _is_known(name, path):
                default_storage.delete(path)
                deleted += 1
    return deleted


def _is_known(name: str, path: str) -> bool:
    """Whether a job has that file. What is no file of ours is left alone."""
    try:
        job_id = uuid.UUID(name[:36])
    except ValueError:
        return True
    return Job.objects.filter(pk=job_id, file=path).exists()
