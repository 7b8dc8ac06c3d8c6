"""Clinics on the region's map: single pins, groups of close ones, what lies outside of the drawing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clinics.selectors.cluster import current_cluster
from cluster_portal.web import maps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clinics.models import Clinic
    from clinics.selectors.spots import Spot

Place = tuple[float, float]

#: Radius of a pin and of a group's ring, in units of the drawing.
PIN, RING = 12, 18
#: So many pins of one town may stand side by side; more are one ring with their number.
SIDE_BY_SIDE = 3
#: The first view shows this share of what was found; what lies far from it is named beside the map.
CORE = 0.85
#: The surroundings of a single place, in degrees of latitude.
AROUND = 0.9
ZOOMS = 5
#: More names than these are a carpet, not a map; so are more towns outside of it.
NAMES = 40
OUTSIDE = 20
#: So many pins of a town may be looked at one by one.
FEW = 60
#: A town that is wider than this on the drawing is taken apart.
WIDE = 4 * RING
#: Groups further apart than this cannot touch (the widest are three pins side by side).
REACH = 58
SCALES_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500)


#: A clinic and where it lies on the drawing.
Placed = tuple[Place, "Spot"]


@dataclass(slots=True)
class Segment:
    """A part of a group's ring: `length` and `offset` in percent of its circumference."""

    ownership: str
    length: float
    offset: float


@dataclass(slots=True)
class Mark:
    """Something on the map: one clinic, or a group of close ones."""

    x: float
    y: float
    entries: list[Spot]
    segments: list[Segment] = field(default_factory=list)
    selected: bool = False

    @property
    def entry(self) -> Spot:
        return self.entries[0]

    @property
    def is_group(self) -> bool:
        return len(self.entries) > 1

    @property
    def one_town(self) -> bool:
        return len({entry.city_ru for entry in self.entries}) == 1

    @property
    def town(self) -> str:
        """The town of most of its clinics, in the reader's language."""
        return Counter(entry.city for entry in self.entries).most_common(1)[0][0]

    @property
    def centre(self) -> str:
        """Where to look closer, as an address has it."""
        return _written(_middle([_place(entry) for entry in self.entries]))


@dataclass(slots=True)
class Map:
    """A drawing with marks on it, names beside them, `places` that are towns without a mark, and the scale."""

    frame: maps.Frame
    marks: list[Mark]
    labels: list[maps.Pin]
    places: list[maps.Pin]
    outside: list[Spot]
    scale_km: int
    scale_units: float
    zoom: int = 0

    @property
    def may_zoom_in(self) -> bool:
        return self.zoom < ZOOMS

    @property
    def closer(self) -> int:
        """The zoom that takes a group apart."""
        return min(self.zoom + 2, ZOOMS)

    @property
    def scale_y(self) -> float:
        """The top of the scale bar, which stands in the lower left corner."""
        return self.frame.height - 28

    @property
    def scale_middle(self) -> float:
        return round(18 + self.scale_units / 2, 1)

    @property
    def outside_towns(self) -> list[Spot]:
        """One clinic of each town outside of the drawing, the towns with most clinics first."""
        counts = Counter(entry.city_ru for entry in self.outside)
        one_of = {entry.city_ru: entry for entry in self.outside}
        return [one_of[town] for town, _number in counts.most_common(OUTSIDE)]


def centre_in(text: str | None) -> Place | None:
    """A place as an address has it (`46.9,142.7`: lat, lon); None where it is none."""
    lat, comma, lon = (text or "").partition(",")
    try:
        place = float(lon), float(lat)
    except ValueError:
        return None
    return place if comma and abs(place[0]) <= 180 and abs(place[1]) <= 85 else None


def catalogue_map(
    slug: str,
    entries: Sequence[Spot],
    *,
    width: int,
    height: int,
    zoom: int = 0,
    centre: Place | None = None,
    selected: str = "",
    core: float = CORE,
) -> Map | None:
    """Where lies what was found. None where nothing was found.

    The first view holds the share `core` of it that lies closest together. `zoom` (0…ZOOMS) halves the view each time,
    around `centre`, the selected clinic, or the middle of what was found.
    """
    if not entries:
        return None
    middle = _middle([_place(entry) for entry in entries])
    near = sorted(entries, key=lambda entry: _apart(_place(entry), middle))[: math.ceil(len(entries) * core)]
    bounds = _with_room(maps.bounds_of([_place(entry) for entry in near], margin=0.12))
    # The edges belong to the buttons, the scale and the source.
    room = (PIN + 6, PIN + 6, width - 60, height - 56)
    frame = maps.frame(slug, width, height, room=room, bounds=_rounded(bounds))
    if zoom or centre:
        around = next((_place(e) for e in entries if str(e.pk) == selected), None)
        frame = _closer(frame, bounds, zoom, centre or around or middle)
    shown, outside = [], []
    for entry in entries:
        x, y = frame.xy(entry.lon, entry.lat)
        inside = PIN / 2 <= x <= width - PIN / 2 and PIN / 2 <= y <= height - PIN / 2
        (shown if inside else outside).append(((x, y), entry))
    marks = _marks(shown, selected)
    lat = middle[1]
    names = _names(marks)
    labels = maps.place_labels(
        [*names, *_towns(frame, marks)], width, height, taken=_furniture(width, height)
    )
    scale_km = _scale(frame, lat)
    return Map(
        frame=frame,
        marks=marks,
        labels=[pin for pin in labels[: len(names)] if pin.shown],
        places=[pin for pin in labels[len(names) :] if pin.shown],
        outside=[entry for _xy, entry in outside],
        scale_km=scale_km,
        scale_units=round(frame.km(scale_km, lat), 1),
        zoom=zoom,
    )


