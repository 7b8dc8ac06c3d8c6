"""Whoever has a seat hears when a session goes to another time or place, or is taken off the agenda."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.background import enqueue
from cluster_portal.common.translated import LANGUAGES, in_every_language
from cluster_portal.notifications.kinds import Kind
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from training.events import SESSION_CHANGED
from training.models import Intake, Nomination
from training.selectors.people import first_to_hear
from training.selectors.rooms import hall_of
from training.states import OCCUPYING, NominationState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from training.models import IntakeSession

KINDS = (
    Kind(
        "training.session_move", _("A session was moved: %(session)s, now %(when)s, %(place)s"),
        "calendar-event", "urgent",
    ),
    Kind(
        "training.session_cancel", _("A session was taken off the agenda: %(session)s, %(when)s"), "ban",
        "urgent",
    ),
)  # fmt: skip
#: Those who are expected at the sessions.
EXPECTED = (NominationState.ACCEPTED, NominationState.CONFIRMED, NominationState.IN_PROGRESS)


NOWHERE = _("the place will be told")


def where_and_when(session: IntakeSession) -> tuple[Any, ...]:
    """What people go by: when it changes they are told."""
    return session.starts, session.ends, session.room, hall_of(session)


def note_session(actor: Actor, act: str, session: IntakeSession) -> None:
    """Let those who have a seat know after the commit that a session was moved or cancelled; of what is over nobody
    hears. What it was is told along, for a cancelled one is gone by then.
    """
    if session.ends <= timezone.now():
        return
    booking = session.room_bookings.filter(state__in=OCCUPYING).select_related("room").first()
    place = _names(booking.room, "name") if booking else dict.fromkeys(LANGUAGES, session.room)
    enqueue(
        SESSION_CHANGED,
        {
            "intake": str(session.intake_id), "session": str(session.pk), "act": act,
            "title": _names(session, "title"), "starts": session.starts.isoformat(), "place": place,
            "by": str(actor.user_id) if actor.user_id else None, "at": timezone.now().isoformat(),
        },
    )  # fmt: skip


def tell_of_session(message: dict[str, Any]) -> int:
    """Tell everybody who is expected, or the employer's managers where the person has no account; doing it again tells
    nobody twice. Returns how many hear of it for the first time. Joins the transaction that it is called in.
    """
    intake = Intake.objects.get(pk=message["intake"])
    seats = Nomination.objects.filter(intake=intake, state__in=EXPECTED).select_related("specialist")
    users = (user for seat in seats.order_by("pk") for user in first_to_hear(seat.specialist))
    starts = datetime.fromisoformat(message["starts"]).astimezone(ZoneInfo(intake.time_zone))
    return notify(
        SYSTEM, users=[user for user in users if str(user) != message["by"]], kind=f"training.session_{message['act']}",
        params={
            "session": message["title"],
            "when": wording.in_every_language(lambda: wording.moment(starts, "long")),
            "place": message["place"] if any(message["place"].values()) else in_every_language(NOWHERE),
        },
        url=reverse("training:programme", args=[intake.programme_id]),
        key=f"session:{message['session']}:{message['act']}:{message['at']}",
    )  # fmt: skip


def _names(row: Any, field: str) -> dict[str, str]:
    return {code: name for code in LANGUAGES if (name := getattr(row, f"{field}_{code}"))}
