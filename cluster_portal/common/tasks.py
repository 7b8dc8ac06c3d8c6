"""Celery's side of the outbox and of the summaries."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common import background, news, summaries


@shared_task(name=background.RELAY_TASK)
def relay() -> int:
    """Run what is due in the outbox."""
    taken = background.relay()
    if taken >= background.BATCH:
        news.tell(background.RELAY_TASK)
    return taken


@shared_task(name="cluster_portal.common.tasks.sweep")
def sweep() -> int:
    """Delete old, done messages."""
    return background.sweep()


@shared_task(name="cluster_portal.common.tasks.refresh_summaries")
def refresh_summaries() -> int:
    """Count again the days on which something changed. Returns how many."""
    return sum(summaries.refresh(name) or 0 for name in summaries.names())
