"""Reading notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.notifications.models import Notice, Preference
from cluster_portal.notifications.policies import notice_policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: The order of the list, latest first.
ORDER = ("-created_at", "-id")


def notices_of(actor: Actor, *, unread: bool = False) -> QuerySet[Notice]:
    """The actor's notices, all of them or those not read yet."""
    notices = notice_policy.queryset(actor)
    return notices.filter(read_at__isnull=True) if unread else notices


def countable(actor: Actor) -> dict[str, QuerySet[Notice]]:
    """The number at the bell: a partial index knows it."""
    return {"notices.unread": notices_of(actor, unread=True)}


def wants_email(user_id) -> bool:
    """Whether a person wants notices by e-mail too."""
    row = Preference.objects.filter(pk=user_id).first()
    return row is None or row.by_email
