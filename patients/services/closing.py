"""A clinic closes: referrals that wait there without a time go back to those who sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.models import Referral
from patients.models.reason import CLINIC_CLOSED
from patients.selectors.closing import waiting_for
from patients.services.occupancy import active_bookings, end_bookings
from patients.services.steps import RELATED, move
from patients.states import ReferralState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


def return_waiting(actor: Actor, clinic_id: uuid.UUID) -> int:
    """Return every referral that waits for a decision or a time of the clinic, with the reason that it closes.

    The referring side finds them among its returned ones, to be sent to another clinic, and is told. Whoever calls has
    locked the clinic and no slot yet. Returns how many.
    """
    ids = list(waiting_for(clinic_id).values_list("pk", flat=True))
    rows = Referral.objects.select_for_update(no_key=True, of=("self",)).select_related(*RELATED)
    waiting = [row for row in rows.filter(pk__in=ids).order_by("pk") if row.state in _BACK]
    for referral in waiting:
        held = [booking for booking in active_bookings(referral) if booking.referral_id == referral.pk]
        for action in _BACK[referral.state]:
            move(actor, referral, action, reason="" if action == "stop_waiting" else CLINIC_CLOSED)
        end_bookings(actor, held, reason="hand_back")
    return len(waiting)


#: The steps of the state table that lead back to the referring side.
_BACK = {
    ReferralState.SUBMITTED: ("return_for_info",),
    ReferralState.ACCEPTED: ("hand_back",),
    ReferralState.WAITLISTED: ("stop_waiting", "hand_back"),
}
