"""Celery's side of jobs."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common.background import handler
from cluster_portal.common.news import tell
from cluster_portal.jobs import kinds, runner
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import LONGEST
from cluster_portal.jobs.services import WORK_TASK

#: A round takes no new job after these seconds (and tells another worker to go on).
ROUND = 300


# The limit is for a worker that hangs: a job ends by its own clock before it.
@shared_task(name=WORK_TASK, time_limit=ROUND + LONGEST + 300, soft_time_limit=ROUND + LONGEST + 240)
def work() -> int:
    """Run the jobs that wait, one after another.

    One message would wake one process, and after a restart the queue may hold none but the beat's of each round. So
    whoever finds more than one job tells the next, until all are busy; a round that ends by the clock does it too.
    """
    if runner.waiting(2) > 1:
        tell(WORK_TASK)
    taken = runner.work(ROUND)
    if runner.waiting(1):
        tell(WORK_TASK)
    return taken


@shared_task(name="cluster_portal.jobs.tasks.sweep")
def sweep() -> int:
    """Delete old files."""
    return runner.sweep()


@handler(runner.ENDED)
def ended(*, job: str) -> None:
    """A job has come to its end: its kind says who hears of it."""
    row = Job.objects.filter(pk=job).first()
    if row is not None and row.finished_at is not None:
        kinds.tell_end(row)
