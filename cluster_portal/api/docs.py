"""The description of the API for programs (`/api/schema/`), for people (`/api/docs/`), and how programs sign in
(`/.well-known/oauth-authorization-server`).
"""

from __future__ import annotations

from functools import cache

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from cluster_portal.api import scopes

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


@require_safe
def authorization_server(request: HttpRequest) -> JsonResponse:
    """Where tokens are got, and in which ways (RFC 8414): what client libraries ask for before anything else."""
    ways = ["client_secret_basic", "client_secret_post"]
    return JsonResponse(
        {
            "issuer": request.build_absolute_uri("/").rstrip("/"),
            "token_endpoint": request.build_absolute_uri(reverse("oauth-token")),
            "token_endpoint_auth_methods_supported": ways,
            "revocation_endpoint": request.build_absolute_uri(reverse("oauth-revoke")),
            "revocation_endpoint_auth_methods_supported": ways,
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": sorted(scopes.ALL),
            "service_documentation": request.build_absolute_uri(reverse("api-docs")),
        }
    )
