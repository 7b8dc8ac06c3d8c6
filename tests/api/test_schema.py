"""The description of the API fits what it does, and no view forgets to say whom it is for."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from cluster_portal.api import scopes
from cluster_portal.api.permissions import PUBLIC, SIGNED_IN, ScopedAccess


def api_views(resolver: URLResolver | None = None, prefix: str = ""):
    """Every view class of REST framework that has an address, with the address."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from api_views(entry, path)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None)
            if view is not None and issubclass(view, APIView):
                yield path, view


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(Client().get("/api/schema/", headers={"Accept-Language": "en"}).content)


@pytest.mark.parametrize(("path", "view"), sorted(api_views(), key=str), ids=lambda value: str(value))
def test_every_view_says_whom_it_is_for(path: str, view: type[APIView]) -> None:
    assert view.required_scope in {*scopes.RESOURCES, PUBLIC, SIGNED_IN}
    assert ScopedAccess in view.permission_classes
    assert view.renderer_classes[0].__module__.startswith(("cluster_portal.api", "cluster_portal.fhir"))


def test_schema_is_without_warnings(tmp_path) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def test_version_and_security(schema: dict) -> None:
    assert schema["openapi"] == "3.1.0"
    schemes = schema["components"]["securitySchemes"]
    flow = schemes["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/oauth/token/" and set(flow["scopes"]) == scopes.ALL
    assert schemes["session"]["in"] == "cookie"
    slots = schema["paths"]["/api/v1/slots/"]["get"]
    assert {"oauth2": ["slots:read"]} in slots["security"] and {"session": []} in slots["security"]


def test_every_operation_documents_its_refusals(schema: dict) -> None:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
            for status in ("400", "429", "503"):
                content = operation["responses"][status]["content"]
                assert list(content) == ["application/problem+json"], where
            if method == "post":
                assert "Idempotency-Key" in headers, where
                assert {"409", "413", "415", "422"} <= set(operation["responses"]), where
            if method in {"patch", "put"}:
                assert "If-Match" in headers or "412" not in operation["responses"], where


def test_input_knows_no_surplus_fields(schema: dict) -> None:
    bodies = [name for name in schema["components"]["schemas"] if name.endswith("Request")]
    assert bodies
    for name in bodies:
        body = schema["components"]["schemas"][name]
        # One of several bodies: each is looked at by itself.
        assert "oneOf" in body or body["additionalProperties"] is False, name


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_schema_in_each_language(language: str) -> None:
    response = Client().get("/api/schema/", headers={"Accept-Language": language})
    assert response["Content-Language"] == language and response.status_code == 200


def test_docs_page_keeps_the_policy() -> None:
    response = Client().get("/api/docs/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy
    page = response.content.decode()
    assert "<style" not in page and "style=" not in page and "<script>" not in page and "http" not in page
    assert 'data-schema="/api/schema/"' in page
