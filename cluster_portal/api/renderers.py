"""JSON by orjson: UTF-8 as it is, times in ISO 8601 with their offset."""

from __future__ import annotations

import decimal
from typing import Any

import orjson
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _default(value: Any) -> Any:
    if isinstance(value, Promise):
        return force_str(value)
    if isinstance(value, decimal.Decimal):
        # A decimal travels as text, so that no program on the way rounds it.
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def dumps(data: Any) -> bytes:
    """`data` as JSON, as every answer of the API is written."""
    return orjson.dumps(data, default=_default, option=OPTIONS)


class JSONRenderer(BaseRenderer):
    """The API's renderer; papers have one more."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else dumps(data)


class GeoJSONRenderer(JSONRenderer):
    """A page of a list as a GeoJSON collection (RFC 7946), asked for by Accept.

    Rows have their geometry in `outline`; `next` and `previous` stay beside `features`, as foreign members.
    """

    media_type = "application/geo+json"
    format = "geojson"

    def render(self, data: Any, accepted_media_type=None, renderer_context=None) -> bytes:
        if isinstance(data, dict) and isinstance(data.get("results"), list):
            pages = {name: value for name, value in data.items() if name != "results"}
            features = [feature(row) for row in data["results"]]
            data = {"type": "FeatureCollection", "features": features} | pages
        return super().render(data, accepted_media_type, renderer_context)


def feature(row: dict[str, Any]) -> dict[str, Any]:
    """A row with an `outline` as GeoJSON has it; everything else of it is its properties."""
    properties = {name: value for name, value in row.items() if name not in ("id", "outline")}
    return {"type": "Feature", "id": row["id"], "geometry": row["outline"], "properties": properties}


class PDFRenderer(BaseRenderer):
    """For resources that are papers. What goes wrong with them is said in JSON all the same."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None

    def render(self, data: Any, accepted_media_type=None, renderer_context=None) -> bytes:
        return data if isinstance(data, bytes) else dumps(data)
