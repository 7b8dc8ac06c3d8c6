"""The addresses of `/fhir/r4/`: thin views over what `resources` declares."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.http import http_date
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from cluster_portal.api import etags
from cluster_portal.api.exceptions import handle
from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.permissions import PUBLIC, SIGNED_IN
from cluster_portal.api.views import ApiMixin, ApiView, ApiViewSet
from cluster_portal.fhir import care, registry  # noqa: F401  (they offer their resources)
from cluster_portal.fhir.bodies import patched
from cluster_portal.fhir.bundles import FORMS, Search
from cluster_portal.fhir.capability import statement
from cluster_portal.fhir.outcomes import outcome
from cluster_portal.fhir.rendering import CONTENT_TYPE, FhirParser, FhirRenderer, PatchParser, PlainRenderer
from cluster_portal.fhir.shapes import ROOT, Reader
from cluster_portal.fhir.transactions import Done, Failed, create, run_bundle, update
from cluster_portal.fhir.writing import WRITERS

if TYPE_CHECKING:
    from rest_framework.request import Request

    from cluster_portal.fhir.resources import Resource


class FhirMixin(ApiMixin):
    """What every view of this door has beside what those of the API have."""

    schema = None
    renderer_classes = [FhirRenderer, PlainRenderer]
    parser_classes = [FhirParser, JSONParser, PatchParser]
    query_parameters = FORMS

    @property
    def reader(self) -> Reader:
        return Reader(self.request.actor, base_of(self.request))

    def place(self, field: str) -> str | None:
        """The FHIRPath of what the portal calls `field`."""
        return field_path(getattr(getattr(self, "resource", None), "type", ""), field)

    def get_exception_handler(self):
        return self._refuse

    def _refuse(self, exc: Exception, context: dict[str, Any]) -> Response | None:
        place = self.place
        if isinstance(exc, Failed):
            place = partial(entry_path, exc.index, exc.kind)
            exc = exc.error
        response = handle(exc, context)
        if response is not None:
            response.data = outcome(response.data, place)
            response.content_type = CONTENT_TYPE
        return response


def field_path(kind: str, field: str) -> str:
    """The FHIRPath of a field of `kind`; one that has its place already keeps it."""
    writer = WRITERS.get(kind)
    found = writer.places.get(field) if writer else None
    return f"{kind}.{found}" if found else field


def entry_path(index: int, kind: str, field: str) -> str:
    """The same inside of a bundle."""
    path = field_path(kind, field)
    inner = path.removeprefix(f"{kind}.")
    return f"Bundle.entry[{index}].resource.{inner}" if inner != path else path


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

    def respond(self, row: Any) -> Response:
        """The resource with its version; 304 where the reader has it already."""
        shown = self.resource.show(row, self.reader)
        version = shown["meta"]["versionId"]
        updated = row["updated_at"] if isinstance(row, dict) else row.updated_at
        headers = {"ETag": f'W/"{version}"', "Last-Modified": http_date(updated.timestamp())}
        if self.request.method in {"GET", "HEAD"} and etags.is_fresh(self.request, f'"{version}"'):
            return Response(status=304, headers=headers)
        return Response(shown, headers=headers)

    def told(self, done: Done) -> Response:
        """What became of a request that wrote."""
        meta = done.shown["meta"]
        headers = {"ETag": f'W/"{meta["versionId"]}"'}
        if done.status == 201:
            headers["Location"] = f"{base_of(self.request)}/{done.place}"
        return Response(done.shown, status=done.status, headers=headers)


class Creates:
    """Mixed into the views of what can be created."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        unless = request.headers.get("If-None-Exist", "")
        return self.told(create(self.resource.type, self.reader, request.data, unless=unless))


class Updates:
    """Mixed into the views of what has a next status."""

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        kind, pk = self.resource.type, self.kwargs["pk"]
        return self.told(update(kind, self.reader, pk, request.data, request=request))

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """JSON Patch of the resource as it is shown."""
        kind, pk = self.resource.type, self.kwargs["pk"]
        return self.told(
            update(kind, self.reader, pk, partial(patched, operations=request.data), request=request)
        )


class TransactionView(FhirMixin, ApiView):
    """Several requests, carried out whole or not at all. Each asks for its own scope."""

    required_scope = SIGNED_IN

    def post(self, request: Request) -> Response:
        return Response(run_bundle(request.data, Reader(request.actor, base_of(request))))


class MetadataView(FhirMixin, ApiView):
    """What the door can do; open to everybody."""

    required_scope = PUBLIC

    def get(self, request: Request) -> Response:
        return Response(statement(base_of(request)))
