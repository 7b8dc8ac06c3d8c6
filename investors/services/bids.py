"""Sealed bids: submitted, replaced, confirmed after new terms, withdrawn; read by nobody but their company.

The order of locks is the tender, then its bids. What a bid says is in memory for the time of one call: it goes into no
column, log, message or answer but the company's own reading.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import fields
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from investors import sealing
from investors.errors import BiddingClosed
from investors.models import Bid, Envelope
from investors.policies import bid_policy, investor_policy
from investors.selectors.bids import opened_contents
from investors.services.clock import lock_tender
from investors.services.opening import about, sealed_of
from investors.services.sealed_files import place_files
from investors.states import BID, BidState, EnvelopeKind, TenderState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from investors.models import Tender
    from investors.services.sealed_files import ClosedFile

#: What each envelope holds.
CONTENTS: dict[str, dict[str, fields.Field]] = {
    EnvelopeKind.ELIGIBILITY: {
        "statement": fields.CharField(max_length=4000),
        "experience": fields.CharField(max_length=4000, required=False),
    },
    EnvelopeKind.OFFER: {
        "price": fields.DecimalField(max_digits=14, decimal_places=2, min_value=0),
        "investment": fields.DecimalField(max_digits=16, decimal_places=2, min_value=0),
        "jobs": fields.IntegerField(min_value=0, max_value=100_000),
        "starts_on": fields.DateField(),
        "plan": fields.CharField(max_length=8000),
    },
}


@service
def submit_bid(
    actor: Actor,
    *,
    tender_id: uuid.UUID,
    investor_id: uuid.UUID,
    eligibility: Mapping[str, Any],
    offer: Mapping[str, Any],
    files: Sequence[ClosedFile] = (),
) -> Bid:
    """Close both envelopes of a company that the land office has verified; what it had submitted is replaced, but for
    its files, to which `files` are added.

    Raises TooManyBidFiles, NotFound, Forbidden, BiddingClosed from the very moment in which the time is over, Invalid.
    """
    investor = investor_policy.get(actor, "act", investor_id)
    tender, now = _lock_open(actor, tender_id)
    contents = _checked({EnvelopeKind.ELIGIBILITY: eligibility, EnvelopeKind.OFFER: offer})
    bid = tender.bids.filter(investor=investor).first()
    if bid is None:
        bid, told = Bid(tender=tender, investor=investor), {}
    else:
        told = {kind: said_in(text).get("files", []) for kind, text in _texts_of(bid).items()}
        BID.move(bid, "replace")
    bid.version, bid.submitted_at, bid.author_id = tender.version, now, actor.user_id
    told = place_files(tender, bid, told, files)
    return close_envelopes(
        tender, bid, {kind: {**said, "files": told[kind]} for kind, said in contents.items()}
    )


@service
def replace_bid(
    actor: Actor, *, bid_id: uuid.UUID, eligibility: Mapping[str, Any], offer: Mapping[str, Any]
) -> Bid:
    """Close both envelopes of a bid anew. Raises as `submit_bid`."""
    bid = bid_policy.get(actor, "edit", bid_id)
    return submit_bid(
        actor, tender_id=bid.tender_id, investor_id=bid.investor_id, eligibility=eligibility, offer=offer
    )


def close_envelopes(tender: Tender, bid: Bid, contents: Mapping[str, Mapping[str, Any]]) -> Bid:
    """Seal what a bid says, and write the bid; `contents` were checked."""
    plain = {
        kind: sealing.canonical(
            {"files": [], **said, "salt": secrets.token_hex(16), "envelope": kind, "tender": tender.number}
        )
        for kind, said in contents.items()
    }
    bid.digest = sealing.digest(*(plain[kind] for kind in EnvelopeKind.values))
    bid.save()
    owner = sealing.owner_key(bid.investor_id.bytes)
    there = {envelope.kind: envelope for envelope in bid.envelopes.all()}
    for kind, text in plain.items():
        envelope = there.get(kind) or Envelope(bid=bid, kind=kind)
        sealed = sealing.seal(text, owner=owner, opening=bytes(tender.opening_key), about=about(envelope))
        envelope.content, envelope.owner_key, envelope.opening_key = (
            sealed.content, sealed.owner_key, sealed.opening_key,
        )  # fmt: skip
        envelope.save()
    return bid


@service
def confirm_bid(actor: Actor, *, bid_id: uuid.UUID) -> Bid:
    """The bid stands for the new terms as it is. Raises NotFound, Forbidden, BiddingClosed, IllegalTransition."""
    bid, tender, now = lock_own(actor, bid_id)
    BID.move(bid, "confirm")
    bid.version, bid.submitted_at, bid.author_id = tender.version, now, actor.user_id
    bid.save(update_fields=["state", "version", "submitted_at", "author", "updated_at"])
    return bid


@service
def withdraw_bid(actor: Actor, *, bid_id: uuid.UUID) -> Bid:
    """Take a bid back, before the time is over; it is never opened. Raises as `confirm_bid`."""
    bid, _tender, _now = lock_own(actor, bid_id)
    BID.move(bid, "withdraw")
    bid.save(update_fields=["state", "updated_at"])
    return bid


def outdate_bids(tender: Tender) -> None:
    """The terms were changed: what was submitted waits for its companies. The tender is locked."""
    for bid in tender.bids.filter(state=BidState.SUBMITTED).order_by("id"):
        BID.move(bid, "outdate")
        bid.save(update_fields=["state", "updated_at"])


def read_bid(actor: Actor, bid_id: uuid.UUID) -> tuple[Bid, dict[str, str]]:
    """A company's own bid, and the canonical text of each envelope. Raises NotFound, Forbidden."""
    bid = bid_policy.get(actor, "own", bid_id, queryset=Bid.objects.select_related("tender", "investor"))
    return bid, _texts_of(bid)


