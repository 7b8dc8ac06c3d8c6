"""The addresses of OGC API Features: landing page, conformance, description, collections, items."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema

from clinics.selectors.cluster import current_cluster
from cluster_portal.api import etags
from cluster_portal.api.permissions import PUBLIC
from cluster_portal.api.renderers import dumps
from cluster_portal.api.views import ApiView
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.ogc import asking
from cluster_portal.ogc.collections import COLLECTIONS, Collection
from cluster_portal.ogc.description import GEOJSON, OPENAPI, document

if TYPE_CHECKING:
    from rest_framework.request import Request

JSON = "application/json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS_TO = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")
]


def link(href: str, rel: str, kind: str = JSON, title: str = "") -> dict[str, str]:
    """A link as the standard writes it."""
    return {"href": href, "rel": rel, "type": kind} | ({"title": title} if title else {})


@extend_schema(exclude=True)
class OpenView(ApiView):
    """What everybody may read, from any site. Who asks makes no difference: nobody is looked up."""

    required_scope = PUBLIC
    authentication_classes = ()
    query_parameters = frozenset({"f"})
    http_method_names = ("get", "head", "options")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.query_params.get("f", "json") != "json":
            raise Invalid({"f": _("The answer exists as application/json only.")})

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # There is one form of every answer; programs that name another in Accept can read it all the same.
        return super().perform_content_negotiation(request, force=True)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Expose-Headers"] = "ETag"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def answer(self, data: Any, kind: str = JSON) -> HttpResponse:
        """`data` with its ETag; 304 where the reader has it already."""
        body = dumps(data)
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "public, no-cache"}
        if etags.is_fresh(self.request, tag):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(body, content_type=kind, headers=headers)

    def at(self, name: str, *args: str) -> str:
        """The whole address of a route of this door."""
        return self.request.build_absolute_uri(reverse(f"ogc:{name}", args=args))

    @property
    def collection(self) -> Collection:
        """The one that the address names. Raises NotFound."""
        found = COLLECTIONS.get(self.kwargs["collection"])
        if found is None:
            raise NotFound
        return found


class LandingView(OpenView):
    """Where everything is."""

    def get(self, request: Request) -> HttpResponse:
        cluster = current_cluster()
        return self.answer(
            {
                "title": cluster.name,
                "description": _("Plots, clinics and projects of the cluster as open geographic data."),
                "links": [
                    link(self.at("landing"), "self"),
                    link(self.at("api"), "service-desc", OPENAPI, "OpenAPI 3.0"),
                    link(self.at("conformance"), "conformance"),
                    link(self.at("collections"), "data"),
                ],
            }
        )


class ConformanceView(OpenView):
    """What of the standard is kept."""

    def get(self, request: Request) -> HttpResponse:
        return self.answer({"conformsTo": CONFORMS_TO})


class DescriptionView(OpenView):
    """OpenAPI 3.0."""

    def get(self, request: Request) -> HttpResponse:
        return self.answer(document(self.at("landing").rstrip("/"), current_cluster().name), OPENAPI)


class DescribesCollections(OpenView):
    """Tells of collections."""

    def described(self, one: Collection) -> dict[str, Any]:
        extent = one.extent()
        return {
            "id": one.id,
            "title": str(one.title),
            "description": str(one.description),
            **({"extent": extent} if extent else {}),
            "itemType": "feature",
            "crs": [CRS84],
            "links": [
                link(self.at("collection", one.id), "self"),
                link(self.at("items", one.id), "items", GEOJSON, str(one.title)),
            ],
        }


class CollectionsView(DescribesCollections):
    """All collections."""

    def get(self, request: Request) -> HttpResponse:
        return self.answer(
            {
                "links": [link(self.at("collections"), "self")],
                "collections": [self.described(one) for one in COLLECTIONS.values()],
            }
        )


class CollectionView(DescribesCollections):
    """One collection."""

    def get(self, request: Request, collection: str) -> HttpResponse:
        return self.answer(self.described(self.collection))


class ItemsView(OpenView):
    """A page of a collection: what fits, how many there are in all, where the neighbour pages are."""

    def known_parameters(self) -> set[str]:
        return {*asking.PARAMETERS, *self.collection.asked}

    def get(self, request: Request, collection: str) -> HttpResponse:
        kind = self.collection
        asked = asking.read(kind, request.query_params)
        rows = asked.narrow(kind)
        matched = rows.count()
        shown = list(rows[asked.offset : asked.offset + asked.limit]) if asked.offset < matched else []
        links = [link(request.build_absolute_uri(), "self", GEOJSON)]
        if asked.offset + len(shown) < matched and shown:
            links.append(link(self._page(asked.offset + asked.limit), "next", GEOJSON))
        if asked.offset:
            links.append(link(self._page(max(0, asked.offset - asked.limit)), "prev", GEOJSON))
        links.append(link(self.at("collection", kind.id), "collection"))
        return self.answer(
            {
                "type": "FeatureCollection",
                "features": [kind.feature(row, request.build_absolute_uri) for row in shown],
                "numberMatched": matched,
                "numberReturned": len(shown),
                "links": links,
            },
            GEOJSON,
        )

    def _page(self, offset: int) -> str:
        query = self.request.query_params.copy()
        query["offset"] = str(offset)
        return f"{self.at('items', self.collection.id)}?{query.urlencode()}"


class ItemView(OpenView):
    """One feature."""

    def get(self, request: Request, collection: str, pk: str) -> HttpResponse:
        kind = self.collection
        try:
            row = kind.rows().filter(pk=UUID(pk)).first()
        except ValueError:
            row = None
        if row is None:
            raise NotFound
        links = [
            link(self.at("item", kind.id, str(row.pk)), "self", GEOJSON),
            link(self.at("collection", kind.id), "collection"),
        ]
        return self.answer(kind.feature(row, request.build_absolute_uri) | {"links": links}, GEOJSON)
