"""Whoever booked a room hears what somebody else did to the booking."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinics.selectors.staff import people_in
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.background import enqueue
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from training.events import ROOM_ACTED
from training.models import RoomBooking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

KINDS = (
    Kind("training.room_confirm", _("The room is yours: %(room)s, %(when)s"), "circle-check", "good"),
    Kind("training.room_reject", _("The room was refused: %(room)s, %(when)s"), "circle-x", "urgent"),
    Kind("training.room_move", _("The booking was moved: now %(room)s, %(when)s"), "calendar-event", "urgent"),
    Kind("training.room_cancel", _("The booking of the room was cancelled: %(room)s, %(when)s"), "ban", "danger"),
    Kind("training.room_release", _("Nobody came, the room was given back: %(room)s, %(when)s"), "hourglass", "urgent"),
)  # fmt: skip


def note_rooms(actor: Actor, act: str, bookings: Iterable[RoomBooking]) -> None:
    """Let those who made `bookings` know that `act` was done to them, after the commit.

    What follows a session of an agenda is left out: whoever moves the session sees where it goes.
    """
    if ids := [str(booking.pk) for booking in bookings if booking.session_id is None]:
        by = str(actor.user_id) if actor.user_id else None
        enqueue(ROOM_ACTED, {"bookings": ids, "act": act, "by": by, "at": timezone.now().isoformat()})


def tell_of_rooms(ids: Iterable[str], *, act: str, by: str | None, at: str) -> int:
    """Tell each person once of all the bookings that were theirs; doing it again tells nobody twice.

    A program's booking is its organisation's managers' matter. Returns how many hear of it for the first time. Joins
    the transaction that it is called in.
    """
    theirs: dict[UUID, list[RoomBooking]] = defaultdict(list)
    rows = RoomBooking.objects.filter(pk__in=list(ids)).select_related("room__clinic")
    for booking in rows.order_by("starts", "pk"):
        for user in _people_of(booking):
            if str(user) != by:
                theirs[user].append(booking)
    return sum(_tell(user, bookings, act, at) for user, bookings in theirs.items())


def _people_of(booking: RoomBooking) -> list[UUID]:
    if booking.user_id:
        return [booking.user_id]
    return people_in(booking.organization_id, [Role.MANAGER]) if booking.organization_id else []


def _tell(user: UUID, bookings: list[RoomBooking], act: str, at: str) -> int:
    first = bookings[0]
    later = len(bookings) - 1

    def when() -> str:
        words = wording.moment(first.starts.astimezone(ZoneInfo(first.room.time_zone)), "long")
        if not later:
            return words
        more = ngettext("%(when)s and %(n)d time more", "%(when)s and %(n)d times more", later)
        return more % {"when": words, "n": later}

    return notify(
        SYSTEM, users=[user], kind=f"training.room_{act}",
        params={
            "room": {code: name for code in LANGUAGES if (name := getattr(first.room, f"name_{code}"))},
            "when": wording.in_every_language(when),
        },
        url=reverse("training:room_booking", args=[first.pk]), key=f"room:{first.pk}:{act}:{at}",
        organization_id=first.organization_id,
    )  # fmt: skip
