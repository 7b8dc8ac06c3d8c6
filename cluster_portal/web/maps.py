"""Maps drawn on the server: outlines of each cluster's region, a projection, pins and where their names fit.

`frame("sakhalin", 800, 600)` is a drawing of 800 × 600 units (an SVG's viewBox); `frame.xy(lon, lat)` places a
point on it, `frame.own` and `frame.other` are the paths of the cluster's own and of other land. Mercator, so shapes
keep their angles. The data come from `manage.py build_outlines`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cluster_portal.common.translated import LANGUAGES, current_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DATA = Path(__file__).parent / "data" / "outlines"

#: West, south, east, north in degrees; left, top, right, bottom in units of the drawing.
Box = tuple[float, float, float, float]

#: A point of an outline closer to the one before than this (units of the drawing) is left out.
DETAIL = 0.6
#: An island smaller than this (units) is not drawn.
SPECK = 0.8
#: How finely a drawing knows where its land is (units).
CELL = 6


def mercator(lat: float) -> float:
    """The northing of a latitude, in degrees at the equator."""
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))


def _latitude(northing: float) -> float:
    """The other way round."""
    return math.degrees(2 * math.atan(math.exp(math.radians(northing))) - math.pi / 2)


@cache
def outlines(slug: str) -> dict | None:
    """The region's rings as lists of (longitude, latitude) in degrees, or None where nobody drew the region."""
    path = DATA / f"{slug}.json"
    if not path.is_file():
        return None
    data = json.loads(path.read_text())
    return {
        "bounds": tuple(data["bounds"]),
        "landlocked": data["landlocked"],
        "own": [_decode(ring) for ring in data["own"]],
        "other": [_decode(ring) for ring in data["other"]],
        "rivers": [_decode(line) for line in data["rivers"]],
        "towns": [tuple(town) for town in data["towns"]],
    }


def _decode(flat: list[int]) -> list[tuple[float, float]]:
    lon = lat = 0
    ring = []
    for dlon, dlat in zip(flat[::2], flat[1::2], strict=True):
        lon, lat = lon + dlon, lat + dlat
        ring.append((lon / 1000, lat / 1000))
    return ring


def beyond(slug: str, lon: float, lat: float) -> float | None:
    """How far a place lies outside of the region's own land, in kilometres, 0 inside; None where nobody drew it."""
    known = outlines(slug)
    if not known or not known["own"]:
        return None
    wide = math.cos(math.radians(lat))
    nearest = math.inf
    for ring in known["own"]:
        inside = False
        # In degrees of latitude from the place, east and west shortened as they are there.
        points = [((x - lon) * wide, y - lat) for x, y in ring]
        for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
            if (y1 <= 0) != (y2 <= 0) and x1 - y1 * (x2 - x1) / (y2 - y1) > 0:
                inside = not inside
            length = (x2 - x1) ** 2 + (y2 - y1) ** 2
            along = -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length if length else 0
            along = min(1, max(0, along))
            nearest = min(nearest, math.hypot(x1 + along * (x2 - x1), y1 + along * (y2 - y1)))
        if inside:
            return 0.0
    return nearest * 111.2


