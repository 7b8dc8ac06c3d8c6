"""What follows a step of an investor after its commit."""

from __future__ import annotations

from cluster_portal.common import background
from investors.events import INVITE
from investors.services.people import mail_invitation


@background.handler(INVITE)
def invite(invitation: str) -> None:
    """Send the letter of an invitation."""
    mail_invitation(invitation)
