"""The award of a tender: the first in rank, after whom the next; the contract follows the standstill.

The order of locks is the tender, its awards, bids, then plots by their ids.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cluster_portal.common.background import enqueue
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.errors import AwardStands, EvaluationUnfinished, NobodyToAward, NothingAwarded
from investors.events import AWARD_ENDED, TENDER_AWARDED
from investors.models import Award, Bid, Standing
from investors.policies import award_policy
from investors.selectors.evaluation import are_disclosed
from investors.selectors.ranking import ranking
from investors.services.clock import lock_tender
from investors.services.plots import reserve_plot
from investors.states import AWARD, BID, TENDER, AwardState, BidState, PlotState, TenderState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from investors.models import Tender

#: What is entered of an award.
FIELDS = columns("reasons")


@service
def award_tender(actor: Actor, *, tender_id: uuid.UUID, data: dict[str, Any]) -> Award:
    """Award the first in rank, or the next one when the award before has ended; its plots are reserved.

    `data` holds FIELDS: the grounds, in Russian and in English. The standstill begins anew with each award.
    Raises NotFound, Forbidden, IllegalTransition, AwardStands, EvaluationUnfinished, NobodyToAward, Invalid.
    """
    tender, now = lock_tender(actor, "judge", tender_id)
    was = tender.state
    TENDER.move(tender, "award")
    if in_force(tender):
        raise AwardStands
    if was == TenderState.EVALUATION:
        _rank(tender)
    bid = _next(tender)
    award = Award(
        tender=tender, bid=bid, awarded_at=now, author_id=actor.user_id,
        standstill_until=now + timedelta(days=tender.standstill_days),
    )  # fmt: skip
    fill(award, data, FIELDS)
    for name in ("reasons_ru", "reasons_en"):
        require_words(name, getattr(award, name))
    award.save(force_insert=True)
    tender.save(update_fields=["state", "updated_at"])
    for plot in tender.plots.filter(state=PlotState.IN_TENDER).order_by("id").values_list("pk", flat=True):
        reserve_plot(actor, plot_id=plot)
    enqueue(TENDER_AWARDED, {"award": str(award.pk)})
    return award


@service
def decline_award(actor: Actor, *, award_id: uuid.UUID, reason: str) -> Award:
    """The winner withdraws before the tender is complete. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    return _end(actor, award_id, "own", "decline", reason)


@service
def revoke_award(actor: Actor, *, award_id: uuid.UUID, reason: str) -> Award:
    """The winner turns out not to be admissible. Raises as `decline_award`."""
    award = _end(actor, award_id, "judge", "revoke", reason)
    bid = Bid.objects.select_for_update(no_key=True).get(pk=award.bid_id)
    BID.move(bid, "disqualify")
    bid.judged, bid.judged_at, bid.judged_by_id = award.end_reason, award.ended_at, actor.user_id
    bid.save(update_fields=["state", "judged", "judged_at", "judged_by", "updated_at"])
    return award


def in_force(tender: Tender) -> Award | None:
    """The award that stands. The tender is locked."""
    return tender.awards.select_for_update(no_key=True).filter(state=AwardState.ACTIVE).first()


def require_award(tender: Tender) -> Award:
    """Raise NothingAwarded unless an award stands."""
    if (award := in_force(tender)) is None:
        raise NothingAwarded
    return award


def end_with_tender(tender: Tender, reason: str, now: datetime) -> None:
    """The tender is called off, and what was awarded with it."""
    if award := in_force(tender):
        AWARD.move(award, "revoke")
        _write_end(award, reason, now)


def _end(actor: Actor, award_id: uuid.UUID, rule: str, action: str, reason: str) -> Award:
    require_words("reason", reason)
    tender, now = lock_tender(actor, "view", award_policy.get(actor, rule, award_id).tender_id)
    # Once a tender is complete, its contract says how to leave it.
    TENDER.find(tender.state, "award")
    award = award_policy.get(actor, rule, award_id, lock=True)
    AWARD.move(award, action)
    _write_end(award, reason, now)
    enqueue(AWARD_ENDED, {"award": str(award.pk)})
    return award


def _write_end(award: Award, reason: str, now: datetime) -> None:
    award.ended_at, award.end_reason = now, reason.strip()[:300]
    award.save(update_fields=["state", "ended_at", "end_reason", "updated_at"])


def _rank(tender: Tender) -> None:
    """Keep the ranks as they are at the first award."""
    if not tender.bids.filter(state=BidState.QUALIFIED).exists():
        raise NobodyToAward
    if not are_disclosed(tender):
        raise EvaluationUnfinished
    Standing.objects.bulk_create(
        Standing(bid_id=place.bid, rank=place.rank, total=place.total, marks=place.marks)
        for place in ranking(tender)
    )


def _next(tender: Tender) -> Bid:
    rows = tender.bids.filter(state=BidState.QUALIFIED, award=None, standing__isnull=False)
    bid = rows.order_by("standing__rank").first()
    if bid is None:
        raise NobodyToAward
    return bid
