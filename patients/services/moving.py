"""Moving the patients whose times the clinic closes: many at once, each in a transaction of its own.

Nothing here is new about booking: every row is moved by `reschedule_referral`, or given up by `cancel_booking` and put
on the waiting list. A row names the booking that its reader saw, so that two people who confirm the same plan move each
patient once, and a plan that is sent twice changes nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clinics.models import Slot
from clinics.states import OUT_OF_ORDER, ExceptionReason
from cluster_portal.common.errors import Invalid, NotFound, PortalError
from cluster_portal.common.service import service
from patients.models import Booking
from patients.models.reason import EQUIPMENT, OTHER, PRACTITIONER_AWAY
from patients.policies import booking_policy
from patients.services.booking import cancel_booking, require_booking, reschedule_referral
from patients.services.steps import lock_referral
from patients.services.waitlist import wait_referral

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

#: What is done with a patient: moved to a time, put on the waiting list, left until somebody has called.
MOVE, WAIT, CALL = "move", "wait", "call"
#: The most rows of one plan.
AT_MOST = 100

#: Why the booking is given up, by why the clinic closes the time.
_REASONS = {ExceptionReason.REPAIR: EQUIPMENT, OUT_OF_ORDER: EQUIPMENT, ExceptionReason.OTHER: OTHER}


@dataclass(frozen=True, slots=True)
class Move:
    """What to do with one booking; `slot_id` is where to move it to, for MOVE only."""

    booking_id: uuid.UUID
    act: str
    slot_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: `error` says why nothing did, `booking` is the new one where the patient was moved."""

    move: Move
    booking: Booking | None = None
    error: PortalError | None = None

    @property
    def done(self) -> bool:
        return self.error is None and self.move.act != CALL


def move_patients(
    actor: Actor, *, moves: Iterable[Move], late_reason: str = "", comment: str = ""
) -> list[Outcome]:
    """Carry a plan out, row by row in the order given; the outcome of each row is in the answer, and none stops others.

    `late_reason` is kept for the rows that come later than the norm allows. No service: each row is one, so a row that
    lost its race leaves nothing and its neighbours stand. Raises Invalid for more than `AT_MOST` rows.
    """
    moves = list(moves)
    if len(moves) > AT_MOST:
        raise Invalid({"moves": _("At most %(n)d patients at once.") % {"n": AT_MOST}})
    return [_carry_out(actor, move, late_reason, comment) for move in moves]


def _carry_out(actor: Actor, move: Move, late_reason: str, comment: str) -> Outcome:
    try:
        if move.act == MOVE and move.slot_id is not None:
            booked = move_booking(
                actor,
                booking_id=move.booking_id,
                slot_id=move.slot_id,
                late_reason=late_reason,
                comment=comment,
            )
            return Outcome(move, booking=booked)
        if move.act == WAIT:
            put_on_waiting_list(actor, booking_id=move.booking_id, comment=comment)
        return Outcome(move)
    except PortalError as error:
        return Outcome(move, error=error)


@service
def move_booking(
    actor: Actor, *, booking_id: uuid.UUID, slot_id: uuid.UUID, late_reason: str = "", comment: str = ""
) -> Booking:
    """Move one patient from the booking that was seen to another time.

    Raises AlreadyMoved where that booking has ended meanwhile, and what `reschedule_referral` raises.
    """
    return reschedule_referral(
        actor, referral_id=_referral_of(actor, booking_id), slot_id=slot_id, late_reason=late_reason,
        comment=comment, booking_id=booking_id,
    )  # fmt: skip


@service
def put_on_waiting_list(actor: Actor, *, booking_id: uuid.UUID, comment: str = "") -> Referral:
    """Give one booking up and put the patient on the waiting list, with every wish open; both or neither.

    The reason is the one for which the clinic closes the time. Raises AlreadyMoved, and what `wait_referral` raises.
    """
    referral = lock_referral(actor, "cancel_booking", _referral_of(actor, booking_id))
    require_booking(referral, booking_id)
    closed = Slot.objects.filter(bookings=booking_id).values_list("block_reason", flat=True).get()
    coded = not closed or closed in ExceptionReason or closed in _REASONS
    reason = _REASONS.get(closed, PRACTITIONER_AWAY) if coded else OTHER
    if reason == OTHER:
        comment = comment or (_("The clinic closes this time.") if coded else closed)
    cancel_booking(actor, referral_id=referral.pk, reason=reason, comment=comment)
    return wait_referral(actor, referral_id=referral.pk)


def _referral_of(actor: Actor, booking_id: uuid.UUID) -> uuid.UUID:
    """The referral of a booking that the actor sees. Raises NotFound."""
    rows = booking_policy.queryset(actor).filter(pk=booking_id)
    found = rows.values_list("referral", flat=True).first()
    if found is None:
        raise NotFound(field="booking")
    return found


__all__ = [
    "AT_MOST", "CALL", "MOVE", "WAIT", "Move", "Outcome", "move_booking", "move_patients", "put_on_waiting_list",
]  # fmt: skip
