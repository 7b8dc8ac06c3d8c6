"""After a missed visit: the call to the patient, and the referral that goes back to those who know the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.common.errors import IllegalTransition
from cluster_portal.common.service import service
from patients.services.occupancy import active_bookings, end_bookings
from patients.services.steps import check_reason, lock_referral, move

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


@service
def record_call(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Write down a call to the patient of a referral that has, awaits or waits for a time: `reason` is its outcome.

    Nothing else changes. Raises Invalid for an outcome that there is not, and for "other" without words.
    """
    referral = lock_referral(actor, "record_call", referral_id)
    check_reason("record_call", reason, comment)
    move(actor, referral, "record_call", target=referral.state, reason=reason, comment=comment)
    return referral


@service
def hand_back_referral(actor: Actor, *, referral_id: uuid.UUID, reason: str, comment: str = "") -> Referral:
    """Give a referral whose patient missed a visit back to the referring clinic, with a coded reason.

    It can be completed and sent again, or cancelled there. Raises IllegalTransition where nobody missed anything.
    """
    referral = lock_referral(actor, "hand_back", referral_id)
    if not referral.no_shows:
        raise IllegalTransition(extra={"state": referral.state, "action": "hand_back"})
    check_reason("hand_back", reason, comment)
    held = [booking for booking in active_bookings(referral) if booking.referral_id == referral.pk]
    move(actor, referral, "hand_back", reason=reason, comment=comment)
    end_bookings(actor, held, reason="hand_back")
    return referral


__all__ = ["hand_back_referral", "record_call"]
