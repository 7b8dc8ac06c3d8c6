"""Celery's side of webhooks."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common.news import tell
from cluster_portal.webhooks.services import delivering, following

DELIVER_TASK = "cluster_portal.webhooks.tasks.deliver"
FOLLOW_TASK = "cluster_portal.webhooks.tasks.follow"


@shared_task(name=FOLLOW_TASK)
def follow() -> int:
    """Read the feed of changes for each webhook; who has much to read is read for again."""
    behind = following.follow()
    if behind:
        tell(FOLLOW_TASK)
    return behind


@shared_task(name=DELIVER_TASK)
def deliver() -> int:
    """Send the messages that are due; a round that had some is followed by another one."""
    sent = delivering.deliver()
    if sent:
        tell(DELIVER_TASK)
    return sent


@shared_task(name="cluster_portal.webhooks.tasks.sweep")
def sweep() -> int:
    """Delete old messages."""
    return delivering.sweep()
