"""What waits for the people of training: the queues of the menu and of their homes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from cluster_portal.accounts.roles import Role
from training.models import IntakeSession, Nomination
from training.policies import nomination_policy, session_policy
from training.selectors.nominations import visible_nominations
from training.selectors.rooms import asked_for, with_halls
from training.states import PLACED, IntakeState, NominationState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: How far ahead the next sessions are told, how soon an offer runs out, and how many lines each list has.
SOON, RUNS_OUT, LINES = timedelta(days=30), timedelta(hours=24), 8


def countable(actor: Actor) -> dict[str, QuerySet]:
    """The numbers of the menu as queries."""
    return {"training.rooms_asked": asked_for(actor)} if actor.has(Role.TRAINING) else {}


def next_sessions(actor: Actor) -> list[IntakeSession]:
    """What is taught next, with the rooms booked for it; of a person only where the own seat is. Two queries."""
    now = timezone.now()
    rows = session_policy.queryset(actor).filter(
        intake__state__in=(IntakeState.OPEN, IntakeState.CLOSED, IntakeState.RUNNING), is_break=False,
        ends__gt=now, starts__lt=now + SOON,
    )  # fmt: skip
    if not actor.has(Role.TRAINING):
        seats = Nomination.objects.filter(specialist__user=actor.user_id, state__in=PLACED)
        rows = rows.filter(intake__in=seats.values("intake"))
    rows = with_halls(rows.select_related("intake__programme"))
    return list(rows.order_by("starts", "id")[:LINES])


def offers_to_answer(actor: Actor) -> QuerySet[Nomination]:
    """Seats that are offered now, the one that runs out first at the head."""
    rows = visible_nominations(actor).filter(state=NominationState.OFFERED, offer_until__gt=timezone.now())
    return rows.order_by("offer_until", "id")


def running_out(actor: Actor) -> int:
    """How many offers end within RUNS_OUT. One query."""
    now = timezone.now()
    return (
        nomination_policy.queryset(actor)
        .filter(state=NominationState.OFFERED, offer_until__gt=now, offer_until__lte=now + RUNS_OUT)
        .count()
    )
