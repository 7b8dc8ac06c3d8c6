"""What came of a tender: who won, the ranks of the others, and what its protocol says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from cluster_portal.common.errors import NotFound
from investors.models import Award, Bid
from investors.policies import award_policy, tender_policy
from investors.states import AWARD, COMPANY, LAND_OFFICE, OPENED, AwardState, EvaluatorState, TenderState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Criterion, Evaluator, Plot, Standing, Tender


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a tender. `ranked` stand with their `standing`, the others were not admitted (`judged` says why);
    the marks of `evaluators` count, those who are `excluded` have declared a conflict or were left out (`reason`).
    """

    tender: Tender
    awards: list[Award]
    criteria: list[Criterion]
    ranked: list[Bid]
    refused: list[Bid]
    evaluators: list[Evaluator]
    excluded: list[Evaluator]
    plots: list[Plot]

    @property
    def award(self) -> Award | None:
        """The one in force."""
        return next((one for one in self.awards if one.state == AwardState.ACTIVE), None)

    @property
    def last(self) -> Award:
        """The latest decision, in force or not."""
        return self.awards[-1]


def winner_of(tender: Tender) -> Award | None:
    """The award in force, with its bid and company; the contract may follow once the tender is complete."""
    return _with_companies(tender.awards.filter(state=AwardState.ACTIVE)).first()


def visible_awards(actor: Actor) -> QuerySet[Award]:
    """Awards are public."""
    return _with_companies(award_policy.queryset(actor))


def awards_of(actor: Actor, tender: Tender) -> list[Award]:
    """The awards of a tender, the first one first."""
    return list(visible_awards(actor).filter(tender=tender).order_by("awarded_at", "id"))


def outcome_of(actor: Actor, tender_id: uuid.UUID) -> Outcome:
    """Raises NotFound for the tender, and before it was awarded."""
    tender = tender_policy.get(actor, "view", tender_id)
    found = outcome_in(actor, tender)
    if found is None:
        raise NotFound
    return found


def outcome_in(actor: Actor, tender: Tender) -> Outcome | None:
    """What came of a tender that the actor sees; None before its first award. Six queries."""
    awards = awards_of(actor, tender)
    if not awards:
        return None
    bids = tender.bids.filter(state__in=OPENED).select_related("investor", "standing", "award")
    rows = list(bids.order_by("standing__rank", "submitted_at", "id"))
    people = list(tender.evaluators.filter(state__in=(EvaluatorState.FINISHED, EvaluatorState.EXCLUDED)))
    return Outcome(
        tender, awards, list(tender.criteria.all()), [bid for bid in rows if standing_of(bid)],
        [bid for bid in rows if not standing_of(bid)],
        [one for one in people if one.state == EvaluatorState.FINISHED],
        [one for one in people if one.state == EvaluatorState.EXCLUDED], list(tender.plots.order_by("number")),
    )  # fmt: skip


def standing_of(bid: Bid) -> Standing | None:
    """The rank of a bid; None before the award, and for what was not admitted."""
    return getattr(bid, "standing", None)


def marks_of(found: Outcome, bid: Bid) -> list[tuple[Criterion, Decimal]]:
    """The average marks of a bid by the criteria; none where it was not ranked."""
    standing = standing_of(bid)
    return [(one, Decimal(standing.marks[str(one.pk)])) for one in found.criteria] if standing else []


def award_to_decline(actor: Actor, award_id: uuid.UUID) -> Award:
    """Raises NotFound, Forbidden."""
    return award_policy.get(actor, "own", award_id, queryset=_with_companies(Award.objects.all()))


def award_to_revoke(actor: Actor, award_id: uuid.UUID) -> Award:
    """Raises NotFound, Forbidden."""
    return award_policy.get(actor, "judge", award_id, queryset=_with_companies(Award.objects.all()))


def actions_on(actor: Actor, award: Award) -> list[str]:
    """What the actor may do with an award, while its tender is not complete."""
    if award.tender.state != TenderState.AWARDED:
        return []
    sides = {
        side
        for side, rule in ((COMPANY, "own"), (LAND_OFFICE, "judge"))
        if award_policy.allows(actor, rule, award)
    }
    return AWARD.available(award.state, sides)


def stands_still(award: Award, now: datetime | None = None) -> bool:
    """Whether the days between the award and the contract still run."""
    return award.state == AwardState.ACTIVE and award.standstill_until > (now or timezone.now())


def _with_companies(rows: QuerySet[Award]) -> QuerySet[Award]:
    return rows.select_related("tender", "bid__investor")
