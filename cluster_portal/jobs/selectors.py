"""Reading jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.jobs.policies import job_policy
from cluster_portal.jobs.states import JOB, JobState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job

#: Latest first.
ORDER = ("-created_at", "-id")


def jobs_of(actor: Actor, *, kind: str | None = None) -> QuerySet[Job]:
    """The jobs that the actor may see, latest first."""
    rows = job_policy.queryset(actor).order_by(*ORDER)
    return rows.filter(kind=kind) if kind else rows


def actions_of(actor: Actor, job: Job) -> list[str]:
    """What the actor may do with the job now: `cancel`, `retry`, `download`."""
    own = job.client_id == actor.client_id if actor.client_id else job.user_id == actor.user_id
    actions = JOB.available(job.state, {"owner"}) if own else []
    if job.state == JobState.DONE and job.file:
        actions.append("download")
    return actions
