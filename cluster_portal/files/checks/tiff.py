"""TIFF: every page is where the file says, and none is too large. Stored as it is, its descriptions too."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from cluster_portal.files.checks.pictures import check_points
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import MAX_PAGES

if TYPE_CHECKING:
    from cluster_portal.files.contents import Part, View

_WIDTH, _HEIGHT, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 256, 257, 273, 279, 324, 325
_WANTED = frozenset({_WIDTH, _HEIGHT, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES})
#: Bytes and letters of the two types of numbers that these tags have.
_NUMBERS = {3: (2, "H"), 4: (4, "I")}
#: Stretches of points in one page.
MAX_STRETCHES = 100_000


def check(view: View) -> list[Part]:
    """The whole file as it is. Raises FileRefused."""
    order = "<" if view[:2] == b"II" else ">"
    at, seen = _unpack(view, order + "I", 4)[0], set()
    while at:
        if at in seen:
            raise FileRefused("damaged")
        if len(seen) == MAX_PAGES:
            raise FileRefused("pages")
        seen.add(at)
        at = _page(view, order, at)
    if not seen:
        raise FileRefused("damaged")
    return [slice(0, len(view))]


def _page(view: View, order: str, at: int) -> int:
    """Check one page; gives where the next one is described, 0 behind the last."""
    (number,) = _unpack(view, order + "H", at)
    tags: dict[int, tuple[int, ...]] = {}
    for entry in range(at + 2, at + 2 + 12 * number, 12):
        tag, kind, count = _unpack(view, order + "HHI", entry)
        if tag in _WANTED:
            tags[tag] = _numbers(view, order, entry, kind, count)
    check_points(*(tags.get(tag, (0,))[0] for tag in (_WIDTH, _HEIGHT)))
    starts = tags.get(_STRIPS) or tags.get(_TILES)
    sizes = tags.get(_STRIP_SIZES) or tags.get(_TILE_SIZES)
    if not starts or not sizes or len(starts) != len(sizes):
        raise FileRefused("damaged")
    if any(start + size > len(view) for start, size in zip(starts, sizes, strict=True)):
        raise FileRefused("damaged")
    return _unpack(view, order + "I", at + 2 + 12 * number)[0]


def _numbers(view: View, order: str, entry: int, kind: int, count: int) -> tuple[int, ...]:
    if kind not in _NUMBERS or not count:
        raise FileRefused("damaged")
    if count > MAX_STRETCHES:
        raise FileRefused("pages")
    size, letter = _NUMBERS[kind]
    place = entry + 8 if size * count <= 4 else _unpack(view, order + "I", entry + 8)[0]
    return _unpack(view, f"{order}{count}{letter}", place)


def _unpack(view: View, what: str, at: int) -> tuple[int, ...]:
    data = view[at : at + struct.calcsize(what)]
    if len(data) != struct.calcsize(what):
        raise FileRefused("damaged")
    return struct.unpack(what, data)
