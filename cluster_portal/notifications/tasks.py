"""The outbox's and the beat's side of notices."""

from __future__ import annotations

from celery import shared_task

from cluster_portal.common import background
from cluster_portal.notifications.services import mail, notices


@background.handler(notices.MAIL)
def send_mail(notice: str) -> None:
    """E-mail one notice."""
    mail.mail_notice(notice)


@shared_task(name="cluster_portal.notifications.tasks.sweep")
def sweep() -> int:
    """Delete old notices."""
    return notices.sweep()
