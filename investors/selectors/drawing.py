"""Site plans: plots as they lie, drawn on the server like every map of the portal."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cluster_portal.common.translated import FALLBACK, current_language
from cluster_portal.web import maps
from investors import outlines
from investors.selectors.wording import hectares
from investors.states import PlotState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from investors.models import Plot, Site

#: More plots than these are drawn as small squares, one path for each state: one looks closer to tell them apart.
MOST_SHAPES = 400
#: The parts into which such a drawing is divided, in units: wide enough for a finger on a telephone.
CELL = 110
#: Room that a number and an area need inside a plot, in units of the drawing.
NUMBER_ROOM, AREA_ROOM = (22, 16), (62, 44)
SCALES = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
#: How near one may look, in degrees from side to side (some thirty metres).
NEAREST = 0.0005


@dataclass(slots=True)
class Shape:
    """A plot on the drawing: `x`, `y` is where its number stands, `wide` whether its area stands below."""

    plot: Plot
    d: str
    x: float
    y: float
    named: bool
    wide: bool
    faded: bool = False
    selected: bool = False

    @property
    def area(self) -> str:
        return hectares(self.plot.area)


@dataclass(slots=True)
class Feature:
    """Something of the site plan: a park, water, a street."""

    kind: str
    d: str
    name: str = ""
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Cell:
    """A part of a plan with too many plots to tell apart: how many it has, and the address that looks closer."""

    number: int
    x: float
    y: float
    width: float
    height: float
    box: str

    @property
    def middle(self) -> tuple[float, float]:
        return round(self.x + self.width / 2, 1), round(self.y + self.height / 2, 1)


@dataclass(slots=True)
class SitePlan:
    """A drawing of a part of a site."""

    frame: maps.Frame
    boundary: str
    features: list[Feature]
    shapes: list[Shape]
    dots: list[tuple[str, str]]
    cells: list[Cell]
    scale_metres: int
    scale_units: float
    box: tuple[float, float, float, float]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def scale_y(self) -> float:
        return self.frame.height - 18

    @property
    def scale_end(self) -> float:
        return round(18 + self.scale_units, 1)

    @property
    def closer(self) -> str:
        """The address of half of this view; empty where one cannot look closer."""
        return "" if self.box[2] - self.box[0] < NEAREST else written(_scaled(self.box, 0.5))

    @property
    def further(self) -> str:
        return written(_scaled(self.box, 2))

    @property
    def aside(self) -> list[tuple[str, str]]:
        """Where one may go from here: the side, and the address of the view half a step away."""
        west, south, east, north = self.box
        wide, high = (east - west) / 2, (north - south) / 2
        steps = {"north": (0, high), "west": (-wide, 0), "east": (wide, 0), "south": (0, -high)}
        moved = {
            side: (west + x, south + y, east + x, north + y) for side, (x, y) in steps.items()
        }  # fmt: skip
        return [(side, written(box)) for side, box in moved.items() if box_in(written(box))]


def written(box: Sequence[float]) -> str:
    """A box as an address has it: west,south,east,north."""
    return ",".join(f"{value:.6f}" for value in box)


def box_in(text: str | None) -> tuple[float, float, float, float] | None:
    """The box that an address names; None where it is none."""
    try:
        west, south, east, north = (float(part) for part in (text or "").split(","))
    except ValueError:
        return None
    sound = -180 <= west < east <= 180 and -85 <= south < north <= 85
    return (west, south, east, north) if sound and east - west < 5 and north - south < 5 else None


def _scaled(box: Sequence[float], by: float) -> tuple[float, float, float, float]:
    west, south, east, north = box
    wide, high = (east - west) * by / 2, (north - south) * by / 2
    lon, lat = (west + east) / 2, (south + north) / 2
    return max(lon - wide, -180), max(lat - high, -85), min(lon + wide, 180), min(lat + high, 85)


def frame_of(
    box: tuple[float, float, float, float], width: int, height: int, *, foot: int = 0, edge: int = 20
) -> maps.Frame:
    """The drawing on which `box` fills the room between `edge` and, below, `foot` units."""
    room = (edge, edge, width - edge, height - edge - foot)
    return maps.frame("", width, height, room=room, bounds=tuple(round(side, 6) for side in box))


def draw(
    frame: maps.Frame, site: Site, plots: Sequence[Plot], *, box: tuple[float, float, float, float],
    selected: str = "", fitting: Iterable[Plot] | None = None,
) -> SitePlan:  # fmt: skip
    """The site with `plots` on it; those that are not `fitting` are faded."""
    few = len(plots) <= MOST_SHAPES
    fits = None if fitting is None else {plot.pk for plot in fitting}
    shapes = [
        _shape(frame, plot, str(plot.pk) == selected, fits is not None and plot.pk not in fits) for plot in plots
    ] if few else []  # fmt: skip
    # What is selected is drawn last, over its neighbours' edges.
    shapes.sort(key=lambda shape: shape.selected)
    _west, south, _east, north = frame.bounds
    lat = (south + north) / 2
    metres = max((one for one in SCALES if frame.km(one / 1000, lat) <= frame.width / 5), default=SCALES[0])
    return SitePlan(
        frame=frame,
        boundary=_path(frame, site.outline),
        features=[feature for row in site.plan if (feature := _feature(frame, row))],
        shapes=shapes,
        dots=[] if few else _dots(frame, plots),
        cells=[] if few else _cells(frame, plots),
        scale_metres=metres,
        scale_units=round(frame.km(metres / 1000, lat), 1),
        box=box,
    )


def _path(frame: maps.Frame, outline: dict[str, Any]) -> str:
    return "".join(frame.path(ring[:-1]) for ring in outline["coordinates"])


def _shape(frame: maps.Frame, plot: Plot, selected: bool, faded: bool) -> Shape:
    left, bottom = frame.xy(plot.west, plot.south)
    right, top = frame.xy(plot.east, plot.north)
    wide, high = right - left, bottom - top
    x, y = frame.xy(*outlines.middle(plot.outline))
    return Shape(
        plot, _path(frame, plot.outline), x, y, wide >= NUMBER_ROOM[0] and high >= NUMBER_ROOM[1],
        wide >= AREA_ROOM[0] and high >= AREA_ROOM[1], faded, selected,
    )  # fmt: skip


def _dots(frame: maps.Frame, plots: Sequence[Plot]) -> list[tuple[str, str]]:
    # Whole units are finer than the squares: what falls on the same one is drawn once.
    marks: dict[str, dict[str, None]] = {state: {} for state in PlotState.values}
    for plot in plots:
        x, y = frame.xy(*_centre(plot))
        marks[plot.state][f"M{x - 1.5:.0f} {y - 1.5:.0f}h3v3h-3z"] = None
    return [(state, "".join(found)) for state, found in marks.items() if found]


def _centre(plot: Plot) -> tuple[float, float]:
    return (plot.west + plot.east) / 2, (plot.south + plot.north) / 2


def _cells(frame: maps.Frame, plots: Sequence[Plot]) -> list[Cell]:
    """What the drawing shows of the plots, divided into parts of about `CELL` units that are not empty."""
    seen = [place for place in map(_centre, plots) if frame.shows(*place)]
    if not seen:
        return []
    lons, lats = [lon for lon, _lat in seen], [lat for _lon, lat in seen]
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    (left, bottom), (right, top) = frame.xy(west, south), frame.xy(east, north)
    columns, rows = max(1, round((right - left) / CELL)), max(1, round((bottom - top) / CELL))
    # No part is nothing: plots may all stand in one line.
    wide = max((east - west) / columns, NEAREST)
    high = max((north - south) / rows, NEAREST)
    counted = Counter(
        (min(int((lon - west) / wide), columns - 1), min(int((lat - south) / high), rows - 1))
        for lon, lat in seen
    )
    found = []
    for (column, row), number in sorted(counted.items(), key=lambda item: (-item[0][1], item[0][0])):
        box = (
            west + column * wide, south + row * high, west + (column + 1) * wide, south + (row + 1) * high,
        )  # fmt: skip
        (x, low), (x_end, y) = frame.xy(*box[:2]), frame.xy(*box[2:])
        found.append(Cell(number, x, y, round(x_end - x, 1), round(low - y, 1), written(box)))
    return found


def _feature(frame: maps.Frame, row: dict[str, Any]) -> Feature | None:
    """A feature of the plan; None for what the drawing does not know."""
    shape, about = row.get("geometry") or {}, row.get("properties") or {}
    kind, points = about.get("kind", ""), shape.get("coordinates") or []
    if kind not in KINDS or shape.get("type") not in ("Polygon", "LineString"):
        return None
    line = shape["type"] == "LineString"
    d = frame.path(points, closed=False) if line else _path(frame, shape)
    place = points[len(points) // 2] if line else outlines.middle(shape)
    name = about.get(f"name_{current_language()}") or about.get(f"name_{FALLBACK}") or ""
    return Feature(f"{kind}-line" if line else kind, d, name, *frame.xy(*place[:2]))


KINDS = ("park", "water", "road")


@dataclass(slots=True)
class Fault:
    """Where an outline is wrong: a place (`x`, `y`), or the line `d` from one to another, which is its longest side."""

    x: float
    y: float
    d: str = ""


def places_in(told: dict[str, Any]) -> list[tuple[float, float]]:
    """The places that a refusal names: one, or both ends of a side."""
    return [tuple(place) for place in told.get("side") or ([told["at"]] if "at" in told else [])]


def stretched(
    box: tuple[float, float, float, float], places: Iterable[tuple[float, float]]
) -> tuple[float, float, float, float]:
    """The box with the places in it that are no further from it than it is wide."""
    west, south, east, north = box
    wide, high = east - west, north - south
    near = [
        (lon, lat) for lon, lat in places
        if west - wide <= lon <= east + wide and south - high <= lat <= north + high
    ]  # fmt: skip
    lons, lats = [lon for lon, _lat in near], [lat for _lon, lat in near]
    return min([west, *lons]), min([south, *lats]), max([east, *lons]), max([north, *lats])


def fault_at(frame: maps.Frame, places: Sequence[tuple[float, float]]) -> Fault | None:
    """What of the places can be shown on the drawing."""
    shown = [frame.xy(*place) for place in places if frame.shows(*place)]
    if not shown or len(shown) < len(places):
        return None
    x, y = (round(sum(values) / len(shown), 1) for values in zip(*shown, strict=True))
    return Fault(x, y, "M" + "L".join(f"{a:g} {b:g}" for a, b in shown) if len(shown) > 1 else "")


@dataclass(slots=True)
class Side:
    """A side of a plot with its length beside it, turned so that it can be read."""

    metres: int
    x: float
    y: float
    turn: float


def sides_of(frame: maps.Frame, plot: Plot) -> list[Side]:
    """The sides that are long enough to write on, with their lengths."""
    x0, y0 = frame.xy(*outlines.middle(plot.outline))
    found = []
    for start, end, metres in outlines.sides(plot.outline):
        (x1, y1), (x2, y2) = frame.xy(*start), frame.xy(*end)
        long = math.dist((x1, y1), (x2, y2))
        if long < 60:
            continue
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        # Inside, off the edge: outside stand the neighbours.
        near = 14 / max(1.0, math.dist((x, y), (x0, y0)))
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
        found.append(
            Side(round(metres), round(x + (x0 - x) * near, 1), round(y + (y0 - y) * near, 1), round(turn, 1))
        )
    return found
