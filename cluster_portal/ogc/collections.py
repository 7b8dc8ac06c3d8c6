"""What the portal gives to maps of others: plots on offer, clinics and projects, exactly as its public pages show them.

Whoever asks is a visitor here: a session or a token opens nothing more, so that every answer may be kept by caches.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Min, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import clinic_policy
from clinics.states import ClinicStatus, ClinicType, Ownership
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.translated import LANGUAGES
from investors.models.boxes import meets
from investors.project_states import ProjectState
from investors.selectors.placed import geometry_of, placed_projects, touches
from investors.selectors.plots import offered_plots
from investors.states import OFFERED, Direction, Tenure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model, QuerySet

#: west, south, east, north in degrees (CRS84).
Box = tuple[float, float, float, float]

TEXT, WHOLE, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}
MOMENT, ADDRESS = {"type": "string", "format": "date-time"}, {"type": "string", "format": "uri"}
DAY = {"type": "string", "format": "date"}


def one_of(values: Iterable[Any]) -> dict[str, Any]:
    """The schema of a code."""
    return {"type": "string", "enum": [str(value) for value in values]}


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a feature: its JSON schema and how its value is read; with `column` one may ask by it."""

    name: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]
    column: str = ""


def told(
    name: str, schema: dict[str, Any], source: str = "", *, asked: bool = False, text: Any = ""
) -> Property:
    """A property that a column (`source`, the name itself without one) holds; numbers with a point become such."""
    source = source or name
    get = attrgetter(source.replace("__", "."))

    def read(row: Any) -> Any:
        value = get(row)
        return float(value) if schema is NUMBER and value is not None else value

    return Property(
        name, {**schema, **({"description": text} if text else {})}, read, source if asked else ""
    )


def in_languages(name: str) -> list[Property]:
    """A text in each language of the portal."""
    return [told(f"{name}_{language}", TEXT) for language in LANGUAGES]


@dataclass(frozen=True, slots=True)
class Collection:
    """A kind of features. `rows` are what a visitor sees, `within` the condition that they touch a box, `edges` the
    columns of west, south, east, north; `page` is the name of the page of one of them.
    """

    id: str
    title: Any
    description: Any
    rows: Callable[[], QuerySet]
    within: Callable[[Box], Any]
    edges: tuple[str, str, str, str]
    geometry: Callable[[Any], dict[str, Any]]
    geometry_type: str
    page: str
    properties: tuple[Property, ...]

    @property
    def asked(self) -> dict[str, Property]:
        """The properties by which one may ask."""
        return {one.name: one for one in self.properties if one.column}

    def extent(self) -> dict[str, Any] | None:
        """Where all of it lies and when it was written; None while it is empty."""
        west, south, east, north = self.edges
        found = self.rows().aggregate(
            west=Min(west), south=Min(south), east=Max(east), north=Max(north),
            since=Min("updated_at"), until=Max("updated_at"),
        )  # fmt: skip
        if found["west"] is None:
            return None
        box = [found[side] for side in ("west", "south", "east", "north")]
        return {"spatial": {"bbox": [box]}, "temporal": {"interval": [[found["since"], found["until"]]]}}

    def feature(self, row: Model, absolute: Callable[[str], str]) -> dict[str, Any]:
        """A row as GeoJSON; `absolute` makes addresses of paths."""
        properties = {one.name: one.read(row) for one in self.properties}
        properties["url"] = absolute(reverse(self.page, args=[row.pk]))
        return {
            "type": "Feature",
            "id": str(row.pk),
            "geometry": self.geometry(row),
            "properties": properties,
        }


def boxes_of(box: Box) -> list[Box]:
    """A box that crosses the 180th meridian as its two parts."""
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def _either(condition: Callable[..., Any]) -> Callable[[Box], Any]:
    def within(box: Box) -> Any:
        found = Q()
        for part in boxes_of(box):
            found |= Q(condition(*part))
        return found

    return within


