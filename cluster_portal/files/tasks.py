"""What follows the removal of a file, and the sweep of contents without a row."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common import background
from cluster_portal.files import storage
from cluster_portal.files.events import FILE_REMOVED


@background.handler(FILE_REMOVED)
def removed(path: str) -> None:
    """Delete the content."""
    storage.drop_content(path)


@shared_task(name="cluster_portal.files.tasks.sweep")
def sweep() -> int:
    """Delete orphans."""
    return storage.sweep()
