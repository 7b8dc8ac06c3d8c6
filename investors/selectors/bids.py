"""What a company sees of its bids, and the offices of bids that are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Forbidden, NotFound
from investors.errors import KeyPartMissing, OpeningTooEarly
from investors.models import Bid, Investor
from investors.policies import bid_policy, investor_policy, tender_policy
from investors.states import (
    BID,
    COMPANY,
    LAND_OFFICE,
    OPEN_TERMS,
    SEES_OFFERS,
    TOGETHER,
    BidState,
    EnvelopeKind,
    EvaluatorState,
    TenderState,
)

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import KeyPart, Plot, Tender


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening of a tender's bids. `bids` were opened, in the order of their coming, what each says in `said`;
    `closed` never are.
    """

    tender: Tender
    plots: list[Plot]
    officials: list[KeyPart]
    bids: list[Bid]
    closed: list[Bid]

    @property
    def opened_at(self) -> datetime:
        """When the second official confirmed."""
        return self.officials[-1].confirmed_at


def visible_bids(actor: Actor) -> QuerySet[Bid]:
    """A company's own bids; to the offices, those that were opened."""
    return bid_policy.queryset(actor).select_related("investor", "tender", "standing")


def own_bids(actor: Actor, tender: Tender) -> list[Bid]:
    """The bids of the companies for which the actor acts."""
    rows = bid_policy.queryset(actor, "own").filter(tender=tender)
    return list(rows.select_related("investor", "tender").order_by("created_at"))


def opened_bids(actor: Actor, tender: Tender) -> list[Bid]:
    """The bids of a tender whose envelopes were opened, with them, in the order of their coming.

    None to an official who is to judge them and has not declared that no conflict stands in the way.
    """
    rows = bid_policy.queryset(actor, "read").filter(tender=tender, opened_at__isnull=False)
    return list(rows.select_related("investor").prefetch_related("envelopes").order_by("submitted_at", "id"))


def may_read(actor: Actor, tender: Tender) -> bool:
    """Whether an official reads opened bids: not while the own declaration as an evaluator is awaited or a conflict."""
    return not tender.evaluators.filter(user=actor.user_id).exclude(state__in=SEES_OFFERS).exists()


def opening_of(actor: Actor, tender_id: uuid.UUID) -> Opening:
    """How the bids of a tender were opened. Raises NotFound, also before they are, and Forbidden. Seven queries."""
    tender = tender_to_open(actor, tender_id)
    officials = list(tender.key_parts.filter(confirmed_at__isnull=False).order_by("confirmed_at"))
    if len(officials) < TOGETHER:
        raise NotFound
    if not may_read(actor, tender):
        raise Forbidden
    bids = opened_bids(actor, tender)
    for bid in bids:
        bid.said = opened_contents(bid)
    closed = tender.bids.filter(opened_at__isnull=True)
    return Opening(tender, list(tender.plots.order_by("number")), officials, bids, list(closed))


def opened_contents(bid: Bid) -> dict[str, dict[str, Any]]:
    """What an opened bid says to those who judge: the second envelope only once the first was good enough."""
    return {
        one.kind: one.opened
        for one in bid.envelopes.all()
        if one.kind == EnvelopeKind.ELIGIBILITY or bid.state == BidState.QUALIFIED
    }


def bidders_of(actor: Actor) -> list[Investor]:
    """The verified companies for which the actor may bid."""
    return list(investor_policy.queryset(actor, "act").order_by("name_ru", "id").distinct())


def tender_to_bid_in(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound."""
    return tender_policy.get(actor, "view", tender_id)


def bid_to_edit(actor: Actor, bid_id: uuid.UUID) -> Bid:
    """A company's own bid. Raises NotFound, Forbidden."""
    return bid_policy.get(actor, "edit", bid_id, queryset=Bid.objects.select_related("tender", "investor"))


def tender_to_open(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound, Forbidden."""
    return tender_policy.get(actor, "open", tender_id)


def no_opening(actor: Actor, tender: Tender) -> Any:
    """Why the actor has nothing to confirm at this moment, in words; empty where a code is awaited."""
    now = timezone.now()
    if tender.phase(now) != TenderState.OPENING:
        return OpeningTooEarly.title if tender.phase(now) in OPEN_TERMS else _("The envelopes are open")
    if now < tender.opening_at:
        return OpeningTooEarly.title
    part = part_of(actor, tender)
    if part is None:
        return KeyPartMissing.title
    return _("You have confirmed. A second official is awaited.") if part.confirmed_at else ""


def actions_on(actor: Actor, bid: Bid) -> list[str]:
    """What the actor may do with a bid at this moment, by the clock."""
    phase = bid.tender.phase(timezone.now())
    if phase == TenderState.EVALUATION and bid.opened_at:
        sides = {LAND_OFFICE} if bid_policy.allows(actor, "judge", bid) else set()
    elif phase == TenderState.BIDDING:
        sides = {COMPANY} if bid_policy.allows(actor, "edit", bid) else set()
    else:
        return []
    found = BID.available(bid.state, sides)
    if "withdraw" in found:
        # What stands may get other files.
        found.append("files")
    if "qualify" in found and bid.tender.evaluators.filter(state=EvaluatorState.FINISHED).exists():
        # It would lack the marks of those who have finished.
        found.remove("qualify")
    return found


def part_of(actor: Actor, tender: Tender) -> KeyPart | None:
    """The actor's own part of the key."""
    return tender.key_parts.filter(user=actor.user_id).first()
