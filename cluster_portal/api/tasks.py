"""Housekeeping of the API."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.api import idempotency


@shared_task(name="cluster_portal.api.tasks.sweep")
def sweep() -> int:
    """Delete stored answers whose time is over."""
    return idempotency.sweep()
