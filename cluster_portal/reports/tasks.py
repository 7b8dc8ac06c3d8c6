"""Celery's side of reports, and what follows the end of one: those who did not wait at the page are told."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.urls import reverse

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.background import handler
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.runner import ENDED
from cluster_portal.jobs.states import JobState
from cluster_portal.notifications.services.notices import notify
from cluster_portal.reports.base import report_of
from cluster_portal.reports.run import KIND
from cluster_portal.reports.services.schedules import run_due

#: Who waits longer than this has probably left the page.
PATIENCE = timedelta(seconds=20)


@shared_task(name="cluster_portal.reports.tasks.schedules")
def schedules() -> int:
    """Ask for the scheduled reports whose moment has come."""
    return run_due()


@handler(ENDED)
def tell(*, job: str) -> None:
    """Tell the asker and those it is shared with; of a short one that somebody asked for, nobody."""
    row = Job.objects.filter(pk=job, kind=KIND).first()
    if row is None or row.finished_at is None:
        return
    waited = row.finished_at - row.created_at
    users = [user for user in (row.user_id, *row.shared_with) if user]
    if not users or (waited < PATIENCE and not row.shared_with):
        return
    report = report_of(row.params["report"])
    notify(
        SYSTEM,
        users=users,
        kind="reports.ready" if row.state == JobState.DONE else "reports.failed",
        params={"title": _names(report.title) if report else row.params["report"]},
        url=reverse("jobs:detail", args=[row.pk]),
        key=f"job:{row.pk}:{row.attempts}",
        organization_id=row.organization_id,
    )


def _names(title: object) -> dict[str, str]:
    """A lazy text in every language of the portal."""
    from django.conf import settings
    from django.utils import translation

    names = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            names[language] = str(title)
    return names
