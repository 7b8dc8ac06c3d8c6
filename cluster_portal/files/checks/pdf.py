"""PDF: begins and ends as one, is not locked, and carries neither programs nor other files."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import MAX_UNPACKED

if TYPE_CHECKING:
    from cluster_portal.files.contents import Part, View

_version = re.compile(rb"%PDF-[12]\.\d")
_blank = re.compile(rb"[\x00\t\n\x0c\r ]*")
#: A name ends where one of these begins.
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%])"


def _name(text: bytes) -> bytes:
    """A pattern of a PDF name: each letter may be written as `#` and its number."""
    letters = b"".join(b"(?:%c|#%02x)" % (byte, byte) for byte in text)
    return b"/" + letters + _END


_active = re.compile(
    b"|".join(map(_name, (b"JavaScript", b"Launch", b"EmbeddedFile", b"RichMedia", b"XFA"))), re.IGNORECASE
)
_locked = re.compile(_name(b"Encrypt"), re.IGNORECASE)
_packed = re.compile(_name(b"ObjStm") + rb".{0,400}?stream\r?\n", re.DOTALL | re.IGNORECASE)
_filtered = re.compile(_name(b"Filter"), re.IGNORECASE)
_transformed = re.compile(_name(b"DecodeParms") + b"|" + _name(b"DP"), re.IGNORECASE)
#: Where the catalogue and the actions of a packed file lie; more of them in one file is no paper of a clinic.
MAX_PACKED = 20_000


def check(view: View) -> list[Part]:
    """The whole file as it is. Raises FileRefused."""
    if not _version.match(view):
        raise FileRefused("damaged")
    end = view.rfind(b"%%EOF")
    if end < 0 or view.rfind(b"startxref", max(0, end - 1024), end) < 0:
        raise FileRefused("damaged")
    # Something behind the end belongs to another format.
    if _blank.match(view, end + 5).end() != len(view):
        raise FileRefused("mixed")
    if _locked.search(view):
        raise FileRefused("protected")
    if _active.search(view):
        raise FileRefused("active")
    _look_into_packed(view)
    return [slice(0, len(view))]


def _look_into_packed(view: View) -> None:
    """Objects may be packed into streams, where plain search does not see them."""
    unpacked = 0
    for number, stream in enumerate(_packed.finditer(view)):
        if number > MAX_PACKED:
            raise FileRefused("pages")
        begun = view.rfind(b"obj", max(0, stream.start() - 400), stream.start())
        described = view[max(begun, 0) : stream.end()]
        if not _filtered.search(described):
            # Not packed at all: plain search has seen it.
            continue
        if _transformed.search(described):
            # Lawful, and used by nobody for these: what is inside would have to be put together first.
            raise FileRefused("damaged")
        end = view.find(b"endstream", stream.end())
        unpacked += _search(view[stream.end() : end if end >= 0 else len(view)], MAX_UNPACKED - unpacked)


def _search(packed: bytes, limit: int) -> int:
    """Unpack and search piece by piece; gives how many bytes there were.

    Raises FileRefused for what should not be there, more than `limit`, or packing of another kind than Flate's.
    """
    inflate, before, found = zlib.decompressobj(), b"", 0
    while packed and not inflate.eof:
        try:
            piece = inflate.decompress(packed, 1 << 20)
        except zlib.error as exc:
            raise FileRefused("damaged") from exc
        found += len(piece)
        if found > limit:
            raise FileRefused("unpacked")
        if _active.search(before + piece + b" "):
            raise FileRefused("active")
        before, packed = piece[-200:], inflate.unconsumed_tail
        if not piece:
            break
    return found
