"""What a company sees of its bids, and the offices of bids that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from investors.models import Bid, Investor
from investors.policies import bid_policy, investor_policy, tender_policy
from investors.states import BID, COMPANY, TenderState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import KeyPart, Tender


def visible_bids(actor: Actor) -> QuerySet[Bid]:
    """A company's own bids; to the offices, those that were opened."""
    return bid_policy.queryset(actor).select_related("investor", "tender")


def own_bids(actor: Actor, tender: Tender) -> list[Bid]:
    """The bids of the companies for which the actor acts."""
    rows = bid_policy.queryset(actor, "own").filter(tender=tender)
    return list(rows.select_related("investor", "tender").order_by("created_at"))


def opened_bids(actor: Actor, tender: Tender) -> list[Bid]:
    """The bids of a tender whose envelopes were opened, with them, in the order of their coming."""
    rows = visible_bids(actor).filter(tender=tender, opened_at__isnull=False)
    return list(rows.prefetch_related("envelopes").order_by("submitted_at", "id"))


def bidders_of(actor: Actor) -> list[Investor]:
    """The verified companies for which the actor may bid."""
    return list(investor_policy.queryset(actor, "act").order_by("name_ru", "id").distinct())


def tender_to_bid_in(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound."""
    return tender_policy.get(actor, "view", tender_id)


def tender_to_open(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound, Forbidden."""
    return tender_policy.get(actor, "open", tender_id)


def actions_on(actor: Actor, bid: Bid) -> list[str]:
    """What the actor may do with a bid at this moment, by the clock."""
    if bid.tender.phase(timezone.now()) != TenderState.BIDDING:
        return []
    own = bid_policy.allows(actor, "edit", bid)
    return BID.available(bid.state, {COMPANY} if own else ())


def part_of(actor: Actor, tender: Tender) -> KeyPart | None:
    """The actor's own part of the key."""
    return tender.key_parts.filter(user=actor.user_id).first()
