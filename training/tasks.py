"""What follows a step of a nomination or of a booking after its commit, and what the clock alone brings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from training.events import MOVE_QUEUE, ROOM_ACTED, SESSION_CHANGED, STEP_TAKEN
from training.selectors.rooms import unused
from training.services.figures import count_figures
from training.services.notices import tell_of_step, warn_of_papers
from training.services.offers import move_queue
from training.services.room_bookings import release_booking
from training.services.room_notices import tell_of_rooms
from training.services.session_notices import tell_of_session


@background.handler(MOVE_QUEUE)
def queue_moves(intake: str) -> None:
    """The time to answer an offer has passed, or somebody may be offered a seat who was passed over."""
    move_queue(SYSTEM, intake_id=UUID(intake))


@background.handler(STEP_TAKEN)
def step_taken(step: int) -> None:
    """Tell the person and the employer what happened to a nomination."""
    tell_of_step(step)


@background.handler(ROOM_ACTED)
def room_acted(bookings: list[str], act: str, by: str | None, at: str) -> None:
    """Tell those who booked rooms what somebody else did to their bookings."""
    tell_of_rooms(bookings, act=act, by=by, at=at)


@background.handler(SESSION_CHANGED)
def session_changed(**message: Any) -> None:
    """Tell those who have a seat that a session was moved or cancelled."""
    tell_of_session(message)


@shared_task(name="training.tasks.watch_papers")
def watch_papers() -> int:
    """Warn of papers for journeys that end soon. Returns how many papers."""
    return warn_of_papers(SYSTEM)


@shared_task(name="training.tasks.refresh_figures")
def refresh_figures() -> int:
    """Count anew what the homes of the offices show. Returns how many figures."""
    return count_figures(SYSTEM)


@shared_task(name="training.tasks.release_rooms")
def release_rooms() -> int:
    """Give back rooms that were booked and nobody came to. Returns how many. Doing it twice changes nothing."""
    return sum(release_booking(SYSTEM, booking_id=pk) for pk in unused())
