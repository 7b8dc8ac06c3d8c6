"""What the land office sees of an evaluation, and an evaluator of the own task."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, IntegerField, When

from cluster_portal.common.errors import NotFound
from investors.models import Bid, Evaluator
from investors.policies import bid_policy, evaluator_policy, score_policy, tender_policy
from investors.selectors.ranking import ranking
from investors.states import (
    AT_WORK,
    BID,
    EVALUATOR,
    EVALUATORS,
    LAND_OFFICE,
    LEAST_EVALUATORS,
    SEES_OFFERS,
    BidState,
    EvaluatorState,
    TenderState,
)

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Criterion, Score, Tender
    from investors.selectors.ranking import Place


#: So many of a person's tasks are listed.
TASKS = 50


@dataclass(frozen=True, slots=True)
class Person:
    """An evaluator as the office sees one: how many of the marks are there, not which."""

    evaluator: Evaluator
    given: int
    actions: list[str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A tender's evaluation. `awaited` is how many marks each evaluator owes; `places` are there when all finished."""

    tender: Tender
    bids: list[tuple[Bid, list[str]]]
    people: list[Person]
    awaited: int
    criteria: list[Criterion]
    places: list[tuple[Place, Bid]]
    may_judge: bool

    @property
    def undecided(self) -> bool:
        """Whether it is still to be said of some bid if it is admitted."""
        return any(bid.state == BidState.SUBMITTED for bid, _actions in self.bids)

    @property
    def is_on(self) -> bool:
        return self.tender.state == TenderState.EVALUATION


@dataclass(frozen=True, slots=True)
class Sheet:
    """An evaluator's task. `bids` are the admitted ones with what they say (`said`), once nothing is in the way;
    `marks` the own ones by `key_of`; `owed` the criteria that are not computed.
    """

    evaluator: Evaluator
    companies: list[str]
    bids: list[Bid]
    owed: list[Criterion]
    marks: dict[str, Score]
    places: list[tuple[Place, Bid]]
    criteria: list[Criterion]
    undecided: bool
    actions: list[str]


def key_of(bid: uuid.UUID, criterion: uuid.UUID) -> str:
    """What the mark for a bid by a criterion is called in errors and forms."""
    return f"{bid}:{criterion}"


def awaited_of(tender: Tender) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Which marks each evaluator owes: every admitted bid by every criterion that is not computed."""
    criteria = list(tender.criteria.filter(figure="").values_list("pk", flat=True))
    bids = tender.bids.filter(state=BidState.QUALIFIED).order_by("submitted_at", "id")
    return [(bid, criterion) for bid in bids.values_list("pk", flat=True) for criterion in criteria]


def are_disclosed(tender: Tender) -> bool:
    """Whether enough evaluators have finished and nobody's marks are awaited."""
    states = list(tender.evaluators.values_list("state", flat=True))
    return states.count(EvaluatorState.FINISHED) >= LEAST_EVALUATORS and not set(states) & set(AT_WORK)


def evaluation_of(actor: Actor, tender_id: uuid.UUID) -> Evaluation:
    """The office's page. Raises NotFound, also before the envelopes are open, and Forbidden."""
    tender = tender_policy.get(actor, "open", tender_id)
    bids = list(
        bid_policy.queryset(actor).filter(tender=tender, opened_at__isnull=False)
        .select_related("investor").order_by("submitted_at", "id")
    )  # fmt: skip
    evaluators = list(tender.evaluators.all())
    if not evaluators and not bids and tender.state != TenderState.EVALUATION:
        raise NotFound
    may_judge = tender_policy.allows(actor, "judge", tender)
    sides = {LAND_OFFICE} if may_judge and tender.state == TenderState.EVALUATION else set()
    # A bid that comes back would lack the marks of those who have finished.
    late = {"qualify"} if any(one.state == EvaluatorState.FINISHED for one in evaluators) else set()
    given = Counter(tender.evaluators.values_list("scores__evaluator", flat=True))
    return Evaluation(
        tender, [(bid, [act for act in BID.available(bid.state, sides) if act not in late]) for bid in bids],
        [Person(one, given[one.pk], EVALUATORS.available(one.state, sides)) for one in evaluators],
        len(awaited_of(tender)), list(tender.criteria.all()), _places(tender, bids), may_judge,
    )  # fmt: skip


