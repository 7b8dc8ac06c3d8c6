"""Seats are offered, accepted, declined; offers lapse, and a seat that is free goes to the waiting list at once.

All of it happens under the lock of the intake. An offer that was not answered in time counts as lapsed from that moment
on, whether or not somebody has written it down: whoever needs the seat writes it first (`lapse`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from clinics.selectors.calendar import start_of, working_hours_later
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.background import enqueue
from cluster_portal.common.service import service
from training.errors import NoSeat, OfferLapsed, PlacedElsewhere
from training.events import MOVE_QUEUE
from training.models import Intake, Nomination
from training.policies import nomination_policy
from training.services import seats
from training.services.steps import holds, lock_intakes, lock_nomination, move, say_why
from training.states import CANDIDATE, NOMINATION, PLACED, NominationState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: How long an offer is kept; days off do not count.
OFFER_HOURS = 48


@service
def offer_seat(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Offer a seat to somebody of the short list or the waiting list.

    Raises NotFound, Forbidden, IllegalTransition, NoSeat, and PlacedElsewhere where the person has accepted another
    seat on overlapping days.
    """
    nomination = lock_nomination(actor, "offer", nomination_id)
    lapse(nomination.intake)
    _offer(actor, nomination)
    return nomination


@service
def accept_offer(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Take the seat that was offered; the person's other nominations on overlapping days are withdrawn with it.

    Raises NotFound, Forbidden, IllegalTransition, OfferLapsed, PlacedElsewhere.
    """
    named = nomination_policy.get(actor, "accept", nomination_id)
    # Seats of other intakes may become free: all of them are locked before the first nomination.
    rivals = _rivals(named)
    intakes = lock_intakes([named.intake_id, *rivals.values_list("intake", flat=True)])
    nomination = lock_nomination(actor, "accept", nomination_id)
    if nomination.state == NominationState.OFFERED and nomination.offer_until <= timezone.now():
        # The refusal undoes what this transaction wrote; who needs the seat writes down that the offer lapsed.
        raise OfferLapsed
    if _rivals(nomination, PLACED).exists():
        raise PlacedElsewhere
    move(actor, nomination, "accept", offer_until=None)
    for rival in (
        rivals.filter(intake__in=intakes).select_for_update(of=("self",), no_key=True).order_by("pk")
    ):
        had_seat = holds(rival)
        move(SYSTEM, rival, "withdraw", end_reason=f"→ {nomination.number}", offer_until=None)
        if had_seat:
            seats.give_back(rival.intake_id)
            fill_seats(intakes[rival.intake_id])
    return nomination


@service
def decline_offer(actor: Actor, *, nomination_id: uuid.UUID, reason: str) -> Nomination:
    """Leave the seat that was offered to the next one. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    nomination = lock_nomination(actor, "decline", nomination_id)
    why = say_why(reason)
    move(actor, nomination, "decline", reason=why, end_reason=why, offer_until=None)
    free_seat(nomination)
    _let_others_go_on(nomination)
    return nomination


@service
def withdraw_nomination(actor: Actor, *, nomination_id: uuid.UUID, reason: str) -> Nomination:
    """Take a nomination back; its seat, if it held one, goes to the next one.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    nomination = lock_nomination(actor, "withdraw", nomination_id)
    why, had_seat = say_why(reason), holds(nomination)
    move(actor, nomination, "withdraw", reason=why, end_reason=why, offer_until=None)
    if had_seat:
        free_seat(nomination)
    return nomination


@service
def move_queue(actor: Actor, *, intake_id: uuid.UUID) -> int:
    """End the offers of an intake that have lapsed and offer its free seats to the waiting list, in order.

    Returns how many offers were made. Doing it again, or too early, changes nothing.
    """
    intake = lock_intakes([intake_id])[intake_id]
    lapse(intake)
    return fill_seats(intake)


def free_seat(nomination: Nomination) -> None:
    """The seat of a nomination that has just left it goes to the next one. Under the intake's lock."""
    seats.give_back(nomination.intake_id)
    fill_seats(nomination.intake)


def fill_seats(intake: Intake) -> int:
    """Offer the free seats of a locked intake to its waiting list, in order. How many offers were made."""
    made = 0
    passed: list[uuid.UUID] = []
    while nomination := next_in_queue(intake, passed):
        try:
            _offer(SYSTEM, nomination)
        except NoSeat:
            break
        except PlacedElsewhere:
            passed.append(nomination.pk)
        else:
            made += 1
    return made


def next_in_queue(intake: Intake, passed: list[uuid.UUID]) -> Nomination | None:
    """The first of a locked intake's waiting list who is not `passed`, locked too.

    Whoever has a better choice on overlapping days that is being offered is passed over meanwhile: the answer decides.
    """
    rows = intake.nominations.filter(state=NominationState.WAITLISTED).exclude(pk__in=passed)
    rows = rows.select_related("specialist", "organization").order_by("waiting_since", "pk")
    for nomination in rows.select_for_update(of=("self",), no_key=True)[:1]:
        nomination.intake = intake
        if _rivals(nomination, [NominationState.OFFERED]).filter(choice__lt=nomination.choice).exists():
            passed.append(nomination.pk)
            return next_in_queue(intake, passed)
        return nomination
    return None


def lapse(intake: Intake, now: datetime | None = None) -> int:
    """Write down that offers of a locked intake have lapsed; their seats are free. How many."""
    overdue = intake.nominations.filter(state=NominationState.OFFERED, offer_until__lte=now or timezone.now())
    rows = list(overdue.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for nomination in rows:
        move(SYSTEM, nomination, "expire", offer_until=None)
        seats.give_back(intake.pk)
        _let_others_go_on(nomination)
    return len(rows)


def answer_by(intake: Intake, now: datetime) -> datetime:
    """Until when an offer is kept: OFFER_HOURS without days off, and never past the beginning."""
    cluster = current_cluster()
    until = working_hours_later(now, OFFER_HOURS, cluster.time_zone, cluster.country)
    return min(until, max(start_of(intake.starts_on, intake.time_zone), now + timedelta(hours=1)))


def _offer(actor: Actor, nomination: Nomination) -> None:
    """Offer a seat on a locked nomination of a locked intake."""
    if _rivals(nomination, PLACED).exists():
        raise PlacedElsewhere
    NOMINATION.find(nomination.state, "offer")
    # Nothing is written before the seat is there: who looks for the next one goes on from here.
    if not seats.take_seat(nomination.intake_id):
        raise NoSeat
    now = timezone.now()
    until = answer_by(nomination.intake, now)
    move(actor, nomination, "offer", offer_until=until)
    enqueue(MOVE_QUEUE, {"intake": str(nomination.intake_id)}, delay=until - now)


def look_at_queues(nominations: Iterable[Nomination]) -> None:
    """Have the waiting lists looked at again on which these nominations wait: preferences decide who is passed over."""
    for nomination in nominations:
        if nomination.state == NominationState.WAITLISTED:
            enqueue(MOVE_QUEUE, {"intake": str(nomination.intake_id)})


def _let_others_go_on(nomination: Nomination) -> None:
    """Where the person waits on overlapping days too, they may have been passed over for the sake of this offer."""
    look_at_queues(_rivals(nomination, [NominationState.WAITLISTED]))


def _rivals(nomination: Nomination, states: Iterable[str] = CANDIDATE) -> QuerySet[Nomination]:
    """The person's other nominations on overlapping days in one of `states`."""
    return Nomination.objects.filter(
        specialist=nomination.specialist_id, state__in=list(states),
        starts_on__lte=nomination.ends_on, ends_on__gte=nomination.starts_on,
    ).exclude(pk=nomination.pk)  # fmt: skip
