"""Rooms for teaching: what there is, when one can be had, and who has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic, Membership
from clinics.selectors.calendar import hours_on, start_of
from clinics.selectors.cluster import current_cluster
from clinics.selectors.feeds import Entry, digest
from training.models import RoomBooking, RoomFeed, TeachingRoom
from training.policies import READERS, room_booking_policy, room_feed_policy, teaching_room_policy
from training.states import MOVABLE, OCCUPYING, ROOM_BOOKING, RoomBookingState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Intake, IntakeSession

ORDER = ("clinic__name_ru", "name_ru", "id")
#: The bookings of a list: what is still to come first in its own order, what is past the latest first.
COMING_ORDER, PAST_ORDER = ("starts", "id"), ("-starts", "-id")
#: How early somebody may say that the room is taken up.
EARLY = timedelta(minutes=30)
#: Those that can be cancelled.
ASKED = (RoomBookingState.PENDING, RoomBookingState.CONFIRMED)
#: Those that stand in calendars.
SHOWN = (*OCCUPYING, RoomBookingState.PENDING)
#: Why a time cannot be had.
PAST, CLOSED, TAKEN, BLOCKED = "past", "closed", "taken", "blocked"
#: What a calendar of a room tells of.
FEED_BACK, FEED_AHEAD = timedelta(days=7), timedelta(days=180)


def visible_rooms(actor: Actor) -> QuerySet[TeachingRoom]:
    """The rooms with their sites."""
    return teaching_room_policy.queryset(actor).select_related("clinic")


def rooms_in_use(actor: Actor, day: date) -> list[TeachingRoom]:
    """The rooms that are there on a day, site by site."""
    rows = visible_rooms(actor).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    return list(rows.order_by(*ORDER))


def see_room(actor: Actor, room_id: uuid.UUID) -> TeachingRoom:
    """Raises NotFound."""
    return teaching_room_policy.get(actor, "view", room_id, queryset=visible_rooms(actor))


def room_to_edit(actor: Actor, room_id: uuid.UUID) -> TeachingRoom:
    """Raises NotFound and Forbidden."""
    return teaching_room_policy.get(actor, "edit", room_id, queryset=visible_rooms(actor))


def room_to_book(actor: Actor, room_id: uuid.UUID) -> TeachingRoom:
    """Raises NotFound and Forbidden."""
    return teaching_room_policy.get(actor, "book", room_id, queryset=visible_rooms(actor))


def sites() -> QuerySet[Clinic]:
    """Sites at which a room may be, by name."""
    return Clinic.objects.exclude(status="closed").order_by("short_name_ru")


def halls_to_choose(actor: Actor, intake: Intake) -> list[TeachingRoom]:
    """Rooms in which a session of an intake may take place."""
    return rooms_in_use(actor, intake.ends_on)


def with_halls(sessions: QuerySet[IntakeSession]) -> QuerySet[IntakeSession]:
    """The sessions with the bookings of rooms that hold for each as `halls`. One query more."""
    held = RoomBooking.objects.filter(state__in=OCCUPYING).select_related("room")
    return sessions.prefetch_related(Prefetch("room_bookings", held, "halls"))


def hall_of(session: IntakeSession) -> uuid.UUID | None:
    """The cluster's room in which a session takes place."""
    return session.room_bookings.filter(state__in=OCCUPYING).values_list("room", flat=True).first()


def is_too_small(room: TeachingRoom, intake: Intake) -> bool:
    """Whether an intake has more seats than the room has places."""
    return room.capacity < intake.seats


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A time as it was asked for; `why` it cannot be had (one of PAST, CLOSED, TAKEN, BLOCKED), empty where it can."""

    starts: datetime
    ends: datetime
    why: str = ""
    booking: RoomBooking | None = None

    @property
    def words(self) -> str:
        """`why` for a reader."""
        if self.booking is not None:
            return self.booking.label
        return {PAST: _("in the past"), CLOSED: _("outside the opening hours")}.get(self.why, "")


def look_at_times(
    room: TeachingRoom, times: Sequence[tuple[datetime, datetime]], *, but: uuid.UUID | None = None,
    is_block: bool = False,
) -> list[Occurrence]:  # fmt: skip
    """Which of `times` the room can be had at. `but` is the booking that is being moved; closing the room itself asks
    for no opening hours. One query.
    """
    now = timezone.now()
    first, last = min(start for start, _end in times), max(end for _start, end in times)
    rows = room.bookings.filter(state__in=OCCUPYING, starts__lt=last, ends__gt=first).exclude(pk=but)
    held = list(rows.select_related("session__intake__programme").order_by("starts"))
    found = []
    for starts, ends in times:
        theirs = next((row for row in held if row.starts < ends and row.ends > starts), None)
        why = ""
        if starts <= now:
            why = PAST
        elif not is_block and not is_open(room, starts, ends):
            why = CLOSED
        elif theirs is not None:
            why = BLOCKED if theirs.state == RoomBookingState.BLOCKED else TAKEN
        found.append(Occurrence(starts, ends, why, theirs if why in (TAKEN, BLOCKED) else None))
    return found


def is_open(room: TeachingRoom, starts: datetime, ends: datetime) -> bool:
    """Whether the room is open from `starts` to `ends`, both on one day of its own calendar."""
    zone = ZoneInfo(room.time_zone)
    begins, closes = starts.astimezone(zone), ends.astimezone(zone)
    hours = hours_on(room, begins.date())
    if hours is None or begins.date() != closes.date():
        return False
    gone = room.closed_on is not None and begins.date() >= room.closed_on
    return not gone and hours[0] <= begins.time() and closes.time() <= hours[1]


def visible_bookings(actor: Actor) -> QuerySet[RoomBooking]:
    """The bookings that the actor may see, with what is shown of them."""
    return room_booking_policy.queryset(actor).select_related(
        "room__clinic", "organization", "session__intake__programme", "series"
    )


def bookings_between(
    actor: Actor, rooms: Iterable[TeachingRoom], first: date, last: date
) -> dict[uuid.UUID, list[RoomBooking]]:
    """What stands in the calendars of `rooms` on the days from `first` to `last`, each by its own clock. One query."""
    found: dict[uuid.UUID, list[RoomBooking]] = {room.pk: [] for room in rooms}
    zones = {room.pk: room for room in rooms}
    if not zones:
        return found
    begins = min(start_of(first, room.time_zone) for room in zones.values())
    ends = max(start_of(last + timedelta(days=1), room.time_zone) for room in zones.values())
    rows = visible_bookings(actor).filter(room__in=found, starts__lt=ends, ends__gt=begins)
    for booking in rows.filter(state__in=SHOWN).order_by("starts", "id"):
        booking.room = zones[booking.room_id]
        found[booking.room_id].append(booking)
    return found


def listed(actor: Actor, state: str = "", *, own: bool = False, past: bool = False) -> QuerySet[RoomBooking]:
    """Bookings ahead or behind, in one state or all; `own`: those of the actor's organisation."""
    now = timezone.now()
    rows = visible_bookings(actor).filter(Q(ends__lte=now) if past else Q(ends__gt=now))
    if own:
        rows = rows.filter(organization=actor.organization_id)
    rows = rows.filter(state=state) if state else rows
    return rows.order_by(*(PAST_ORDER if past else COMING_ORDER))


