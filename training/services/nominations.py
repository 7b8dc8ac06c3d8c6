"""Nominations up to the offer and from the acceptance on: putting forward, choosing, papers, learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common import numbering
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from training.errors import PapersMissing, PlacedElsewhere, TooManyOfOne
from training.models import Nomination
from training.policies import intake_policy, nomination_policy, specialist_policy
from training.selectors.nominations import obstacle
from training.selectors.papers import missing_papers
from training.services import seats
from training.services.offers import fill_seats, lapse
from training.services.steps import holds, lock_intakes, lock_nomination, move, note, say_why
from training.states import EMPLOYER, LIVE, NOMINATION, PLACED, NominationState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor
    from training.models import Intake, Specialist

SEQUENCE, PREFIX = "training_nomination_number", "EDU"


@service
def draft_nomination(
    actor: Actor, *, specialist_id: uuid.UUID, intake_id: uuid.UUID, motivation: str = "", choice: int = 1
) -> Nomination:
    """Begin a nomination; nobody else sees to it yet. The person, the employer and the training office may.

    Raises NotFound, Forbidden, Invalid, NominationClosed, NotEligible, PlacedElsewhere, AlreadyNominated.
    """
    specialist = specialist_policy.get(actor, "nominate", specialist_id)
    if not intake_policy.queryset(actor).filter(pk=intake_id).exists():
        raise NotFound(field="intake")
    intake = lock_intakes([intake_id])[intake_id]
    if len(motivation) > 1000:
        raise Invalid({"motivation": [_("At most %(n)d characters.") % {"n": 1000}]})
    nomination = Nomination(
        specialist=specialist, organization_id=specialist.organization_id, intake=intake, choice=max(1, choice),
        starts_on=intake.starts_on, ends_on=intake.ends_on, motivation=motivation.strip(),
    )  # fmt: skip
    _check(nomination, intake, specialist)
    nomination.number = numbering.next_number(SEQUENCE, prefix=PREFIX, year=timezone.localdate().year)
    nomination.save(force_insert=True)
    note(actor, nomination, "draft", came_from="")
    return nomination


@service
def nominate_specialist(
    actor: Actor, *, specialist_id: uuid.UUID, intake_id: uuid.UUID, motivation: str = "", choice: int = 1
) -> Nomination:
    """Put a specialist forward in one go: as far as the actor's side may, so an employer endorses it too.

    Raises as `draft_nomination`, and TooManyOfOne.
    """
    nomination = draft_nomination(
        actor, specialist_id=specialist_id, intake_id=intake_id, motivation=motivation, choice=choice
    )
    nomination = put_forward(actor, nomination_id=nomination.pk)
    if EMPLOYER in nomination_policy.sides(actor, nomination):
        nomination = endorse_nomination(actor, nomination_id=nomination.pk)
    return nomination


@service
def put_forward(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Send a draft to the employer to endorse.

    Raises NotFound, Forbidden, IllegalTransition, NominationClosed, NotEligible, PlacedElsewhere, TooManyOfOne.
    """
    nomination = lock_nomination(actor, "nominate", nomination_id)
    NOMINATION.find(nomination.state, "nominate")
    intake = nomination.intake
    _check(nomination, intake, nomination.specialist)
    limit = intake.per_organization
    others = intake.nominations.filter(organization=nomination.organization_id, state__in=LIVE)
    if limit and others.exclude(state=NominationState.DRAFT).count() >= limit:
        raise TooManyOfOne(extra={"limit": limit})
    return move(actor, nomination, "nominate", nominated_at=timezone.now())


@service
def endorse_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """The employer stands behind a nomination. Raises NotFound, Forbidden, IllegalTransition."""
    return move(actor, lock_nomination(actor, "endorse", nomination_id), "endorse")


@service
def shortlist_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Choose somebody for the short list. Raises NotFound, Forbidden, IllegalTransition."""
    return move(actor, lock_nomination(actor, "shortlist", nomination_id), "shortlist")


@service
def waitlist_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Put somebody at the end of the waiting list; a seat that is free is offered at once.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    nomination = lock_nomination(actor, "wait", nomination_id)
    move(actor, nomination, "wait", waiting_since=timezone.now())
    lapse(nomination.intake)
    fill_seats(nomination.intake)
    nomination.refresh_from_db(fields=["state", "offer_until"])
    return nomination


@service
def reject_nomination(actor: Actor, *, nomination_id: uuid.UUID, reason: str) -> Nomination:
    """Turn somebody down. Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason."""
    nomination = lock_nomination(actor, "reject", nomination_id)
    why = say_why(reason)
    return move(actor, nomination, "reject", reason=why, end_reason=why)


@service
def confirm_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Confirm a seat whose papers are complete.

    Raises NotFound, Forbidden, IllegalTransition, PapersMissing with the kinds that are missing or end too early.
    """
    nomination = lock_nomination(actor, "confirm", nomination_id)
    NOMINATION.find(nomination.state, "confirm")
    if missing := missing_papers(nomination):
        raise PapersMissing(extra={"missing": missing})
    return move(actor, nomination, "confirm")


@service
def begin_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Somebody has begun to learn. Raises NotFound, Forbidden, IllegalTransition."""
    return move(actor, lock_nomination(actor, "begin", nomination_id), "begin")


@service
def complete_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Somebody has learned it. Raises NotFound, Forbidden, IllegalTransition."""
    return move(actor, lock_nomination(actor, "complete", nomination_id), "complete", end_reason="")


@service
def fail_nomination(actor: Actor, *, nomination_id: uuid.UUID, reason: str) -> Nomination:
    """Somebody has not completed the programme.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    nomination = lock_nomination(actor, "fall_short", nomination_id)
    why = say_why(reason)
    return move(actor, nomination, "fall_short", reason=why, end_reason=why)


def end_all(actor: Actor, intake: Intake, action: str, reason: str, states: Sequence[str]) -> int:
    """Take `action` with every nomination of a locked intake in one of `states`; their seats are free. How many."""
    rows = (
        intake.nominations.filter(state__in=states)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    ended = list(rows)
    for nomination in ended:
        had_seat = holds(nomination)
        columns: dict[str, Any] = {"offer_until": None, "end_reason": reason}
        move(actor, nomination, action, reason=reason, **columns)
        if had_seat:
            seats.give_back(intake.pk)
    return len(ended)


def locked_in(intake: Intake, state: str) -> list[Nomination]:
    """The nominations of a locked intake in a state, locked too."""
    rows = intake.nominations.filter(state=state)
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _check(nomination: Nomination, intake: Intake, specialist: Specialist) -> None:
    """Raise what keeps this person from being nominated for this intake."""
    if error := obstacle(intake, specialist):
        raise error
    placed = Nomination.objects.filter(
        specialist=specialist, state__in=PLACED, starts_on__lte=intake.ends_on, ends_on__gte=intake.starts_on
    )
    if placed.exclude(pk=nomination.pk).exists():
        raise PlacedElsewhere(field="specialist")
