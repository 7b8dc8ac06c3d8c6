"""Files in the envelopes of bids: encrypted on their way into the storage, told of only in the envelope itself.

The plain bytes are checked and scanned as every file is (`files.storage.kept`), and are in memory or in a file without
a name meanwhile. They lie in the storage, not in the database: 20 MB pass piece by piece, and a dump of the database
stays small.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage

from cluster_portal.files.errors import ContentGone
from cluster_portal.files.formats import TRAITS, Format
from cluster_portal.files.storage import forget, kept
from investors import sealing
from investors.errors import TooManyBidFiles
from investors.models import SealedFile
from investors.states import EnvelopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.files.storage import Kept
    from investors.models import Bid, Tender

    #: What the envelopes of a bid tell of their files.
    Told = dict[str, list[dict[str, Any]]]

log = logging.getLogger(__name__)

#: What the field of an envelope's files is called in forms and errors.
FIELDS = {kind.value: f"{kind.value}_files" for kind in EnvelopeKind}


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A file that lies encrypted in the storage and waits for its envelope; `field` is where it was sent."""

    kind: str
    field: str
    kept: Kept
    key: bytes


@dataclass(frozen=True, slots=True)
class SaidFile:
    """What an envelope tells of a file; `size` (bytes) and `sha256` (hex) are of what is given out."""

    id: str
    name: str
    format: str
    size: int
    sha256: str
    kind: str = ""

    @property
    def envelope(self) -> Any:
        """In which one it lies, in words."""
        return EnvelopeKind(self.kind).label

    @property
    def content_type(self) -> str:
        """What it is served as."""
        return TRAITS[self.format].content_type

    @property
    def label(self) -> str:
        """The format's name."""
        return Format(self.format).label


class _Cipher:
    """Encrypts what is written, each file with a new key."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []

    def __call__(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        self.keys.append(sealing.new_key())
        return sealing.encrypt_stream(self.keys[-1], pieces)


@contextmanager
def closed_files(
    uploads: Mapping[str, Sequence[UploadedFile]], fields: Mapping[str, str] = FIELDS
) -> Iterator[list[ClosedFile]]:
    """Check the files of each envelope (by its kind) and write them encrypted; inside, a service places them.

    Stands around the service, as `files.storage.kept`. Raises FileRefused at the envelope's field, ScannerAway.
    """
    first, second = EnvelopeKind.values
    ciphers = {kind: _Cipher() for kind in EnvelopeKind.values}
    with (
        kept(uploads.get(first, ()), field=fields[first], through=ciphers[first]) as one,
        kept(uploads.get(second, ()), field=fields[second], through=ciphers[second]) as other,
    ):
        yield [
            ClosedFile(kind, fields[kind], file, key)
            for kind, files in ((first, one), (second, other))
            for file, key in zip(files, ciphers[kind].keys, strict=True)
        ]


def place_files(tender: Tender, bid: Bid, told: Told, files: Iterable[ClosedFile]) -> Told:
    """Write the rows of `files`, and tell what the envelopes hold with them. The tender is locked, `told` is read.

    A file of the same name takes the place of the one before; the very same one changes nothing. Raises TooManyBidFiles
    at the field.
    """
    owner = sealing.owner_key(bid.investor_id.bytes)
    found = {kind: list(told.get(kind, ())) for kind in EnvelopeKind.values}
    for file in files:
        there = found[file.kind]
        namesake = next((one for one in there if one["name"] == file.kept.name), None)
        if namesake is not None:
            # The same sent once more, too: its bytes are the new ones, whoever sent them first.
            there.remove(namesake)
            take_out(bid, namesake["id"])
        if len(there) >= SealedFile.MOST:
            raise TooManyBidFiles(file.field, SealedFile.MOST)
        row = SealedFile(bid=bid, kind=file.kind, path=file.kept.path)
        row.owner_key = sealing.wrap(owner, file.key, about_file(row))
        row.opening_key = sealing.seal_to(bytes(tender.opening_key), file.key, about_file(row))
        row.save(force_insert=True)
        there.append(_said(row, file.kept))
    return found


def take_out(bid: Bid, file_id: Any) -> None:
    """Delete the row of a bid's file, and its content after the commit."""
    for row in bid.files.filter(pk=file_id):
        forget(row)


def _said(row: SealedFile, file: Kept) -> dict[str, Any]:
    said = asdict(SaidFile(str(row.pk), file.name, file.format, file.size, file.sha256))
    del said["kind"]
    return said


def files_in(contents: Mapping[str, Any], kind: str) -> list[SaidFile]:
    """The files of which an envelope tells."""
    return [SaidFile(**said, kind=kind) for said in contents.get("files", ())]


def open_files(tender: Tender, private: bytes, state: str) -> None:
    """Bring the keys of the files of bids in `state` into the clear: the opening. Their contents stay as they lie."""
    for row in SealedFile.objects.filter(bid__tender=tender, bid__state=state):
        row.opened_key = sealing.open_with(private, bytes(row.opening_key), about_file(row))
        row.save(update_fields=["opened_key", "updated_at"])


def decrypted(row: SealedFile, key: bytes, size: int) -> Iterator[bytes]:
    """The content of a file, piece by piece. Raises ContentGone, before the first one where nothing can be read."""
    try:
        file = default_storage.open(row.path)
        pieces = sealing.decrypt_stream(key, file, size)
        first = next(pieces)
    except (FileNotFoundError, sealing.Unreadable) as exc:
        log.error("content of a bid's file is gone or spoilt", extra={"path": row.path})
        raise ContentGone from exc
    return _closing(file, chain((first,), pieces))


def _closing(file: Any, pieces: Iterable[bytes]) -> Iterator[bytes]:
    with file:
        yield from pieces


def about_file(row: SealedFile) -> bytes:
    """What the key of a file is bound to."""
    return row.bid_id.bytes + row.kind.encode() + row.pk.bytes
