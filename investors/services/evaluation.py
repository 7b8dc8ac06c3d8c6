"""The evaluation of opened bids: who is admitted, who judges, and the marks.

The order of locks is the tender, then its bids or evaluators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.accounts.models import User
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from investors.errors import (
    EligibilityOpen,
    EvaluationClosed,
    EvaluatorNamed,
    MarkNotAwaited,
    MarksDisclosed,
    MarksGiven,
    MarksMissing,
)
from investors.events import EVALUATOR_NAMED, MARKS_COMPLETE
from investors.models import Bid, Evaluator, Score
from investors.policies import bid_policy, evaluator_policy
from investors.selectors.evaluation import are_disclosed, awaited_of, key_of
from investors.services.clock import lock_tender
from investors.states import BID, EVALUATORS, BidState, EvaluatorState, TenderState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from investors.models import Tender

    #: A bid and a criterion, by their ids; what is entered for them: `value` and `comment`.
    Marks = Mapping[tuple[uuid.UUID, uuid.UUID], Mapping[str, Any]]


@service
def qualify_bid(actor: Actor, *, bid_id: uuid.UUID, reason: str) -> Bid:
    """Admit an opened bid to the evaluation of its offer.

    Raises NotFound, Forbidden, EvaluationClosed, IllegalTransition, MarksGiven, Invalid without a reason.
    """
    return _judge(actor, bid_id, "qualify", reason)


@service
def disqualify_bid(actor: Actor, *, bid_id: uuid.UUID, reason: str) -> Bid:
    """Leave an opened bid out: its company may not take part. Raises as `qualify_bid`."""
    return _judge(actor, bid_id, "disqualify", reason)


@service
def name_evaluator(actor: Actor, *, tender_id: uuid.UUID, email: str) -> Evaluator:
    """Ask somebody who has an account to judge the bids; nobody of a company that bids.

    Raises NotFound, Forbidden, EvaluationClosed, MarksDisclosed, EvaluatorNamed, EvaluatorOfBidder, Invalid.
    """
    tender, _now = _lock(actor, "judge", tender_id)
    if are_disclosed(tender):
        raise MarksDisclosed
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise Invalid({"email": [_("Nobody with this e-mail has an account in the portal.")]})
    if tender.evaluators.filter(user=user).exists():
        raise EvaluatorNamed(field="email")
    evaluator = Evaluator.objects.create(tender=tender, user=user, name=user.name)
    enqueue(EVALUATOR_NAMED, {"evaluator": str(evaluator.pk)})
    return evaluator


@service
def declare_no_conflict(actor: Actor, *, evaluator_id: uuid.UUID) -> Evaluator:
    """The acting evaluator has nothing to do with those who bid, and sees their offers from now on.

    Raises NotFound, Forbidden, EvaluationClosed, IllegalTransition, EvaluatorOfBidder.
    """
    evaluator, now = _own(actor, evaluator_id)
    EVALUATORS.move(evaluator, "declare")
    evaluator.declared_at = now
    evaluator.save(update_fields=["state", "declared_at", "updated_at"])
    return evaluator


@service
def declare_conflict(actor: Actor, *, evaluator_id: uuid.UUID, reason: str) -> Evaluator:
    """The acting evaluator is tied to somebody who bids, and does not judge. Raises as above, Invalid."""
    require_words("reason", reason)
    evaluator, now = _own(actor, evaluator_id)
    EVALUATORS.move(evaluator, "recuse")
    evaluator.reason, evaluator.declared_at = reason.strip()[:300], now
    evaluator.save(update_fields=["state", "reason", "declared_at", "updated_at"])
    _tell_if_complete(evaluator.tender)
    return evaluator


@service
def exclude_evaluator(actor: Actor, *, evaluator_id: uuid.UUID, reason: str) -> Evaluator:
    """The land office does without an evaluator, whose marks no longer count.

    Raises NotFound, Forbidden, EvaluationClosed, IllegalTransition, Invalid without a reason.
    """
    require_words("reason", reason)
    found = evaluator_policy.get(actor, "judge", evaluator_id)
    tender, _now = _lock(actor, "judge", found.tender_id)
    evaluator = evaluator_policy.get(actor, "judge", evaluator_id, lock=True)
    EVALUATORS.move(evaluator, "exclude")
    evaluator.reason = reason.strip()[:300]
    evaluator.save(update_fields=["state", "reason", "updated_at"])
    _tell_if_complete(tender)
    return evaluator


@service
def save_marks(actor: Actor, *, evaluator_id: uuid.UUID, marks: Marks) -> Evaluator:
    """Keep the acting evaluator's marks for admitted bids by criteria that are not computed; some or all of them.

    A mark that is entered empty stays as it was. Errors stand at `bid id:criterion id`.
    Raises NotFound, Forbidden, EvaluationClosed, EligibilityOpen, MarkNotAwaited, Invalid.
    """
    evaluator, _now = _own(actor, evaluator_id)
    _keep(evaluator, marks)
    return evaluator


@service
def finish_marks(actor: Actor, *, evaluator_id: uuid.UUID, marks: Marks | None = None) -> Evaluator:
    """Keep the marks and fix them: they are not changed any more. Raises as `save_marks`, MarksMissing."""
    evaluator, now = _own(actor, evaluator_id)
    EVALUATORS.find(evaluator.state, "finish")
    _keep(evaluator, marks or {})
    given = set(evaluator.scores.values_list("bid", "criterion"))
    if missing := [pair for pair in awaited_of(evaluator.tender) if pair not in given]:
        raise MarksMissing({key_of(*pair): [_("The mark is missing.")] for pair in missing})
    EVALUATORS.move(evaluator, "finish")
    evaluator.finished_at = now
    evaluator.save(update_fields=["state", "finished_at", "updated_at"])
    _tell_if_complete(evaluator.tender)
    return evaluator


def _judge(actor: Actor, bid_id: uuid.UUID, action: str, reason: str) -> Bid:
    require_words("reason", reason)
    tender, now = _lock(actor, "judge", bid_policy.get(actor, "judge", bid_id).tender_id)
    bid = bid_policy.get(actor, "judge", bid_id, lock=True)
    if bid.opened_at is None:
        raise EvaluationClosed
    if action == "qualify" and tender.evaluators.filter(state=EvaluatorState.FINISHED).exists():
        raise MarksGiven
    BID.move(bid, action)
    bid.judged, bid.judged_at, bid.judged_by_id = reason.strip()[:500], now, actor.user_id
    bid.save(update_fields=["state", "judged", "judged_at", "judged_by", "updated_at"])
    return bid


def _lock(actor: Actor, action: str, tender_id: uuid.UUID) -> tuple[Tender, datetime]:
    tender, now = lock_tender(actor, action, tender_id)
    if tender.state != TenderState.EVALUATION:
        raise EvaluationClosed
    return tender, now


def _own(actor: Actor, evaluator_id: uuid.UUID) -> tuple[Evaluator, datetime]:
    """The acting evaluator and the moment; the tender and the evaluator are locked."""
    tender, now = _lock(actor, "view", evaluator_policy.get(actor, "own", evaluator_id).tender_id)
    evaluator = evaluator_policy.get(actor, "own", evaluator_id, lock=True)
    evaluator.tender = tender
    return evaluator, now


def _keep(evaluator: Evaluator, marks: Marks) -> None:
    if evaluator.state != EvaluatorState.DECLARED:
        raise MarkNotAwaited
    if evaluator.tender.bids.filter(state=BidState.SUBMITTED).exists():
        raise EligibilityOpen
    known = set(awaited_of(evaluator.tender))
    there = {(row.bid_id, row.criterion_id): row for row in evaluator.scores.all()}
    rows, errors = [], {}
    for (bid, criterion), entered in marks.items():
        if (bid, criterion) not in known:
            raise MarkNotAwaited
        if entered.get("value") in (None, ""):
            continue
        row = there.get((bid, criterion)) or Score(evaluator=evaluator, bid_id=bid, criterion_id=criterion)
        try:
            fill(row, entered, ("value", "comment"))
        except Invalid as exc:
            errors[key_of(bid, criterion)] = [text for texts in exc.errors.values() for text in texts]
        rows.append(row)
    if errors:
        raise Invalid(errors)
    for row in rows:
        row.save()


def _tell_if_complete(tender: Tender) -> None:
    if are_disclosed(tender):
        enqueue(MARKS_COMPLETE, {"tender": str(tender.pk)})
