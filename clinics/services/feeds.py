"""Addresses of calendars: given out once, taken back at any time."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.errors import FeedExists
from clinics.models import CalendarFeed, Clinic
from clinics.policies import feed_policy
from clinics.selectors.feeds import digest, people_of, rooms_of
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid

    from clinics.models import Feed
    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy

Kind = TypeVar("Kind", bound="Feed")
#: Bytes of chance in an address: nobody guesses one.
SECRET = 32


@service
def open_feed(
    actor: Actor, *, clinic_id: uuid.UUID, practitioner_id: uuid.UUID | None = None, room: str = ""
) -> tuple[CalendarFeed, str]:
    """An address of the calendar of a clinic of the actor's organisation, of a practitioner, or of a room there; and
    its secret, which nobody can read again.

    Raises Forbidden, NotFound, Invalid, and FeedExists where the person has one of the same calendar that works.
    """
    feed_policy.require(actor, "create")
    clinic = Clinic.objects.filter(pk=clinic_id, organization=actor.organization_id).first()
    if clinic is None:
        raise NotFound(field="clinic")
    if practitioner_id and practitioner_id not in {person.pk for person in people_of(clinic)}:
        raise NotFound(field="practitioner")
    if room and (practitioner_id or room not in rooms_of(clinic)):
        raise Invalid({"room": [_("No weekly pattern names this room.")]})
    same = CalendarFeed.objects.filter(
        feed_policy.q(actor), clinic=clinic, practitioner=practitioner_id, room=room
    )
    if same.exists():
        raise FeedExists
    return give_address(actor, CalendarFeed(clinic=clinic, practitioner_id=practitioner_id, room=room))


@service
def revoke_feed(actor: Actor, *, feed_id: uuid.UUID, policy: Policy = feed_policy) -> Feed:
    """From now on the address is nobody's. `policy` is that of its kind of calendar. Raises NotFound."""
    feed = policy.get(actor, "revoke", feed_id, lock=True)
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at", "updated_at"])
    return feed


@service
def note_reading(actor: Actor, *, feed: Feed) -> None:
    """Remember that a calendar was read, at most once an hour: programs ask every few minutes."""
    now = timezone.now()
    due = Q(read_at__isnull=True) | Q(read_at__lt=now - timedelta(hours=1))
    type(feed).objects.filter(due, pk=feed.pk).update(read_at=now)


def give_address(actor: Actor, feed: Kind) -> tuple[Kind, str]:
    """Keep a new feed of the actor's; it and its secret, which nobody can read again."""
    secret = secrets.token_urlsafe(SECRET)
    feed.user_id, feed.language, feed.token_hash = actor.user_id, (get_language() or "ru")[:2], digest(secret)
    feed.save(force_insert=True)
    return feed, secret
