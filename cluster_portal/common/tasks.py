"""Celery's side of the outbox."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common import background


@shared_task(name=background.RELAY_TASK)
def relay() -> int:
    """Run what is due in the outbox."""
    return background.relay()


@shared_task(name="cluster_portal.common.tasks.sweep")
def sweep() -> int:
    """Delete old, done messages."""
    return background.sweep()
