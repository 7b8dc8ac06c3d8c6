"""What people do with jobs: ask for one, cancel it, try again, take its file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import get_language

from cluster_portal.audit.services import record_access
from cluster_portal.common.errors import Conflict, Forbidden
from cluster_portal.common.news import tell_after_commit
from cluster_portal.common.service import service
from cluster_portal.jobs.errors import FileGone, NotReady
from cluster_portal.jobs.kinds import kind_of
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.policies import job_policy
from cluster_portal.jobs.states import ACTIVE, JOB, JobState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

WORK_TASK = "cluster_portal.jobs.tasks.work"


def _question(actor: Actor, kind: str, params: dict[str, Any], language: str) -> str:
    """The same for the same question of the same asker."""
    asker = [str(actor.client_id or actor.user_id), str(actor.organization_id)]
    text = json.dumps([kind, params, language, *asker], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@service
def start_job(
    actor: Actor,
    *,
    kind: str,
    params: dict[str, Any],
    shared_with: Iterable[uuid.UUID] = (),
    language: str | None = None,
) -> Job:
    """Queue a job, or return the one that answers this very question of the actor already.

    It runs after the commit. Raises Forbidden where the actor may not have the outcome.
    """
    language = language or (get_language() or "ru")[:2]
    job = Job(
        kind=kind,
        params=params,
        dedup_key=_question(actor, kind, params, language),
        user_id=actor.user_id,
        client_id=actor.client_id,
        organization_id=actor.organization_id,
        shared_with=list(shared_with),
        language=language,
        time_zone=actor.time_zone,
    )
    if not kind_of(kind).allows(actor, job):
        raise Forbidden
    for _attempt in range(2):
        # Somebody else's same question makes this insert do nothing; it may be answered before we look for it.
        Job.objects.bulk_create([job], ignore_conflicts=True)
        running = Job.objects.filter(dedup_key=job.dedup_key, state__in=sorted(ACTIVE)).first()
        if running is not None:
            tell_after_commit(WORK_TASK)
            return running
    raise Conflict


@service
def cancel_job(actor: Actor, *, job_id: uuid.UUID) -> Job:
    """Stop a job that waits or runs; its worker ends within seconds and leaves no file.

    Raises NotFound, Forbidden and IllegalTransition.
    """
    job = job_policy.get(actor, "cancel", job_id, lock=True)
    JOB.move(job, "cancel")
    job.finished_at, job.worker, job.lease_until = timezone.now(), None, None
    job.save()
    return job


@service
def retry_job(actor: Actor, *, job_id: uuid.UUID) -> Job:
    """Run a failed or cancelled job again. Raises NotFound, Forbidden, IllegalTransition and Conflict."""
    job = job_policy.get(actor, "retry", job_id, lock=True)
    if Job.objects.filter(dedup_key=job.dedup_key, state__in=sorted(ACTIVE)).exclude(pk=job.pk).exists():
        raise Conflict
    JOB.move(job, "retry")
    job.due_at, job.started_at, job.finished_at = timezone.now(), None, None
    job.attempts = job.rows = 0
    job.total, job.error_code, job.error = None, "", ""
    job.save()
    tell_after_commit(WORK_TASK)
    return job


@service
def take_file(actor: Actor, *, job_id: uuid.UUID) -> Job:
    """The job whose file is given out, journalled as an access.

    Raises NotFound; Forbidden where the actor has lost the right since; NotReady and FileGone.
    """
    job = job_policy.get(actor, "download", job_id)
    if not kind_of(job.kind).allows(actor, job):
        raise Forbidden
    if job.state != JobState.DONE or not job.file_name:
        raise NotReady
    if not job.file or job.file_until <= timezone.now():
        raise FileGone
    record_access(actor, subject_type="job", subject_id=job.pk, purpose="download", reason=job.kind)
    return job
