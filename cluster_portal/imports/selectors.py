"""Reading imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cluster_portal.imports.models import ImportFinding
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.states import IMPORT, ImportState, Verdict
from cluster_portal.jobs.models import Job

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.models import ImportRun

#: Latest first.
ORDER = ("-created_at", "-id")
#: As they stand in the file.
FINDING_ORDER = ("line", "id")


def runs_of(actor: Actor, code: str | None = None) -> QuerySet[ImportRun]:
    """The actor's imports, latest first; of one kind where it is named."""
    rows = import_policy.queryset(actor).order_by(*ORDER)
    return rows.filter(code=code) if code else rows


def findings_of(run: ImportRun, verdict: str = "") -> QuerySet[ImportFinding]:
    """What the last check found, line by line; of one verdict where it is named."""
    rows = ImportFinding.objects.filter(run=run).order_by(*FINDING_ORDER)
    return rows.filter(verdict=verdict) if verdict in Verdict.values else rows


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a run that matter now: `active` works on it, `failed` was the last one and came to nothing, `refused`
    keeps the file of refused rows."""

    active: Job | None = None
    failed: Job | None = None
    refused: Job | None = None


def jobs_of_run(run: ImportRun) -> Jobs:
    """What works on the run, or has."""
    found = Job.objects.in_bulk([pk for pk in (run.check_job, run.apply_job) if pk])
    check, taking = found.get(run.check_job), found.get(run.apply_job)
    active = next((job for job in (taking, check) if job and job.is_active), None)
    last = max((job for job in (check, taking) if job), key=lambda job: job.created_at, default=None)
    failed = last if last and not active and last.state in ("failed", "cancelled") else None
    if run.state == ImportState.APPLIED:
        failed = None
    return Jobs(active, failed, check if check and check.file and run.counts.get(Verdict.REFUSED) else None)


def actions_of(run: ImportRun) -> list[str]:
    """What its owner may do with it by the table of states: `check`, `apply`, `drop`."""
    return IMPORT.available(run.state, {"owner"})
