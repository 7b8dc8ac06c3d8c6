"""Celery's side of imports."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.imports import storage


@shared_task(name="cluster_portal.imports.tasks.sweep")
def sweep() -> int:
    """Delete old files."""
    return storage.sweep()
