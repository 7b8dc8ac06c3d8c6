"""Whether a clinic's point can be right: a wrong pin sends patients to another town."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.models import Clinic
from clinics.selectors.cluster import current_cluster
from clinics.selectors.nearby import distance_km
from cluster_portal.web.maps import beyond

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

#: The outlines are drawn for maps of a region: so far outside of them a point may still be inside (kilometres).
SLACK_KM = 15
#: Two clinics of one town are not further apart.
TOWN_KM = 60


def doubt_of_place(data: Mapping[str, Any], pk: uuid.UUID | None = None) -> str:
    """Why the point in `data` (columns) may be wrong, in words; empty where nothing speaks against it.

    It is compared with the outline of the cluster's region, where one is drawn and the clinic lies in the cluster's
    country, and with the other clinics of its town; `pk` is the clinic itself. Two queries at most. Outlines of
    districts are in none of the packages that maps are made of, so those are not asked.
    """
    lat, lon = data.get("lat"), data.get("lon")
    if lat is None or lon is None:
        return ""
    cluster = current_cluster()
    if data.get("country") == cluster.country:
        far = beyond(cluster.slug, lon, lat)
        if far is not None and far > SLACK_KM:
            swapped = beyond(cluster.slug, lat, lon)
            if swapped is not None and swapped <= SLACK_KM:
                return _("The point lies outside of the region: latitude and longitude seem to be swapped.")
            return _("The point lies outside of the region, %(km)s km from its border.") % {"km": round(far)}
    neighbours = Clinic.objects.filter(city_ru=data.get("city_ru") or None).exclude(pk=pk)
    ways = [distance_km(lat, lon, *place) for place in neighbours.values_list("lat", "lon")]
    if ways and min(ways) > TOWN_KM:
        return _("The point lies %(km)s km from the nearest other clinic of this town.") % {
            "km": round(min(ways))
        }
    return ""