def counted(actor: Actor, *, own: bool = False, past: bool = False) -> dict[str, int]:
    """`listed` by state. One query."""
    rows = listed(actor, own=own, past=past).order_by()
    return dict(rows.values_list("state").annotate(n=Count("pk")))


def asked_for(actor: Actor) -> QuerySet[RoomBooking]:
    """Requests that wait for the training office."""
    return listed(actor, RoomBookingState.PENDING)


def see_booking(actor: Actor, booking_id: uuid.UUID) -> RoomBooking:
    """Raises NotFound."""
    return room_booking_policy.get(actor, "view", booking_id, queryset=visible_bookings(actor))


def booking_actions(actor: Actor, booking: RoomBooking) -> list[str]:
    """The steps that the actor may take with a booking now."""
    steps = ROOM_BOOKING.available(booking.state, room_booking_policy.sides(actor, booking))
    return [step for step in steps if _in_time(step, booking)]


def may_move(actor: Actor, booking: RoomBooking) -> bool:
    """Whether the actor may give a booking another time or room now."""
    ahead = booking.state in MOVABLE and booking.starts > timezone.now()
    return ahead and not booking.session_id and room_booking_policy.allows(actor, "move", booking)


def is_time_to_come(booking: RoomBooking) -> bool:
    """Whether the room can be taken up now."""
    return booking.starts - EARLY <= timezone.now() < booking.ends


def _in_time(step: str, booking: RoomBooking) -> bool:
    if step == "take_up":
        return is_time_to_come(booking)
    return booking.ends > timezone.now() and not (step == "cancel" and booking.session_id)


def unused(now: datetime | None = None) -> list[uuid.UUID]:
    """Bookings that nobody has taken up in time. A session's own is taken up by its intake."""
    now = now or timezone.now()
    rows = RoomBooking.objects.filter(
        state=RoomBookingState.CONFIRMED, session__isnull=True, room__release_after__isnull=False, starts__lt=now
    ).select_related("room")  # fmt: skip
    return [row.pk for row in rows.order_by("starts", "id") if row.starts + row.wait <= now]


def later_of_series(booking: RoomBooking) -> QuerySet[RoomBooking]:
    """The bookings of its series that come after it and can still be cancelled."""
    if booking.series_id is None:
        return RoomBooking.objects.none()
    later = RoomBooking.objects.filter(series=booking.series_id, starts__gt=booking.starts)
    return later.filter(state__in=ASKED).order_by("starts", "id")


def own_feed(actor: Actor, room: TeachingRoom) -> RoomFeed | None:
    """The actor's address of a room's calendar."""
    return room_feed_policy.queryset(actor).filter(room=room).first()


def room_feed_by(secret: str) -> RoomFeed | None:
    """The calendar of an address that works: not revoked, its person still one of those who see rooms."""
    reads = Membership.objects.filter(
        user=OuterRef("user"), is_active=True, user__is_active=True, role__in=READERS
    ).exclude(organization__status="left")
    rows = RoomFeed.objects.filter(Exists(reads), token_hash=digest(secret), revoked_at__isnull=True)
    return rows.select_related("room__clinic").first()


def room_entries(feed: RoomFeed) -> Iterator[Entry]:
    """What stands in a room's calendar. One query."""
    now = timezone.now()
    rows = feed.room.bookings.filter(
        state__in=OCCUPYING, ends__gte=now - FEED_BACK, starts__lt=now + FEED_AHEAD
    ).select_related("session__intake__programme")
    place = ", ".join(filter(None, (feed.room.name, feed.room.clinic.short_name)))
    for row in rows.order_by("starts", "id"):
        yield Entry(
            uid=str(row.pk), start=row.starts, end=row.ends, title=row.label, place=place, is_busy=True,
            changed_at=row.updated_at,
        )  # fmt: skip


def rooms_clock(rooms: Sequence[TeachingRoom]) -> str:
    """The clock by which a calendar of several rooms begins its days: theirs, or the cluster's where they differ."""
    zones = {room.time_zone for room in rooms}
    return zones.pop() if len(zones) == 1 else current_cluster().time_zone
