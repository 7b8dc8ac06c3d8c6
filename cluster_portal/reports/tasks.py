"""Celery's side of reports."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.reports.services.schedules import run_due


@shared_task(name="cluster_portal.reports.tasks.schedules")
def schedules() -> int:
    """Ask for the scheduled reports whose moment has come."""
    return run_due()