@dataclass(frozen=True, eq=False)
class Frame:
    """A drawing of a part of the world: `width` × `height` units, `scale` units a degree at the equator."""

    slug: str
    width: float
    height: float
    scale: float
    left: float = 0.0
    top: float = 0.0

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies, units from the drawing's top left corner."""
        return round(lon * self.scale - self.left, 1), round(self.top - mercator(lat) * self.scale, 1)

    def shows(self, lon: float, lat: float, margin: float = 0) -> bool:
        """Whether a point lies on the drawing, `margin` units from its edge."""
        x, y = self.xy(lon, lat)
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin

    @property
    def bounds(self) -> Box:
        """What it shows, in degrees."""
        south, north = (_latitude((self.top - y) / self.scale) for y in (self.height, 0))
        return self.left / self.scale, south, (self.left + self.width) / self.scale, north

    def path(self, points: Iterable[tuple[float, float]], *, closed: bool = True) -> str:
        """The path (`d`) along points of longitude and latitude."""
        steps = "L".join(f"{x:g} {y:g}" for x, y in (self.xy(lon, lat) for lon, lat in points))
        return f"M{steps}{'z' if closed else ''}"

    @cached_property
    def own(self) -> str:
        """The path (`d`) of the cluster's own land."""
        return self._path("own")

    @cached_property
    def other(self) -> str:
        """The path of everybody else's land, as far as the drawing shows it."""
        return self._path("other")

    @cached_property
    def rivers(self) -> str:
        """The path of the region's rivers."""
        return self._path("rivers", closed=False)

    @property
    def towns(self) -> list[tuple[float, float, str]]:
        """The region's towns on the drawing, the more important ones first: x, y, the name as readers call it."""
        column = 2 + LANGUAGES.index(current_language())
        found = ((*self.xy(*town[:2]), town[column]) for town in (outlines(self.slug) or {}).get("towns", ()))
        return [(x, y, name) for x, y, name in found if 0 <= x <= self.width and 0 <= y <= self.height]

    def on_own_land(self, box: Box) -> bool:
        """Whether a part of the drawing touches the cluster's own land (to a grid of `CELL` units)."""
        columns = range(int(box[0] // CELL), int(box[2] // CELL) + 1)
        rows = range(int(box[1] // CELL), int(box[3] // CELL) + 1)
        return any((column, row) in self._own_cells for row in rows for column in columns)

    @cached_property
    def _own_cells(self) -> set[tuple[int, int]]:
        """The cells of the grid whose middle line crosses the own land."""
        cells: set[tuple[int, int]] = set()
        for ring in (outlines(self.slug) or {}).get("own", ()):
            points = [self.xy(lon, lat) for lon, lat in ring]
            edges = list(zip(points, [*points[1:], points[0]], strict=True))
            ys = [y for _, y in points]
            for row in range(int(min(ys) // CELL), int(max(ys) // CELL) + 1):
                y = (row + 0.5) * CELL
                crossings = sorted(
                    x1 + (y - y1) * (x2 - x1) / (y2 - y1)
                    for (x1, y1), (x2, y2) in edges
                    if (y1 <= y) != (y2 <= y)
                )
                for start, end in zip(crossings[::2], crossings[1::2], strict=False):
                    cells.update((column, row) for column in range(int(start // CELL), int(end // CELL) + 1))
        return cells

    @property
    def landlocked(self) -> bool:
        """Whether all around is land: `other` is empty then, and the background is land, not sea."""
        return bool((outlines(self.slug) or {}).get("landlocked"))

    @cached_property
    def viewbox(self) -> str:
        return f"0 0 {self.width:g} {self.height:g}"

    def km(self, kilometres: float, lat: float) -> float:
        """How long a distance is on the drawing at a latitude (for a scale bar)."""
        return kilometres / (111.32 * math.cos(math.radians(lat))) * self.scale

    def _path(self, kind: str, *, closed: bool = True) -> str:
        parts = []
        for ring in (outlines(self.slug) or {}).get(kind, ()):
            points = [self.xy(lon, lat) for lon, lat in ring]
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if max(xs) < 0 or min(xs) > self.width or max(ys) < 0 or min(ys) > self.height:
                continue
            if max(max(xs) - min(xs), max(ys) - min(ys)) < SPECK:
                continue
            parts.append(_drawn(points, closed=closed))
        return "".join(parts)


def _drawn(points: list[tuple[float, float]], *, closed: bool) -> str:
    """A path in whole tenths, relative, without steps too small to see."""
    x0, y0 = (round(c * 10) for c in points[0])
    text = [f"M{x0 / 10:g} {y0 / 10:g}l"]
    steps = []
    for x, y in points[1:]:
        dx, dy = round(x * 10) - x0, round(y * 10) - y0
        if abs(dx) + abs(dy) >= DETAIL * 10:
            steps.append(f"{_short(dx)} {_short(dy)}")
            x0, y0 = x0 + dx, y0 + dy
    return "".join([*text, " ".join(steps).replace(" -", "-"), "z" if closed else ""]) if steps else ""


def _short(tenths: int) -> str:
    """Tenths of a unit as SVG reads them: 5 → .5, -12 → -1.2."""
    return f"{tenths / 10:g}".replace("0.", ".") if abs(tenths) < 10 else f"{tenths / 10:g}"


@lru_cache(maxsize=256)
def frame(
    slug: str, width: float, height: float, room: Box | None = None, bounds: Box | None = None
) -> Frame | None:
    """The drawing on which `bounds` (degrees; the region's own ones by default) fill `room` as well as they can.

    `room` is a part of the drawing (left, top, right, bottom; all of it by default): what lies around is drawn too.
    None where nobody drew the region and no bounds are given.
    """
    known = outlines(slug)
    bounds = bounds or (known and known["bounds"])
    if bounds is None:
        return None
    west, south, east, north = bounds
    left, top, right, bottom = room or (0, 0, width, height)
    high, low = mercator(north), mercator(south)
    scale = min((right - left) / (east - west), (bottom - top) / (high - low))
    return Frame(
        slug=slug,
        width=width,
        height=height,
        scale=scale,
        left=(west + east) / 2 * scale - (left + right) / 2,
        top=(high + low) / 2 * scale + (top + bottom) / 2,
    )


def bounds_of(points: Iterable[tuple[float, float]], margin: float = 0.08) -> Box | None:
    """The box around (longitude, latitude) points with a margin (a share of its size, never less than 0.02°)."""
    points = list(points)
    if not points:
        return None
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    wide = max((max(lons) - min(lons)) * margin, 0.02)
    high = max((max(lats) - min(lats)) * margin, 0.02)
    return min(lons) - wide, min(lats) - high, max(lons) + wide, max(lats) + high


@dataclass
class Pin:
    """A point with a name: place it with `place_labels`, then draw the dot at x, y and the name at tx, ty."""

    x: float
    y: float
    text: str
    radius: float = 5
    size: float = 13
    #: Filled by `place_labels`; `anchor` is SVG's text-anchor. A name that finds no room is not `shown`.
    tx: float = 0
    ty: float = 0
    anchor: str = "start"
    shown: bool = False
    data: dict = field(default_factory=dict)


def place_labels(
    pins: list[Pin],
    width: float,
    height: float,
    taken: Iterable[Box] = (),
    avoid: Callable[[Box], bool] | None = None,
) -> list[Pin]:
    """Find room for each pin's name, the first pins first: right, left, below, above; else it is not shown.

    `taken` are boxes that no name may touch; nor may it touch what `avoid` says is not free. A name's width is
    estimated: 0.58 of the type size a letter.
    """
    used: list[Box] = [
        *taken,
        *((p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius) for p in pins),
    ]
    for pin in pins:
        wide, high, gap = len(pin.text) * pin.size * 0.58, pin.size, pin.radius + 5
        for anchor, x, y in (
            ("start", pin.x + gap, pin.y + high * 0.35),
            ("end", pin.x - gap, pin.y + high * 0.35),
            ("middle", pin.x, pin.y + gap + high * 0.8),
            ("middle", pin.x, pin.y - gap - high * 0.1),
            ("start", pin.x + gap, pin.y + high * 1.1),
            ("start", pin.x + gap, pin.y - high * 0.5),
            ("end", pin.x - gap, pin.y - high * 0.5),
            ("end", pin.x - gap, pin.y + high * 1.1),
        ):
            left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
            box = (left, y - high * 0.85, left + wide, y + high * 0.2)
            if box[0] < 4 or box[1] < 4 or box[2] > width - 4 or box[3] > height - 4:
                continue
            if any(_touch(box, other) for other in used) or (avoid and avoid(_core(box))):
                continue
            pin.tx, pin.ty, pin.anchor, pin.shown = round(x, 1), round(y, 1), anchor, True
            used.append(box)
            break
    return pins


def _core(box: Box) -> Box:
    """The part of a name's box that its letters fill: a coast may run under the first and the last one."""
    high = (box[3] - box[1]) * 0.25
    return box[0] + high * 2, box[1] + high, box[2] - high, box[3] - high


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def arc(x1: float, y1: float, x2: float, y2: float, bend: float = 0.18) -> str:
    """The path of a bowed line between two points; `bend` is the bow's height as a share of the length."""
    mx, my = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    return f"M{x1:g} {y1:g}Q{mx:.1f} {my:.1f} {x2:g} {y2:g}"
