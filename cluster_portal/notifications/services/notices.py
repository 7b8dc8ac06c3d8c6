"""Telling people, and what they do with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cluster_portal.common.background import enqueue
from cluster_portal.common.service import service
from cluster_portal.notifications.models import Notice, Preference
from cluster_portal.notifications.policies import notice_policy
from cluster_portal.notifications.selectors import notices_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from cluster_portal.common.actor import Actor

#: The message that mails one notice: {"notice": id}.
MAIL = "notifications.mail"
#: How long notices are kept.
KEEP = timedelta(days=180)


@service
def notify(
    actor: Actor,
    *,
    users: Iterable[uuid.UUID],
    kind: str,
    params: Mapping[str, Any],
    url: str,
    key: str,
    organization_id: uuid.UUID | None = None,
) -> int:
    """Tell each of `users` once of the cause `key`, and put the e-mails into the outbox. Returns how many are new.

    `params` must hold no personal data: the sentence is mailed. Told again of the same cause, nobody hears anything.
    """
    rows = [
        Notice(
            user_id=user, organization_id=organization_id, kind=kind, params=dict(params), url=url, key=key
        )
        for user in dict.fromkeys(users)
    ]
    # A row that somebody else wrote at the same moment is left out silently, so ask which of ours are there.
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    new = Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    for pk in new:
        enqueue(MAIL, {"notice": str(pk)})
    return len(new)


@service
def open_notice(actor: Actor, *, notice_id: uuid.UUID) -> Notice:
    """The notice, read from now on. Raises NotFound for somebody else's."""
    notice = notice_policy.get(actor, "read", notice_id, lock=True)
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return notice


@service
def mark_all_read(actor: Actor) -> int:
    """All of the actor's notices are read. Returns how many were not."""
    return notices_of(actor, unread=True).update(read_at=timezone.now())


@service
def set_email(actor: Actor, *, on: bool) -> None:
    """Switch e-mails about notices on or off for the acting person."""
    Preference.objects.update_or_create(user_id=actor.user_id, defaults={"by_email": on})


def sweep() -> int:
    """Delete notices older than `KEEP`. Returns how many."""
    return Notice.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]