def _texts_of(bid: Bid) -> dict[str, str]:
    key = sealing.owner_key(bid.investor_id.bytes)
    return {
        envelope.kind: sealing.read_as_owner(sealed_of(envelope), key, about(envelope)).decode()
        for envelope in bid.envelopes.all()
    }


def contents_of(actor: Actor, bid: Bid) -> dict[str, dict[str, Any]]:
    """What a bid that the actor sees says: to its company always, to others once it is open, and the offer once it is
    admitted. Raises Forbidden.
    """
    if bid_policy.allows(actor, "own", bid):
        return {kind: said_in(text) for kind, text in read_bid(actor, bid.pk)[1].items()}
    return opened_contents(bid_policy.get(actor, "read", bid.pk))


def whole(texts: Mapping[str, str]) -> bytes:
    """Both envelopes as one file, of which the digest is."""
    return "\n".join(texts[kind] for kind in EnvelopeKind.values).encode()


def said_in(text: str) -> dict[str, Any]:
    """What a canonical text says."""
    return json.loads(text)


def _lock_open(actor: Actor, tender_id: uuid.UUID) -> tuple[Tender, datetime]:
    tender, now = lock_tender(actor, "view", tender_id)
    if tender.state != TenderState.BIDDING:
        raise BiddingClosed
    return tender, now


def lock_own(actor: Actor, bid_id: uuid.UUID) -> tuple[Bid, Tender, datetime]:
    """An own bid and its tender, both locked, and the moment. Raises NotFound, Forbidden, BiddingClosed."""
    tender, now = _lock_open(actor, bid_policy.get(actor, "edit", bid_id).tender_id)
    return bid_policy.get(actor, "edit", bid_id, lock=True), tender, now


def _checked(entered: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What may stand in the envelopes, as text where JSON has no type for it. Raises Invalid with names of fields."""
    found: dict[str, dict[str, Any]] = {}
    errors: dict[str, list[Any]] = {}
    for kind, known in CONTENTS.items():
        errors |= {name: [_("There is no such field.")] for name in set(entered[kind]) - set(known)}
        found[kind] = {}
        for name, field in known.items():
            try:
                value = field.clean(entered[kind].get(name))
            except ValidationError as exc:
                errors[name] = exc.messages
            else:
                found[kind][name] = value if isinstance(value, int) else str(value)
    if errors:
        raise Invalid(errors)
    return found
