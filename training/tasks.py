"""What follows a step of a nomination after its commit."""

from __future__ import annotations

from uuid import UUID

from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from training.events import MOVE_QUEUE
from training.services.offers import move_queue


@background.handler(MOVE_QUEUE)
def queue_moves(intake: str) -> None:
    """The time to answer an offer has passed, or somebody may be offered a seat who was passed over."""
    move_queue(SYSTEM, intake_id=UUID(intake))
