"""The description of the API for programs (`/api/schema/`) and for people (`/api/docs/`)."""

from __future__ import annotations

from functools import cache

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

CONTENT_TYPE = "application/vnd.oai.openapi+json;version=3.1"


@cache
def schema_bytes(language: str) -> bytes:
    """The schema in a language; it changes only with the code."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(schema, renderer_context={})


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON, texts in the language of Accept-Language."""
    return HttpResponse(schema_bytes(get_language() or "ru"), content_type=CONTENT_TYPE)


# Swagger UI draws its arrows and marks from data: addresses inside its style sheet.
@csp_update({"img-src": [SELF, "data:"]})
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own files; the schema that it shows is read from `/api/schema/`."""
    return render(request, "api/docs.html")
