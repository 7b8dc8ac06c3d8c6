"""Outlines of land: polygons as GeoJSON has them (RFC 7946: WGS 84, longitude first), checked and measured.

Whether an outline is sound and where two of them overlap is asked of shapely, in degrees; areas and lengths are those
of the ellipsoid (geographiclib), so they do not depend on a projection.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from django.utils.translation import gettext as _
from geographiclib.geodesic import Geodesic
from shapely import make_valid
from shapely.geometry import Point, Polygon, shape
from shapely.geometry.polygon import orient
from shapely.validation import explain_validity

from investors.errors import BadOutline

if TYPE_CHECKING:
    from collections.abc import Iterable

    #: west, south, east, north in degrees.
    Box = tuple[float, float, float, float]

#: Points of one outline, and the digits of a degree that are kept (a centimetre).
MOST_POINTS, DIGITS = 2000, 7
#: Land that two neighbours may both claim, in square metres: their surveys round.
SLIVER = 1.0
#: How far the stated area may be from that of the outline.
TOLERANCE = 0.01
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")
_POINT = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)\]")


def read(data: Any) -> dict[str, Any]:
    """The polygon in `data` (a geometry, a feature, or a collection of one), closed, counter-clockwise, rounded.

    Raises BadOutline, which tells where the fault is.
    """
    rings = [_ring(ring) for ring in _rings(data)]
    polygon = Polygon(rings[0], rings[1:])
    if not polygon.is_valid:
        _refuse(explain_validity(polygon))
    if area(polygon) < SLIVER:
        raise BadOutline(_("The outline encloses nothing."))
    turned = orient(polygon)
    return {
        "type": "Polygon",
        "coordinates": [
            [[lon, lat] for lon, lat in ring.coords] for ring in (turned.exterior, *turned.interiors)
        ],
    }


def _refuse(fault: str) -> NoReturn:
    """Raise BadOutline for what GEOS says of a polygon, `Hole lies outside shell[37.35 55.69]`."""
    found = _POINT.search(fault)
    if found is None:
        raise BadOutline(_("This is not the outline of a piece of land."))
    at = float(found[1]), float(found[2])
    texts = {
        "Hole lies outside": _("A hole of the outline lies outside of it, at %(place)s."),
        "Holes are nested": _("A hole of the outline lies in another hole, at %(place)s."),
        "Interior is disconnected": _(
            "A hole cuts the outline in two at %(place)s: enter each piece as a plot."
        ),
    }
    crosses = _("The outline crosses itself at %(place)s.")
    text = next((words for start, words in texts.items() if fault.startswith(start)), crosses)
    raise BadOutline(text % {"place": written(at)}, at)


def _rings(data: Any) -> list[Any]:
    """The coordinates of the one polygon that is meant."""
    if not isinstance(data, dict):
        raise BadOutline(_("This is not GeoJSON."))
    crs = data.get("crs")
    if crs and not str(crs).rstrip("'}\"").endswith(_WGS84):
        raise BadOutline(_("Coordinates have to be WGS 84 (EPSG:4326), in degrees."))
    if data.get("type") == "FeatureCollection":
        features = data.get("features")
        if not isinstance(features, list) or len(features) != 1:
            raise BadOutline(_("Send one outline at a time."))
        return _rings(features[0])
    if data.get("type") == "Feature":
        return _rings(data.get("geometry"))
    rings = data.get("coordinates")
    if data.get("type") == "MultiPolygon" and isinstance(rings, list) and rings:
        if len(rings) > 1:
            text = _("The outline is of %(n)s separate pieces: enter each of them as a plot of its own.")
            raise BadOutline(text % {"n": len(rings)})
        # Many programs write every area so.
        rings = rings[0]
    elif data.get("type") != "Polygon":
        raise BadOutline(_("The outline has to be one polygon."))
    if not isinstance(rings, list) or not rings:
        raise BadOutline(_("The outline has to be one polygon."))
    points = sum(len(ring) if isinstance(ring, list) else 0 for ring in rings)
    if points > MOST_POINTS:
        text = _("An outline has at most %(n)s points, this one has %(points)s. Simplify it in your program.")
        raise BadOutline(text % {"n": MOST_POINTS, "points": points})
    return rings


def _ring(ring: Any) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for point in ring if isinstance(ring, list) else ():
        if not isinstance(point, list | tuple) or len(point) < 2:
            raise BadOutline(_("A point is a longitude and a latitude."))
        lon, lat = point[:2]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat))
        if not numbers or not (math.isfinite(lon) and math.isfinite(lat)):
            raise BadOutline(_("A point is a longitude and a latitude."))
        if not (-180 <= lon <= 180 and -85 <= lat <= 85):
            turned = -180 <= lat <= 180 and -85 <= lon <= 85
            text = (
                _("There is no latitude %(lat)s. Longitude comes first in GeoJSON: here they are swapped.")
                if turned
                else _(
                    "There is no such place: longitude %(lon)s, latitude %(lat)s. Degrees of WGS 84 are needed."
                )
            )
            raise BadOutline(text % {"lon": lon, "lat": lat})
        place = round(float(lon), DIGITS), round(float(lat), DIGITS)
        if not points or points[-1] != place:
            points.append(place)
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(set(points)) < 3:
        raise BadOutline(_("An outline needs at least three points."))
    return points


def written(at: tuple[float, float]) -> str:
    """A place as maps write it: latitude first."""
    return f"{at[1]:.6f}, {at[0]:.6f}"


def swapped(outline: dict[str, Any]) -> dict[str, Any]:
    """The same with longitudes taken for latitudes."""
    rings = [[[lat, lon] for lon, lat in ring] for ring in outline["coordinates"]]
    return {"type": "Polygon", "coordinates": rings}


def box_of(outlines: Iterable[dict[str, Any]]) -> Box:
    """The box around outlines."""
    points = [point for outline in outlines for point in outline["coordinates"][0]]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)


def area(outline: dict[str, Any] | Any) -> float:
    """The area on the ellipsoid, in square metres; of several pieces their sum, of lines and points none."""
    land = shape(outline) if isinstance(outline, dict) else outline
    if isinstance(land, Polygon):
        return _enclosed(land.exterior) - sum(map(_enclosed, land.interiors)) if not land.is_empty else 0.0
    return sum(area(part) for part in getattr(land, "geoms", ()))


def hectares(outline: dict[str, Any]) -> float:
    """The area on the ellipsoid, in hectares."""
    return area(outline) / 10_000


def _enclosed(ring: Any) -> float:
    measured = Geodesic.WGS84.Polygon()
    for lon, lat in ring.coords[:-1]:
        measured.AddPoint(lat, lon)
    return abs(measured.Compute(False, True)[2])


def sides(outline: dict[str, Any]) -> list[tuple[tuple[float, float], tuple[float, float], float]]:
    """The sides of the outer ring: from, to, metres."""
    return [
        (tuple(one), tuple(other), Geodesic.WGS84.Inverse(one[1], one[0], other[1], other[0])["s12"])
        for one, other in pairwise(outline["coordinates"][0])
    ]


def middle(outline: dict[str, Any]) -> tuple[float, float]:
    """Where its name is written: the centre, or a point inside where the centre lies outside."""
    land = shape(outline)
    centre = land.centroid
    place = centre if land.contains(centre) else land.representative_point()
    return place.x, place.y


def holds(outline: dict[str, Any], lon: float, lat: float) -> bool:
    """Whether a point lies within the outline or on its edge."""
    return shape(outline).intersects(Point(lon, lat))


def shared(one: dict[str, Any], other: dict[str, Any]) -> tuple[float, tuple[float, float]] | None:
    """What two outlines both claim, as (square metres, a place in it); None below SLIVER."""
    return _told(shape(one).intersection(shape(other)))


def beyond(inner: dict[str, Any], outer: dict[str, Any]) -> tuple[float, tuple[float, float]] | None:
    """What of `inner` lies outside of `outer`, as `shared` tells it."""
    return _told(shape(inner).difference(shape(outer)))


def _told(part: Any) -> tuple[float, tuple[float, float]] | None:
    size = area(part)
    if size < SLIVER:
        return None
    widest = max(getattr(make_valid(part), "geoms", [part]), key=area)
    place = widest.representative_point()
    return size, (round(place.x, DIGITS), round(place.y, DIGITS))