def sheet_of(actor: Actor, evaluator_id: uuid.UUID) -> Sheet:
    """An evaluator's page. Raises NotFound, Forbidden."""
    rows = Evaluator.objects.select_related("tender")
    evaluator = evaluator_policy.get(actor, "own", evaluator_id, queryset=rows)
    tender = evaluator.tender
    opened = list(
        tender.bids.filter(opened_at__isnull=False).select_related("investor").order_by("submitted_at", "id")
    )
    sees = evaluator.state in SEES_OFFERS
    bids = list(
        bid_policy.queryset(actor).filter(tender=tender, state=BidState.QUALIFIED).select_related("investor")
        .prefetch_related("envelopes").order_by("submitted_at", "id")
    ) if sees else []  # fmt: skip
    for bid in bids:
        bid.said = {one.kind: one.opened for one in bid.envelopes.all()}
    criteria = list(tender.criteria.all())
    marks = score_policy.queryset(actor).filter(evaluator=evaluator)
    sides = {EVALUATOR} if tender.state == TenderState.EVALUATION else set()
    return Sheet(
        evaluator, [bid.investor.name for bid in opened], bids, [one for one in criteria if not one.figure],
        {key_of(one.bid_id, one.criterion_id): one for one in marks}, _places(tender, bids) if sees else [], criteria,
        any(bid.state == BidState.SUBMITTED for bid in opened), EVALUATORS.available(evaluator.state, sides),
    )  # fmt: skip


def visible_evaluators(actor: Actor) -> QuerySet[Evaluator]:
    """A person's own tasks; to the offices everybody's."""
    return evaluator_policy.queryset(actor).select_related("tender").order_by("created_at", "id")


def actions_on(actor: Actor, evaluator: Evaluator) -> list[str]:
    """What the actor may do with an evaluator now: the person declares and gives marks, the land office excludes."""
    if evaluator.tender.state != TenderState.EVALUATION:
        return []
    sides = {EVALUATOR} if evaluator.user_id == actor.user_id else set()
    if evaluator_policy.allows(actor, "judge", evaluator):
        sides.add(LAND_OFFICE)
    found = EVALUATORS.available(evaluator.state, sides)
    # Who may finish may give marks before.
    return [*found, "marks"] if "finish" in found else found


def marks_of(actor: Actor, evaluator: Evaluator) -> list[Score]:
    """The marks of an evaluator that the actor sees: the own ones, others' once all have finished."""
    rows = score_policy.queryset(actor).filter(evaluator=evaluator)
    return list(rows.order_by("bid__submitted_at", "bid", "criterion__position"))


def to_evaluate(actor: Actor) -> QuerySet[Evaluator]:
    """The actor's own tasks on which something is still to be done."""
    rows = evaluator_policy.queryset(actor, "own").filter(state__in=AT_WORK)
    return rows.filter(tender__state=TenderState.EVALUATION)


def own_tasks(actor: Actor) -> list[Evaluator]:
    """All tasks of the actor, those that wait first, then the latest."""
    rows = evaluator_policy.queryset(actor, "own").select_related("tender")
    waiting = Case(
        When(state__in=AT_WORK, tender__state=TenderState.EVALUATION, then=0),
        default=1,
        output_field=IntegerField(),
    )
    return list(rows.annotate(waiting=waiting).order_by("waiting", "-tender__opening_at", "id")[:TASKS])


def tasks_of(actor: Actor, tender: Tender) -> list[Evaluator]:
    """The actor's own tasks in a tender."""
    if actor.user_id is None:
        return []
    return list(evaluator_policy.queryset(actor, "own").filter(tender=tender))


def evaluator_to_judge(actor: Actor, evaluator_id: uuid.UUID) -> Evaluator:
    """Raises NotFound, Forbidden."""
    rows = Evaluator.objects.select_related("tender")
    return evaluator_policy.get(actor, "judge", evaluator_id, queryset=rows)


def bid_to_judge(actor: Actor, bid_id: uuid.UUID) -> Bid:
    """Raises NotFound, Forbidden."""
    return bid_policy.get(actor, "judge", bid_id, queryset=Bid.objects.select_related("tender", "investor"))


def tender_to_judge(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound, Forbidden."""
    return tender_policy.get(actor, "judge", tender_id)


def _places(tender: Tender, bids: list[Bid]) -> list[tuple[Place, Bid]]:
    """The ranks of the bids, once the marks are disclosed."""
    if not are_disclosed(tender):
        return []
    known = {bid.pk: bid for bid in bids}
    return [(place, known[place.bid]) for place in ranking(tender) if place.bid in known]
