"""The OpenAPI 3.0 description of this door, from which geographic programs learn what they may ask for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cluster_portal.ogc.asking import DEFAULT_LIMIT, MOST
from cluster_portal.ogc.collections import COLLECTIONS, Collection

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_FLAT = {"style": "form", "explode": False}


def document(server: str, title: str) -> dict[str, Any]:
    """The description, with `server` as the address of the landing page without its last slash."""
    paths: dict[str, Any] = {
        "/": _get("getLandingPage", _("Where everything is"), _json()),
        "/conformance": _get("getConformance", _("What of the standard is kept"), _json()),
        "/collections": _get("getCollections", _("What there is"), _json()),
    }
    for one in COLLECTIONS.values():
        below = f"/collections/{one.id}"
        paths[below] = _get(f"describe.{one.id}", str(one.title), _json())
        paths[f"{below}/items"] = _get(
            f"get.{one.id}", str(one.description), _geojson("FeatureCollection"), _parameters(one)
        )
        feature = {
            "name": "featureId",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
        paths[f"{below}/items/{{featureId}}"] = _get(
            f"get.{one.id}.one", str(one.title), _geojson("Feature"), [feature], missing=True
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": {one.id: _schema(one) for one in COLLECTIONS.values()}},
    }


def _get(
    name: str,
    summary: str,
    content: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    *,
    missing: bool = False,
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    responses = {
        "200": {"description": summary, "content": content},
        "400": {"description": _("The request could not be understood"), "content": problem},
    }
    if missing:
        responses["404"] = {
            "description": _("There is nothing at this address, or it is not open to you"), "content": problem,
        }  # fmt: skip
    operation = {"operationId": name, "summary": summary, "responses": responses}
    return {"get": operation | ({"parameters": parameters} if parameters else {})}


def _json() -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object"}}}


def _geojson(kind: str) -> dict[str, Any]:
    members = {"type": {"type": "string", "enum": [kind]}}
    return {GEOJSON: {"schema": {"type": "object", "required": ["type"], "properties": members}}}


def _parameters(collection: Collection) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    known = [
        _parameter("bbox", box, _("west,south,east,north in degrees")),
        _parameter("datetime", {"type": "string"}, _("moment or interval of the last change")),
        _parameter("limit", limit, _("Rows of a page.")),
        _parameter(
            "offset", {"type": "integer", "minimum": 0, "default": 0}, _("how many to leave out before")
        ),
    ]
    return known + [
        _parameter(one.name, _plain(one.schema), str(one.schema.get("description", "")))
        for one in collection.asked.values()
    ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": False, "schema": schema, "description": description, **_FLAT,
    }  # fmt: skip


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "description"}


def _schema(collection: Collection) -> dict[str, Any]:
    """The properties of a collection's features."""
    properties = {
        one.name: {name: str(value) if name == "description" else value for name, value in one.schema.items()}
        | {"nullable": True}
        for one in collection.properties
    }
    return {"type": "object", "properties": properties}
