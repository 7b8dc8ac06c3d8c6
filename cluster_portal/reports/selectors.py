"""Reading schedules and who may get their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.jobs.selectors import jobs_of
from cluster_portal.reports.policies import schedule_policy
from cluster_portal.reports.run import KIND

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job
    from cluster_portal.reports.models import Schedule

#: Latest first.
ORDER = ("-created_at", "-id")


def runs_of(actor: Actor, code: str) -> QuerySet[Job]:
    """The actor's runs of one report, latest first."""
    return jobs_of(actor, kind=KIND).filter(params__report=code)


def schedules_of(actor: Actor, code: str | None = None) -> QuerySet[Schedule]:
    """The actor's schedules, latest first; of one report where it is named."""
    rows = schedule_policy.queryset(actor).order_by(*ORDER)
    return rows.filter(report=code) if code else rows