#: The drawing beside a place, in units of it.
SMALL = {"width": 384, "height": 190}


def map_of(clinic: Clinic) -> dict[str, Any]:
    """What `clinics/_place_map.html` draws of one clinic."""
    frame = place_map(current_cluster().slug, clinic, **SMALL)
    return {"frame": frame, "pin": frame.xy(clinic.lon, clinic.lat)}


def place_map(slug: str, clinic: Clinic, *, width: int, height: int) -> maps.Frame:
    """The surroundings of one clinic."""
    wide = AROUND / math.cos(math.radians(clinic.lat)) * width / height
    bounds = (clinic.lon - wide / 2, clinic.lat - AROUND / 2, clinic.lon + wide / 2, clinic.lat + AROUND / 2)
    return maps.frame(slug, width, height, bounds=_rounded(bounds))


def _place(entry: Spot) -> Place:
    return entry.lon, entry.lat


def _place_in_list(entry: Spot) -> float:
    """Its number; after all numbers where it has none."""
    return entry.number or math.inf


def _middle(places: list[Place]) -> Place:
    """The middle one by either coordinate: where most are, whatever lies far off."""
    lons, lats = sorted(p[0] for p in places), sorted(p[1] for p in places)
    return lons[len(lons) // 2], lats[len(lats) // 2]


def _apart(one: Place, other: Place) -> float:
    """Roughly how far apart, in degrees of latitude; east and west count more, as maps of regions are tall."""
    return max(abs(one[0] - other[0]) * 2 * math.cos(math.radians(one[1])), abs(one[1] - other[1]))


def _written(place: Place) -> str:
    return f"{place[1]:.2f},{place[0]:.2f}"


def _closer(frame: maps.Frame, bounds: maps.Box, zoom: int, centre: Place) -> maps.Frame:
    west, south, east, north = bounds
    wide, high = (east - west) / 2 ** (zoom + 1), (north - south) / 2 ** (zoom + 1)
    box = (centre[0] - wide, centre[1] - high, centre[0] + wide, centre[1] + high)
    return maps.frame(frame.slug, frame.width, frame.height, bounds=_rounded(box))


def _marks(placed: Sequence[Placed], selected: str) -> list[Mark]:
    """One mark a clinic; a few close ones of a town stand side by side, others that would overlap are one ring."""
    towns: dict[str, list[Placed]] = defaultdict(list)
    for one in placed:
        towns[one[1].city_ru].append(one)
    groups: list[list[Placed]] = []
    for town in towns.values():
        groups += [[one] for one in town] if _clear(town) else _parts(town)
    marks: list[Mark] = []
    for group in _merged(groups):
        found = [entry for _xy, entry in group]
        x, y = _centre_of(group)
        if len(group) > 1 and len(group) <= SIDE_BY_SIDE and len({e.city_ru for e in found}) == 1:
            left = x - (len(group) - 1) * PIN
            marks += [Mark(round(left + 2 * PIN * n, 1), y, [entry]) for n, entry in enumerate(found)]
        else:
            marks.append(Mark(x, y, found, _segments(found) if len(found) > 1 else []))
    if selected:
        for mark in marks:
            mark.selected = any(str(entry.pk) == selected for entry in mark.entries)
    # What is selected is drawn last, over its neighbours.
    return sorted(marks, key=lambda mark: (mark.selected, -_place_in_list(mark.entry)))


def _clear(town: list[Placed]) -> bool:
    """Whether the pins stand clear of each other."""
    places = [xy for xy, _entry in town]
    return len(town) <= FEW and all(
        math.dist(a, b) >= 2 * PIN for n, a in enumerate(places) for b in places[n + 1 :]
    )


def _parts(town: list[Placed]) -> list[list[Placed]]:
    """A town whose pins do not stand clear: one group, or where it is wide, one for each square of the drawing."""
    xs, ys = [xy[0] for xy, _entry in town], [xy[1] for xy, _entry in town]
    if max(xs) - min(xs) <= WIDE and max(ys) - min(ys) <= WIDE:
        return [town]
    squares: dict[tuple[int, int], list[Placed]] = defaultdict(list)
    for xy, entry in town:
        squares[int(xy[0] // (2 * RING)), int(xy[1] // (2 * RING))].append((xy, entry))
    return list(squares.values())


def _centre_of(group: list[Placed]) -> Place:
    """The middle of a group: a few shared pixels matter less than where most of it is."""
    return (
        round(sum(xy[0] for xy, _entry in group) / len(group), 1),
        round(sum(xy[1] for xy, _entry in group) / len(group), 1),
    )


def _room(group: list) -> float:
    """How far a group's mark reaches from its middle."""
    return PIN if len(group) == 1 else len(group) * PIN if len(group) <= SIDE_BY_SIDE else RING


def _merged(groups: list[list[Placed]]) -> list[list[Placed]]:
    """Groups whose marks would lie over each other, put together until none do: the large ones draw in the small."""
    while True:
        squares: dict[tuple[int, int], list[tuple[Place, float, list[Placed]]]] = defaultdict(list)
        kept: list[list[Placed]] = []
        for group in sorted(groups, key=len, reverse=True):
            centre, room = _centre_of(group), _room(group)
            column, row = int(centre[0] // REACH), int(centre[1] // REACH)
            neighbours = (
                one
                for dx in (-1, 0, 1)
                for dy in (-1, 0, 1)
                for one in squares.get((column + dx, row + dy), ())
            )
            touched = next(
                (other for place, its, other in neighbours if math.dist(place, centre) < 0.8 * (its + room)), None
            )  # fmt: skip
            if touched is None:
                kept.append(group)
                squares[column, row].append((centre, room, group))
            else:
                touched += group
        if len(kept) == len(groups):
            return [sorted(group, key=lambda one: _place_in_list(one[1])) for group in kept]
        groups = kept


def _segments(entries: Sequence[Spot]) -> list[Segment]:
    counts = Counter(entry.ownership for entry in entries)
    segments, offset = [], 0.0
    for kind in ("state", "private", "foreign"):
        if share := 100 * counts[kind] / len(entries):
            segments.append(Segment(kind, round(share, 2), round(-offset, 2)))
            offset += share
    return segments


def _names(marks: list[Mark]) -> list[maps.Pin]:
    """A town's name once, beside its marks; large groups and what comes first in the list have the right of way."""
    pins: dict[str, maps.Pin] = {}
    for mark in sorted(marks, key=lambda mark: (-len(mark.entries), _place_in_list(mark.entry))):
        radius = RING + 4 if mark.is_group else PIN
        known = pins.get(mark.town)
        if known is None:
            size = 14 if mark.is_group else 13
            pins[mark.town] = maps.Pin(mark.x, mark.y, mark.town, radius, size, data={"group": mark.is_group})
        elif abs(known.y - mark.y) < 1:
            # Pins side by side share a name: it keeps clear of both.
            right = max(known.x + known.radius, mark.x + radius)
            left = min(known.x - known.radius, mark.x - radius)
            known.x, known.radius = (left + right) / 2, (right - left) / 2
    return list(pins.values())[:NAMES]


def _furniture(width: float, height: float) -> list[maps.Box]:
    """Where the scale, the buttons and the source stand."""
    return [
        (0, height - 44, 150, height),
        (width - 60, 0, width, 110),
        (width - 190, height - 26, width, height),
    ]


def _towns(frame: maps.Frame, marks: list[Mark]) -> list[maps.Pin]:
    """The region's towns that no mark stands for or upon."""
    marked = {mark.town for mark in marks}
    return [
        maps.Pin(x, y, name, radius=2.5, size=12)
        for x, y, name in frame.towns
        if name not in marked and all(math.dist((x, y), (mark.x, mark.y)) > RING for mark in marks)
    ]


def _with_room(bounds: maps.Box, least: float = 0.4) -> maps.Box:
    """Bounds that are not a point: a single town is shown with its surroundings."""
    west, south, east, north = bounds
    wide, high = max(0.0, least - (east - west)) / 2, max(0.0, least - (north - south)) / 2
    return west - wide, south - high, east + wide, north + high


def _rounded(bounds: maps.Box) -> maps.Box:
    """Drawings are remembered by their bounds, so these are kept few."""
    return tuple(round(value, 2) for value in bounds)


def _scale(frame: maps.Frame, lat: float) -> int:
    """The longest round distance whose bar is no longer than a quarter of the drawing."""
    fitting = [km for km in SCALES_KM if frame.km(km, lat) <= frame.width / 4]
    return fitting[-1] if fitting else SCALES_KM[0]
