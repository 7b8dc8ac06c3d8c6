"""The addresses of `/fhir/r4/`: thin views over what `resources` declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.http import http_date
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from cluster_portal.api import etags
from cluster_portal.api.exceptions import handle
from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.permissions import PUBLIC
from cluster_portal.api.views import ApiMixin, ApiView, ApiViewSet
from cluster_portal.fhir import care, registry  # noqa: F401  (they offer their resources)
from cluster_portal.fhir.bundles import FORMS, Search
from cluster_portal.fhir.capability import statement
from cluster_portal.fhir.outcomes import outcome
from cluster_portal.fhir.rendering import CONTENT_TYPE, FhirParser, FhirRenderer, PlainRenderer
from cluster_portal.fhir.shapes import ROOT, Reader

if TYPE_CHECKING:
    from rest_framework.request import Request

    from cluster_portal.fhir.resources import Resource


class FhirMixin(ApiMixin):
    """What every view of this door has beside what those of the API have."""

    schema = None
    renderer_classes = [FhirRenderer, PlainRenderer]
    parser_classes = [FhirParser, JSONParser]
    query_parameters = FORMS

    @property
    def reader(self) -> Reader:
        return Reader(self.request.actor, base_of(self.request))

    def place(self, field: str) -> str | None:
        """The FHIRPath of what the portal calls `field`."""
        return field

    def get_exception_handler(self):
        return self._refuse

    def _refuse(self, exc: Exception, context: dict[str, Any]) -> Response | None:
        response = handle(exc, context)
        if response is not None:
            response.data = outcome(response.data, self.place)
            response.content_type = CONTENT_TYPE
        return response


def base_of(request: Any) -> str:
    """The address of this door as the reader called it."""
    return request.build_absolute_uri(ROOT)


class ResourceViewSet(FhirMixin, ApiViewSet):
    """Reading and searching a resource."""

    resource: ClassVar[Resource]
    lookup_value_regex = r"[A-Za-z0-9\-.]{1,64}"
    #: Which POST only reads.
    reading_actions = frozenset({"search"})

    def refuse_unknown_parameters(self, request: Request) -> None:
        # A search says itself what it knows.
        if self.action not in {"list", "search"}:
            super().refuse_unknown_parameters(request)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._search(dict(request.query_params.lists()))

    @action(detail=False, methods=["post"], url_path="_search", parser_classes=[FormParser])
    def search(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The search with its parameters in the body: identifiers of patients do not belong into addresses."""
        asked = dict(request.query_params.lists())
        # No body at all is no form either.
        for name, values in request.data.lists() if request.data else ():
            asked.setdefault(name, []).extend(values)
        return self._search(asked)

    search.repeatable = True

    def _search(self, asked: dict[str, list[str]]) -> Response:
        prefer = self.request.headers.get("Prefer", "").replace(" ", "")
        lenient = "handling=lenient" in prefer
        return Response(Search.read(self.resource, self.reader, asked, lenient=lenient).answer())

    def find(self, pk: Any) -> Any:
        """The row as it is shown. Raises NotFound where the actor may not see it."""
        resource = self.resource
        return resource.policy.get(self.actor, "view", pk, queryset=resource.rows(self.actor))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pk = self.kwargs["pk"]
        open_row = self.resource.open
        return self.respond(self.find(pk) if open_row is None else open_row(self.actor, pk))

    def respond(self, row: Any, status: int = 200) -> Response:
        """The resource with its version; 304 where the reader has it already."""
        shown = self.resource.show(row, self.reader)
        version = shown["meta"]["versionId"]
        updated = row["updated_at"] if isinstance(row, dict) else row.updated_at
        headers = {"ETag": f'W/"{version}"', "Last-Modified": http_date(updated.timestamp())}
        if self.request.method in {"GET", "HEAD"} and etags.is_fresh(self.request, f'"{version}"'):
            return Response(status=304, headers=headers)
        if status == 201:
            headers["Location"] = f"{base_of(self.request)}/{shown['resourceType']}/{shown['id']}"
        return Response(shown, status=status, headers=headers)


class MetadataView(FhirMixin, ApiView):
    """What the door can do; open to everybody."""

    required_scope = PUBLIC

    def get(self, request: Request) -> Response:
        return Response(statement(base_of(request)))
