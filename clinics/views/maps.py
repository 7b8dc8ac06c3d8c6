"""Clinics on the region's map: single pins, groups of a town, what lies outside of the drawing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cluster_portal.web import maps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clinics.models import Clinic
    from clinics.selectors.catalogue import Entry

#: A town with more clinics than this is one ring with their number; fewer stand side by side.
SIDE_BY_SIDE = 3
PIN = 12
#: Around a single place the drawing shows so many degrees of latitude.
AROUND = 0.9
ZOOMS = 4
SCALES_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(slots=True)
class Segment:
    """A part of a group's ring: `length` and `offset` in percent of its circumference."""

    ownership: str
    length: float
    offset: float


@dataclass(slots=True)
class Mark:
    """Something on the map: one clinic, or a town's group (`entries` of more than one)."""

    x: float
    y: float
    entries: list[Entry]
    segments: list[Segment] = field(default_factory=list)
    selected: bool = False

    @property
    def entry(self) -> Entry:
        return self.entries[0]

    @property
    def is_group(self) -> bool:
        return len(self.entries) > 1

    @property
    def town(self) -> str:
        return self.entries[0].clinic.city


@dataclass(slots=True)
class Map:
    """A drawing with marks on it, names beside them, and the scale."""

    frame: maps.Frame
    marks: list[Mark]
    labels: list[maps.Pin]
    outside: list[Entry]
    scale_km: int
    scale_units: float
    zoom: int = 0

    @property
    def may_zoom_in(self) -> bool:
        return self.zoom < ZOOMS

    @property
    def scale_y(self) -> float:
        """The top of the scale bar, which stands in the lower left corner."""
        return self.frame.height - 28

    @property
    def scale_middle(self) -> float:
        return round(18 + self.scale_units / 2, 1)

    @property
    def outside_towns(self) -> list[Clinic]:
        """One clinic of each town outside of the drawing."""
        return list({entry.clinic.city_ru: entry.clinic for entry in self.outside}.values())


def catalogue_map(
    slug: str,
    entries: Sequence[Entry],
    *,
    width: int,
    height: int,
    zoom: int = 0,
    selected: str = "",
    narrow: bool = False,
) -> Map | None:
    """The region with what was found. None where nobody drew the region and nothing was found.

    `zoom` (0…ZOOMS) halves the view each time, around the selected clinic or the most of what was found; `narrow` asks
    for just what was found instead of the whole region.
    """
    known = maps.outlines(slug)
    points = [(entry.clinic.lon, entry.clinic.lat) for entry in entries]
    bounds = known["bounds"] if known else maps.bounds_of(points)
    if bounds is None:
        return None
    inside = [p for p in points if bounds[0] <= p[0] <= bounds[2] and bounds[1] <= p[1] <= bounds[3]]
    if narrow and inside:
        bounds = _rounded(_with_room(maps.bounds_of(inside, margin=0.15)))
    if zoom:
        bounds = _closer(bounds, zoom, _centre(entries, inside, selected))
    frame = maps.frame(slug, width, height, bounds=bounds)
    shown = [e for e in entries if frame.shows(e.clinic.lon, e.clinic.lat, 6)]
    marks = _marks(frame, shown, selected)
    labels = maps.place_labels(_names(marks), width, height, taken=[(0, height - 44, 130, height)])
    scale_km = _scale(frame, (bounds[1] + bounds[3]) / 2)
    return Map(
        frame=frame,
        marks=marks,
        labels=[pin for pin in labels if pin.shown],
        outside=[e for e in entries if e not in shown],
        scale_km=scale_km,
        scale_units=round(frame.km(scale_km, (bounds[1] + bounds[3]) / 2), 1),
        zoom=zoom,
    )


def place_map(slug: str, clinic: Clinic, *, width: int, height: int) -> maps.Frame:
    """The surroundings of one clinic."""
    wide = AROUND / math.cos(math.radians(clinic.lat)) * width / height
    bounds = (clinic.lon - wide / 2, clinic.lat - AROUND / 2, clinic.lon + wide / 2, clinic.lat + AROUND / 2)
    return maps.frame(slug, width, height, bounds=_rounded(bounds, 3))


