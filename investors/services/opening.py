"""Who can open the bids of a tender, and the opening itself: two officials, each in a session of their own, after the
time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cluster_portal.common.background import enqueue
from cluster_portal.common.service import service
from investors import sealing
from investors.errors import (
    CodeDoesNotFit,
    KeyPartMissing,
    KeyPartTaken,
    OpeningTooEarly,
    TenderPublished,
)
from investors.events import TENDER_MOVED
from investors.models import Envelope, KeyPart
from investors.policies import tender_policy
from investors.services.clock import lock_tender
from investors.services.sealed_files import open_files
from investors.states import TENDER, TOGETHER, BidState, TenderState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from cluster_portal.common.actor import Actor
    from investors.models import Tender


@service
def take_key_part(actor: Actor, *, tender_id: uuid.UUID) -> tuple[KeyPart, str]:
    """The acting official will be one of those who open the bids. Returns the part and its code.

    The code is told here and never again; nothing but the code opens the part. Only in a draft: the parts are made when
    the tender is published. Raises NotFound, Forbidden, TenderPublished, KeyPartTaken.
    """
    tender = tender_policy.get(actor, "open", tender_id, lock=True)
    if tender.state != TenderState.DRAFT:
        raise TenderPublished
    if tender.key_parts.filter(user=actor.user_id).exists():
        raise KeyPartTaken
    code = sealing.new_code()
    _private, public = sealing.keys_of(code, tender.pk.bytes)
    part = KeyPart.objects.create(
        tender=tender, user_id=actor.user_id, official=actor.name, public_key=public
    )
    return part, code


@service
def give_up_key_part(actor: Actor, *, tender_id: uuid.UUID) -> None:
    """The code was lost, or others open the bids. Only in a draft. Raises NotFound, Forbidden, TenderPublished."""
    tender = tender_policy.get(actor, "open", tender_id, lock=True)
    if tender.state != TenderState.DRAFT:
        raise TenderPublished
    tender.key_parts.filter(user=actor.user_id).delete()


def lock_up(tender: Tender) -> None:
    """Make the opening key of a tender that is being published, and give each official a part of it.

    The private key exists only in here. The parts are at least TOGETHER (`tenders.publish_tender` asks).
    """
    private, tender.opening_key = sealing.new_opening_key()
    officials = list(tender.key_parts.all())
    for official, part in zip(officials, sealing.split(private, len(officials)), strict=True):
        official.sealed = sealing.seal_to(bytes(official.public_key), part, tender.pk.bytes)
        official.save(update_fields=["sealed", "updated_at"])


@service
def confirm_opening(actor: Actor, *, tender_id: uuid.UUID, code: str) -> Tender:
    """An official confirms that the bids are opened; with the second one they are.

    Raises NotFound, Forbidden, IllegalTransition, OpeningTooEarly, KeyPartMissing, CodeDoesNotFit.
    """
    tender, now = lock_tender(actor, "open", tender_id)
    TENDER.find(tender.state, "evaluate")
    if now < tender.opening_at:
        raise OpeningTooEarly
    own = tender.key_parts.filter(user=actor.user_id).first()
    if own is None:
        raise KeyPartMissing
    try:
        private, _public = sealing.keys_of(code, tender.pk.bytes)
        own.released = sealing.open_with(private, bytes(own.sealed), tender.pk.bytes)
    except sealing.Unreadable as exc:
        raise CodeDoesNotFit from exc
    own.confirmed_at = now
    own.save(update_fields=["released", "confirmed_at", "updated_at"])
    released = list(tender.key_parts.filter(released__isnull=False))
    if len(released) >= TOGETHER:
        _open(tender, sealing.join([bytes(part.released) for part in released[:TOGETHER]]), now)
        tender.key_parts.update(released=None)
    return tender


def _open(tender: Tender, private: bytes, now: datetime) -> None:
    """Open every envelope of the bids that stand; the others stay closed for ever."""
    rows: Sequence[Any] = Envelope.objects.filter(bid__tender=tender, bid__state=BidState.SUBMITTED)
    for envelope in rows:
        plain = sealing.read_at_opening(sealed_of(envelope), private, about(envelope))
        envelope.opened, envelope.opened_at = json.loads(plain), now
        envelope.save(update_fields=["opened", "opened_at"])
    open_files(tender, private, BidState.SUBMITTED)
    tender.bids.filter(state=BidState.SUBMITTED).update(opened_at=now)
    TENDER.move(tender, "evaluate")
    tender.save(update_fields=["state", "updated_at"])
    enqueue(TENDER_MOVED, {"tender": str(tender.pk), "state": tender.state})


def sealed_of(envelope: Envelope) -> sealing.Sealed:
    """An envelope as `sealing` takes it."""
    return sealing.Sealed(bytes(envelope.content), bytes(envelope.owner_key), bytes(envelope.opening_key))


def about(envelope: Envelope) -> bytes:
    """What an envelope is bound to: it opens neither in another bid nor as another part of its own."""
    return envelope.bid_id.bytes + envelope.kind.encode()
