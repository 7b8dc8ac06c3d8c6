"""DICOM (PS3.10): the preamble hides nothing, and the file says what it is of."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from cluster_portal.files.errors import FileRefused

if TYPE_CHECKING:
    from cluster_portal.files.contents import Part, View

_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_CLASS, _SYNTAX = (0x0002, 0x0002), (0x0002, 0x0010)
#: The one syntax that packs the file as a whole, behind which nothing can be seen.
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def check(view: View) -> list[Part]:
    """The whole file as it is, its data on the patient too: a picture without them is of no use. Raises FileRefused."""
    # The standard leaves 128 bytes to anybody; programs have been hidden there. A whole-slide image may begin as TIFF.
    preamble = view[:128]
    if preamble.strip(b"\0") and not preamble.startswith((b"II*\0", b"MM\0*")):
        raise FileRefused("mixed")
    at, found = 132, {}
    while at + 8 <= len(view):
        group, element, kind, length = struct.unpack("<HH2sH", view[at : at + 8])
        if group != 0x0002:
            break
        at += 8
        if kind in _LONG:
            (length,) = struct.unpack("<I", _bytes(view, at, 4))
            at += 4
        elif not (kind.isalpha() and kind.isupper()):
            raise FileRefused("damaged")
        value = _bytes(view, at, length)
        found[group, element] = value.rstrip(b"\0 ")
        at += length
    # There has to be something behind the description.
    if not found.get(_CLASS) or not found.get(_SYNTAX) or at + 8 > len(view):
        raise FileRefused("damaged")
    if found[_SYNTAX] == _DEFLATED:
        raise FileRefused("protected")
    return [slice(0, len(view))]


def _bytes(view: View, at: int, length: int) -> bytes:
    value = view[at : at + length]
    if len(value) != length:
        raise FileRefused("damaged")
    return value
