"""JPEG and PNG: walked from end to end, and copied without what a picture does not need.

Where and when a photograph was taken, by which device, small previews, comments and whatever stands behind the end of
the picture are left out; its points are copied as they are. Of a JPEG's data the turn of the camera stays.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

from PIL import Image

from cluster_portal.files.contents import CHUNK
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import MAX_POINTS, MAX_UNPACKED

if TYPE_CHECKING:
    from cluster_portal.files.contents import Part, View

EXIF, ORIENTATION = b"Exif\0\0", 0x0112
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_SOS, _EOI = 0xDA, 0xD9
#: Markers that say how large the picture is: the frames of every way of coding.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Passes in which a picture is built up; some thousands of them would keep a reader's machine busy for hours.
MAX_SCANS = 200
_next_marker = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def check_points(width: int, height: int) -> None:
    """Raise FileRefused for a picture of no points, or of more than a reader's machine can take."""
    if not width or not height:
        raise FileRefused("damaged")
    if width * height > MAX_POINTS:
        raise FileRefused("points")


def jpeg(view: View) -> list[Part]:
    """The picture and the profile of its colours; of the rest only which way it is turned. Raises FileRefused."""
    parts: list[Part] = [view[:2]]
    at, framed, scans = 2, False, 0
    while True:
        if view[at] != 0xFF:
            raise FileRefused("damaged")
        while view[at + 1] == 0xFF:
            at += 1
        marker = view[at + 1]
        if marker == _EOI:
            break
        (length,) = struct.unpack(">H", _bytes(view, at + 2, 2))
        end = at + 2 + length
        if length < 2 or end > len(view):
            raise FileRefused("damaged")
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", _bytes(view, at + 5, 4))
            check_points(width, height)
            framed = True
        if marker == _SOS:
            found = _next_marker.search(view, end)
            if found is None or not framed:
                raise FileRefused("damaged")
            end, scans = found.start(), scans + 1
            if scans > MAX_SCANS:
                raise FileRefused("pages")
        if part := _segment(view, at, end, marker):
            parts.append(part)
        at = end
    if not scans:
        raise FileRefused("damaged")
    return [*parts, b"\xff\xd9"]


def _segment(view: View, at: int, end: int, marker: int) -> Part | None:
    """What is kept of a segment."""
    if not (_APP0 <= marker <= _APP15 or marker == _COM):
        return slice(at, end)
    head = view[at + 4 : min(end, at + 16)]
    if marker == _APP1 and head.startswith(EXIF):
        return _turned(view[at + 4 : end])
    needed = (
        (marker == _APP0 and head.startswith(b"JFIF\0"))
        or (marker == _APP2 and head.startswith(b"ICC_PROFILE\0"))
        or (marker == _APP14 and head.startswith(b"Adobe"))
    )
    return slice(at, end) if needed else None


def _turned(data: bytes) -> bytes | None:
    """A segment that says nothing but how the camera was turned; None where it stood upright."""
    exif = Image.Exif()
    try:
        exif.load(data)
        turn = exif.get(ORIENTATION)
    except Exception:  # Pillow's own errors are of many kinds, and a photograph without its turn is still one
        return None
    if turn not in range(2, 9):
        return None
    kept = Image.Exif()
    kept[ORIENTATION] = turn
    body = kept.tobytes()
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body


def _bytes(view: View, at: int, length: int) -> bytes:
    found = view[at : at + length]
    if len(found) != length:
        raise FileRefused("damaged")
    return found


#: Chunks that say what the points look like; all others are metadata.
_CHUNKS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD"}
)
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
#: The seven passes of an interlaced picture: first column and row, steps between them.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(view: View) -> list[Part]:
    """The picture without texts and other metadata; its points are unpacked once, to see that they are what it says.

    Raises FileRefused.
    """
    parts: list[Part] = [view[:8]]
    at, left, inflate = 8, -1, zlib.decompressobj()
    while True:
        length, kind = struct.unpack(">I4s", _bytes(view, at, 8))
        end = at + 12 + length
        if end > len(view) or (at == 8) != (kind == b"IHDR"):
            raise FileRefused("damaged")
        checksum = zlib.crc32(kind)
        for start in range(at + 8, end - 4, CHUNK):
            piece = view[start : min(start + CHUNK, end - 4)]
            checksum = zlib.crc32(piece, checksum)
            if kind == b"IDAT":
                left -= _inflated(inflate, piece, left)
        if checksum != int.from_bytes(view[end - 4 : end], "big"):
            raise FileRefused("damaged")
        if kind == b"IHDR":
            left = _raw_size(_bytes(view, at + 8, 13))
        if kind in _CHUNKS:
            parts.append(slice(at, end))
        elif not kind[0] & 0x20:
            # An unknown chunk without which the picture cannot be shown.
            raise FileRefused("damaged")
        at = end
        if kind == b"IEND":
            break
    if left != 0:
        raise FileRefused("damaged")
    return parts


def _inflated(inflate: zlib._Decompress, piece: bytes, left: int) -> int:
    """How many bytes of points a piece unpacks to. Raises FileRefused where they are more than `left`."""
    found = 0
    try:
        while piece and not inflate.eof:
            found += len(inflate.decompress(piece, CHUNK * 16))
            if found > left:
                raise FileRefused("unpacked")
            piece = inflate.unconsumed_tail
    except zlib.error as exc:
        raise FileRefused("damaged") from exc
    return found


def _raw_size(header: bytes) -> int:
    """Bytes of the unpacked points. Raises FileRefused where they are too many."""
    width, height, depth, colours, packing, filtering, interlaced = struct.unpack(">IIBBBBB", header)
    check_points(width, height)
    if colours not in _SAMPLES or depth not in (1, 2, 4, 8, 16) or packing or filtering or interlaced > 1:
        raise FileRefused("damaged")
    bits = depth * _SAMPLES[colours]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    size = 0
    for column, row, across, down in passes:
        columns, rows = -(-(width - column) // across), -(-(height - row) // down)
        if columns > 0 and rows > 0:
            size += rows * (1 + (columns * bits + 7) // 8)
    if size > 4 * MAX_UNPACKED:
        raise FileRefused("points")
    return size
