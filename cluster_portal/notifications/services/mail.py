"""A notice by e-mail: what happened, the number, a link. Never a patient's name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.service import service
from cluster_portal.notifications.models import Notice
from cluster_portal.notifications.selectors import wants_email

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


def mail_notice(notice_id: str) -> bool:
    """Send one notice. Returns whether it went out now (see `send`)."""
    return send(SYSTEM, notice_id=notice_id)


@service
def send(actor: Actor, *, notice_id: uuid.UUID | str) -> bool:
    """Mail a notice to its person in that person's language, unless it was mailed, read, or is not wanted.

    The mark and the outbox message are one transaction, so a run that was rolled back is repeated: at least once.
    The message keeps one Message-ID over all its tries, by which mail servers drop a double.
    """
    notice = (
        Notice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=notice_id)
        .first()
    )
    if notice is None or notice.mailed_at or notice.read_at:
        return False
    if not notice.user.is_active or not notice.user.email or not wants_email(notice.user_id):
        return False
    compose(notice).send()
    notice.mailed_at = timezone.now()
    notice.save(update_fields=["mailed_at"])
    return True


def compose(notice: Notice) -> EmailMessage:
    """The e-mail of a notice, in its person's language."""
    language = notice.user.language or settings.LANGUAGE_CODE
    public = settings.PUBLIC_URL.rstrip("/")
    with translation.override(language):
        context = {
            "text": notice.text,
            "link": public + reverse("notifications:open", args=[notice.pk]),
            "settings_link": public + reverse("notifications:list"),
            "site": settings.SITE_NAME,
        }
        body = render_to_string("notifications/mail.txt", context)
    return EmailMessage(
        subject=" ".join(context["text"].split()),
        body=body,
        to=[notice.user.email],
        headers={
            "Message-ID": f"<{notice.pk}@{urlsplit(public).hostname or 'portal'}>",
            "Content-Language": language,
            "Auto-Submitted": "auto-generated",
        },
    )
