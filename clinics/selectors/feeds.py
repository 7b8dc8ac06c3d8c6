"""What stands in a calendar that somebody subscribes to: times, services and places, never who comes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clinics.models import CalendarFeed, Practitioner, Schedule, Slot
from clinics.policies import feed_policy
from clinics.selectors.staff import members_of
from clinics.selectors.wording import address_line
from clinics.states import SlotState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor

#: Which days a calendar tells of: a week back, and as far ahead as slots stand.
BACK, AHEAD = timedelta(days=7), timedelta(weeks=9)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar. `is_busy` says whether somebody is expected; `changed_at` when it last changed."""

    uid: str
    start: datetime
    end: datetime
    title: str
    place: str
    is_busy: bool
    changed_at: datetime


def digest(secret: str) -> str:
    """What is kept of an address' secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_by(secret: str) -> CalendarFeed | None:
    """The calendar of an address that works: not revoked, its person still of the clinic's organisation."""
    feed = (
        CalendarFeed.objects.filter(token_hash=digest(secret), revoked_at__isnull=True)
        .select_related("clinic", "practitioner")
        .first()
    )
    if feed is None or not members_of(feed.clinic.organization_id).filter(user=feed.user_id).exists():
        return None
    return feed


def feeds_of(actor: Actor) -> QuerySet[CalendarFeed]:
    """The actor's addresses that work, the latest first."""
    return feed_policy.queryset(actor).select_related("clinic", "practitioner").order_by("-created_at", "-id")


def people_of(clinic: Clinic) -> QuerySet[Practitioner]:
    """Those who see patients there, by name."""
    return Practitioner.objects.filter(clinics=clinic, is_active=True).order_by("family", "given", "id")


def rooms_of(clinic: Clinic) -> list[str]:
    """The rooms that weekly patterns name."""
    rows = Schedule.objects.filter(service__clinic=clinic, is_active=True).exclude(room="")
    return sorted(set(rows.values_list("room", flat=True)))


def title_of(feed: CalendarFeed) -> str:
    """What the calendar is called: the clinic, and whose or which room's it is."""
    if feed.practitioner:
        return f"{feed.practitioner.short_name}, {feed.clinic.short_name}"
    if feed.room:
        return _("%(clinic)s, room %(room)s") % {"clinic": feed.clinic.short_name, "room": feed.room}
    return feed.clinic.short_name


def entries_of(feed: CalendarFeed) -> Iterator[Entry]:
    """The published times, in their order. One query. A clinic's calendar has each reception once: the times of a
    practitioner for a service that follow one another.
    """
    now = timezone.now()
    rows = Slot.objects.filter(
        clinic=feed.clinic, start__gte=now - BACK, start__lt=now + AHEAD, state=SlotState.PUBLISHED
    ).select_related("service_type", "practitioner")
    if feed.practitioner:
        rows = rows.filter(practitioner=feed.practitioner)
    elif feed.room:
        rows = rows.filter(room=feed.room)
    else:
        for together in _receptions(rows.order_by("practitioner", "service", "room", "start", "id")):
            yield _entry(feed, together)
        return
    for slot in rows.order_by("start", "id"):
        yield _entry(feed, [slot])


def _receptions(slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    """Slots in the order of person, service, room and time, cut wherever one does not follow the one before."""
    together: list[Slot] = []
    for slot in slots:
        if together and not _follows(together[-1], slot):
            yield together
            together = []
        together.append(slot)
    if together:
        yield together


def _follows(before: Slot, slot: Slot) -> bool:
    return before.end == slot.start and all(
        getattr(before, name) == getattr(slot, name) for name in ("practitioner_id", "service_id", "room")
    )


def _entry(feed: CalendarFeed, slots: list[Slot]) -> Entry:
    first = slots[0]
    taken, capacity = sum(slot.taken for slot in slots), sum(slot.capacity for slot in slots)
    parts = [first.service_type.name]
    if capacity > 1:
        parts.append(
            ngettext("booked %(taken)s of %(count)s", "booked %(taken)s of %(count)s", capacity)
            % {"taken": taken, "count": capacity}
        )
    else:
        parts.append(pgettext("calendar", "booked") if taken else pgettext("calendar", "free"))
    if first.practitioner and not feed.practitioner:
        parts.append(first.practitioner.short_name)
    place = address_line(feed.clinic)
    if first.room:
        place = _("%(place)s, room %(room)s") % {"place": place, "room": first.room}
    return Entry(
        uid=str(first.pk),
        start=first.start,
        end=slots[-1].end,
        title=" · ".join(parts),
        place=place,
        is_busy=taken > 0,
        changed_at=max(slot.updated_at for slot in slots),
    )