PLOTS = Collection(
    id="plots",
    title=pgettext_lazy("land", "Plots"),
    description=_("Land that the cluster offers or has given to investors, with its outlines and what is laid to it."),
    rows=lambda: offered_plots(ANONYMOUS).select_related("site"),
    within=_either(meets),
    edges=("west", "south", "east", "north"),
    geometry=attrgetter("outline"),
    geometry_type="Polygon",
    page="investors:plot",
    properties=(
        told("number", TEXT, asked=True),
        told("cadastral_number", TEXT, asked=True),
        told("site", TEXT, "site__name_ru", text=_("name of the site")),
        *in_languages("title"),
        told("direction", one_of(Direction.values), asked=True),
        *in_languages("permitted_use"),
        told("area", NUMBER, text=_("hectares")),
        told("state", one_of(OFFERED), asked=True),
        told("tenure", one_of(Tenure.values), asked=True),
        told("term_years", WHOLE),
        told("price", NUMBER, text=_("of a year for a lease, of the whole otherwise, in the cluster's currency")),
        told("coverage", WHOLE, text=_("may be built over, %")),
        told("floors", WHOLE, text=_("floors at most")),
        told("power", NUMBER, text=_("free power, kW")),
        told("updated_at", MOMENT),
    ),
)  # fmt: skip

CLINICS = Collection(
    id="clinics",
    title=_("Clinics"),
    description=_("The clinics of the cluster's members: those that work, are being built and are planned."),
    rows=lambda: clinic_policy.queryset(ANONYMOUS).select_related("organization"),
    within=_either(lambda west, south, east, north: Q(lon__range=(west, east), lat__range=(south, north))),
    edges=("lon", "lat", "lon", "lat"),
    geometry=lambda clinic: {"type": "Point", "coordinates": [clinic.lon, clinic.lat]},
    geometry_type="Point",
    page="clinics:detail",
    properties=(
        *in_languages("name"),
        *in_languages("short_name"),
        told("organization", TEXT, "organization__name_ru", text=_("name of the organisation")),
        told("ownership", one_of(Ownership.values), "organization__ownership", asked=True),
        told("type", one_of(ClinicType.values), asked=True),
        told("level", WHOLE, asked=True, text=_("level of care")),
        told("status", one_of(value for value in ClinicStatus.values if value != ClinicStatus.CLOSED), asked=True),
        *in_languages("city"),
        *in_languages("address"),
        told("country", TEXT, asked=True, text=_("ISO 3166 code")),
        told("time_zone", TEXT),
        told("phone", TEXT),
        told("email", TEXT),
        told("website", TEXT),
        told("wheelchair", FLAG, asked=True, text=_("wheelchair access")),
        told("beds", WHOLE),
        told("opened_on", DAY),
        told("is_demo", FLAG, text=_("invented for the demo")),
        told("updated_at", MOMENT),
    ),
)  # fmt: skip

PROJECTS = Collection(
    id="projects",
    title=pgettext_lazy("land", "Projects"),
    description=_("What residents build on the cluster's land, in its phases by OC4IDS, on the outlines of its plots."),
    rows=lambda: placed_projects(ANONYMOUS),
    within=_either(touches),
    edges=("west", "south", "east", "north"),
    geometry=geometry_of,
    geometry_type="MultiPolygon",
    page="investors:project",
    properties=(
        told("number", TEXT, asked=True),
        *in_languages("title"),
        told("direction", one_of(Direction.values), asked=True),
        told("state", one_of(ProjectState.values), asked=True),
        told("resident", TEXT, "agreement__investor__name_ru", text=_("name of the company")),
        told("agreement", TEXT, "agreement__number", text=_("number of the agreement")),
        told("investment_pledged", NUMBER),
        told("investment", NUMBER, "made", text=_("the last confirmed figure")),
        told("currency", TEXT),
        told("jobs_pledged", WHOLE),
        told("jobs", WHOLE, text=_("the last confirmed figure")),
        told("opened_on", DAY),
        told("completed_on", DAY),
        told("updated_at", MOMENT),
    ),
)  # fmt: skip

COLLECTIONS = {one.id: one for one in (PLOTS, CLINICS, PROJECTS)}