def _marks(frame: maps.Frame, entries: Sequence[Entry], selected: str) -> list[Mark]:
    """One mark a clinic, those of a crowded town together."""
    towns: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        towns[entry.clinic.city_ru].append(entry)
    marks = []
    for group in towns.values():
        places = [frame.xy(entry.clinic.lon, entry.clinic.lat) for entry in group]
        if len(group) == 1 or _apart(places):
            single = zip(group, places, strict=True)
            marks += [Mark(x, y, [entry]) for entry, (x, y) in single]
            continue
        x = round(sum(px for px, _py in places) / len(places), 1)
        y = round(sum(py for _px, py in places) / len(places), 1)
        if len(group) > SIDE_BY_SIDE:
            marks.append(Mark(x, y, group, _segments(group)))
        else:
            left = x - (len(group) - 1) * PIN
            marks += [Mark(round(left + 2 * PIN * n, 1), y, [entry]) for n, entry in enumerate(group)]
    for mark in marks:
        mark.selected = any(str(entry.clinic.pk) == selected for entry in mark.entries)
    # What is selected is drawn last, over its neighbours.
    return sorted(marks, key=lambda mark: (mark.selected, -mark.entry.number))


def _apart(places: list[tuple[float, float]]) -> bool:
    """Whether the pins stand clear of each other."""
    return all(math.dist(one, other) >= 2 * PIN for n, one in enumerate(places) for other in places[n + 1 :])


def _segments(entries: Sequence[Entry]) -> list[Segment]:
    counts = Counter(entry.ownership for entry in entries)
    segments, offset = [], 0.0
    for kind in ("state", "private", "foreign"):
        if share := 100 * counts[kind] / len(entries):
            segments.append(Segment(kind, round(share, 2), round(-offset, 2)))
            offset += share
    return segments


def _names(marks: list[Mark]) -> list[maps.Pin]:
    """A town's name once, beside its marks; groups and what comes first in the list have the right of way."""
    pins: dict[str, maps.Pin] = {}
    for mark in sorted(marks, key=lambda mark: (not mark.is_group, mark.entry.number)):
        radius = 22 if mark.is_group else PIN
        known = pins.get(mark.town)
        if known is None:
            size = 14 if mark.is_group else 13
            pins[mark.town] = maps.Pin(mark.x, mark.y, mark.town, radius, size, data={"group": mark.is_group})
        elif abs(known.y - mark.y) < 1:
            # Pins side by side share a name: it keeps clear of both.
            right = max(known.x + known.radius, mark.x + radius)
            left = min(known.x - known.radius, mark.x - radius)
            known.x, known.radius = (left + right) / 2, (right - left) / 2
    return list(pins.values())


def _centre(
    entries: Sequence[Entry], inside: list[tuple[float, float]], selected: str
) -> tuple[float, float] | None:
    for entry in entries:
        if str(entry.clinic.pk) == selected:
            return entry.clinic.lon, entry.clinic.lat
    if not inside:
        return None
    # The middle one by either coordinate: where most are, whatever lies far off.
    lons, lats = sorted(p[0] for p in inside), sorted(p[1] for p in inside)
    return lons[len(lons) // 2], lats[len(lats) // 2]


def _closer(bounds: maps.Box, zoom: int, centre: tuple[float, float] | None) -> maps.Box:
    west, south, east, north = bounds
    lon, lat = centre or ((west + east) / 2, (south + north) / 2)
    wide, high = (east - west) / 2 ** (zoom + 1), (north - south) / 2 ** (zoom + 1)
    return _rounded((lon - wide, lat - high, lon + wide, lat + high))


def _with_room(bounds: maps.Box, least: float = 0.5) -> maps.Box:
    """Bounds that are not a point: a single town is shown with its surroundings."""
    west, south, east, north = bounds
    wide, high = max(0.0, least - (east - west)) / 2, max(0.0, least - (north - south)) / 2
    return west - wide, south - high, east + wide, north + high


def _rounded(bounds: maps.Box, places: int = 2) -> maps.Box:
    """Drawings are remembered by their bounds, so these are kept few."""
    return tuple(round(value, places) for value in bounds)


def _scale(frame: maps.Frame, lat: float) -> int:
    """The longest round distance whose bar is no longer than a quarter of the drawing."""
    fitting = [km for km in SCALES_KM if frame.km(km, lat) <= frame.width / 4]
    return fitting[-1] if fitting else SCALES_KM[0]
