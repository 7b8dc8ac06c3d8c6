"""What lies how far away."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

from clinics.selectors.narrowing import around

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from clinics.models import Clinic

EARTH_KM = 6371.0088


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance of two places in degrees, in kilometres (haversine, mean radius of the Earth)."""
    a = sin(radians(other_lat - lat) / 2) ** 2
    b = cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(a + b)))


def clinics_within(
    clinics: QuerySet[Clinic], place: tuple[float, float], radius_km: float
) -> dict[uuid.UUID, float]:
    """The clinics of `clinics` at most `radius_km` from `place` (lat, lon), nearest first: id → kilometres.

    The database gives those in the square around the circle, by its index; the rest is worked out here.
    """
    square = clinics.filter(around(place, radius_km))
    found = {
        key: round(distance_km(*place, lat, lon), 1)
        for key, lat, lon in square.values_list("pk", "lat", "lon")
    }
    near = sorted((km, str(key), key) for key, km in found.items() if km <= radius_km)
    return {key: km for km, _text, key in near}
