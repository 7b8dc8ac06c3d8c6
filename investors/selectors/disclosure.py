"""What may be published of a tender's bids: how many were opened, and after the award whose they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from investors.models import Envelope
from investors.selectors.awards import outcome_in
from investors.states import TOGETHER, EnvelopeKind, EvaluatorState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from investors.models import Tender
    from investors.selectors.awards import Outcome


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`opened_at` and `number` of opened bids, `judged_at` when the last evaluator finished; `outcome` and the offered
    `prices` (by bid, as text) after the first award.
    """

    opened_at: datetime
    number: int
    judged_at: datetime | None
    outcome: Outcome | None
    prices: dict[uuid.UUID, str]


def disclosure_of(actor: Actor, tender: Tender) -> Disclosure | None:
    """What is public of the bids of a tender that the actor sees; None while they are sealed."""
    confirmed = tender.key_parts.filter(confirmed_at__isnull=False).order_by("confirmed_at")
    moments = list(confirmed.values_list("confirmed_at", flat=True))
    if len(moments) < TOGETHER:
        return None
    outcome = outcome_in(actor, tender)
    prices = {}
    if outcome:
        offers = Envelope.objects.filter(bid__award__tender=tender, kind=EnvelopeKind.OFFER)
        prices = {one.bid_id: one.opened["price"] for one in offers}
    judged = tender.evaluators.filter(state=EvaluatorState.FINISHED).aggregate(at=Max("finished_at"))["at"]
    number = tender.bids.filter(opened_at__isnull=False).count()
    return Disclosure(moments[TOGETHER - 1], number, judged if outcome else None, outcome, prices)
