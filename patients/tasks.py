"""What follows a step of a referral after its commit."""

from __future__ import annotations

from cluster_portal.common import background
from patients.events import REFERRAL_MOVED
from patients.services.notices import tell_of_step


@background.handler(REFERRAL_MOVED)
def referral_moved(referral: str, action: str, organization: str | None, step: int) -> None:
    """Tell the other side's people of the step."""
    tell_of_step(step)
