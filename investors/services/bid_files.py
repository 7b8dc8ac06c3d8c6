"""A bid and its files: submitted together, added and taken out while bids are taken, read with their envelope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cluster_portal.common.errors import NotFound
from cluster_portal.common.service import service
from investors import sealing
from investors.errors import BiddingClosed
from investors.models import SealedFile
from investors.policies import bid_policy, investor_policy, sealed_file_policy, tender_policy
from investors.services import bids
from investors.services.sealed_files import (
    about_file,
    closed_files,
    decrypted,
    files_in,
    place_files,
    take_out,
)
from investors.states import BID, EnvelopeKind, TenderState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from investors.models import Bid
    from investors.services.sealed_files import ClosedFile, SaidFile


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that the actor may read: what its envelope tells of it, and its content, decrypted as it is read."""

    said: SaidFile
    pieces: Iterator[bytes]


def submit_with_files(
    actor: Actor, *, tender_id: uuid.UUID, investor_id: uuid.UUID, uploads: Mapping[str, Sequence[UploadedFile]],
    **envelopes: Mapping[str, Any],
) -> Bid:  # fmt: skip
    """As `bids.submit_bid`, with the files of each envelope. Raises FileRefused, TooManyBidFiles, ScannerAway too."""
    # Before the files are looked through; the service asks again under the lock.
    if tender_policy.get(actor, "view", tender_id).phase(timezone.now()) != TenderState.BIDDING:
        raise BiddingClosed
    investor_policy.get(actor, "act", investor_id)
    with closed_files(uploads) as files:
        return bids.submit_bid(actor, tender_id=tender_id, investor_id=investor_id, files=files, **envelopes)


def attach_files(
    actor: Actor, *, bid_id: uuid.UUID, envelope: str, uploads: Sequence[UploadedFile], field: str = "file"
) -> Bid:
    """Add files to an envelope of a bid; one of the same name is replaced.

    Raises NotFound, Forbidden, BiddingClosed, IllegalTransition for a bid that was withdrawn, FileRefused and
    TooManyBidFiles (at `field`), ScannerAway.
    """
    bid_policy.get(actor, "edit", bid_id)
    with closed_files({envelope: uploads}, dict.fromkeys(EnvelopeKind.values, field)) as files:
        return write_files(actor, bid_id=bid_id, files=files)


@service
def write_files(actor: Actor, *, bid_id: uuid.UUID, files: Sequence[ClosedFile]) -> Bid:
    """Place files that lie encrypted already (see `attach_files`)."""
    return _change(actor, bid_id, lambda tender, bid, told: place_files(tender, bid, told, files))


@service
def remove_file(actor: Actor, *, file_id: uuid.UUID) -> Bid:
    """Take a file out of its envelope, for good. Raises as `attach_files`."""
    row = sealed_file_policy.get(actor, "edit", file_id)

    def without(_tender: Any, bid: Bid, told: Any) -> Any:
        take_out(bid, row.pk)
        return {kind: [one for one in said if one["id"] != str(row.pk)] for kind, said in told.items()}

    return _change(actor, row.bid_id, without)


def _change(actor: Actor, bid_id: uuid.UUID, change: Any) -> Bid:
    """Close the envelopes of a bid anew with other files; whether its terms are confirmed stays as it is."""
    bid, tender, now = bids.lock_own(actor, bid_id)
    # What may be withdrawn stands, and may be changed.
    BID.find(bid.state, "withdraw")
    contents = {kind: bids.said_in(text) for kind, text in bids.read_bid(actor, bid.pk)[1].items()}
    told = change(tender, bid, {kind: said.get("files", []) for kind, said in contents.items()})
    bid.submitted_at, bid.author_id = now, actor.user_id
    return bids.close_envelopes(
        tender, bid, {kind: {**contents[kind], "files": told[kind]} for kind in contents}
    )


def files_of(actor: Actor, bid: Bid) -> list[SaidFile]:
    """The files of a bid that the actor reads: the company all, others what is open to them. Raises Forbidden."""
    contents = bids.contents_of(actor, bid)
    return [file for kind in EnvelopeKind.values for file in files_in(contents.get(kind) or {}, kind)]


def see_file(actor: Actor, file_id: uuid.UUID) -> OpenFile:
    """One file, to be given out. Raises NotFound, ContentGone."""
    row = sealed_file_policy.get(actor, "view", file_id, queryset=SealedFile.objects.select_related("bid"))
    said = next((one for one in files_of(actor, row.bid) if one.id == str(row.pk)), None)
    if said is None:
        raise NotFound
    if bid_policy.allows(actor, "own", row.bid):
        owner = sealing.owner_key(row.bid.investor_id.bytes)
        key = sealing.unwrap(owner, bytes(row.owner_key), about_file(row))
    else:
        key = bytes(row.opened_key)
    return OpenFile(said, decrypted(row, key, said.size))
