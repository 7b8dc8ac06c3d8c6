"""Addresses of calendars: given out once, taken back at any time."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

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

    from cluster_portal.common.actor import Actor

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
    secret = secrets.token_urlsafe(SECRET)
    feed = CalendarFeed.objects.create(
        user_id=actor.user_id, clinic=clinic, practitioner_id=practitioner_id, room=room,
        language=(get_language() or "ru")[:2], token_hash=digest(secret),
    )  # fmt: skip
    return feed, secret


@service
def revoke_feed(actor: Actor, *, feed_id: uuid.UUID) -> CalendarFeed:
    """From now on the address is nobody's. Raises NotFound."""
    feed = feed_policy.get(actor, "revoke", feed_id, lock=True)
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at", "updated_at"])
    return feed


@service
def note_reading(actor: Actor, *, feed_id: uuid.UUID) -> None:
    """Remember that a calendar was read, at most once an hour: programs ask every few minutes."""
    now = timezone.now()
    due = Q(read_at__isnull=True) | Q(read_at__lt=now - timedelta(hours=1))
    CalendarFeed.objects.filter(due, pk=feed_id).update(read_at=now)
