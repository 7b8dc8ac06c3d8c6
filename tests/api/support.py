"""What tests of the API share: a caller with a token, and a small resource of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, set_token_value

from clinics.models import Organization
from cluster_portal.accounts.models import ApiClient
from cluster_portal.api import scopes
from tests.factories.clinics import make_client, make_organization

JSON = "application/json"
PROBLEM = "application/problem+json"


def make_token(client: ApiClient, granted: frozenset[str] = scopes.ALL, minutes: int = 15) -> str:
    """A token of the client, as the token address would have made it."""
    raw = f"token-{client.pk}-{timezone.now().timestamp()}"
    token = AccessToken(
        application=client,
        scope=" ".join(sorted(granted)),
        expires=timezone.now() + timedelta(minutes=minutes),
    )
    set_token_value(token, raw)
    token.save()
    return raw


class Caller(Client):
    """A regional system with a token; speaks JSON and English."""

    def __init__(
        self, organization: Organization | None = None, granted: frozenset[str] = scopes.ALL, **defaults: Any
    ) -> None:
        super().__init__(**defaults)
        self.organization = organization or make_organization()
        self.api_client = make_client(self.organization, allowed_scopes=sorted(granted))
        self.token = make_token(self.api_client, granted)

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **(headers or {})}

    def get(
        self, path: str, data: Any = None, headers: dict[str, str] | None = None, **extra: Any
    ) -> HttpResponse:
        return super().get(path, data, headers=self._headers(headers), **extra)

    def post(
        self, path: str, data: Any = None, content_type: str = JSON, headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> HttpResponse:  # fmt: skip
        body = {} if data is None else data
        return super().post(path, body, content_type, headers=self._headers(headers), **extra)

    def patch(
        self, path: str, data: Any = None, content_type: str = JSON, headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> HttpResponse:  # fmt: skip
        return super().patch(path, data or {}, content_type, headers=self._headers(headers), **extra)

    def delete(self, path: str, headers: dict[str, str] | None = None, **extra: Any) -> HttpResponse:
        return super().delete(path, headers=self._headers(headers), **extra)


def assert_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is a whole problem with this status and code; returns it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] == code, problem
    assert problem["type"] == f"urn:problem:{code}"
    assert problem["title"] and problem["detail"]
    assert problem["request_id"] == response["X-Request-ID"]
    assert isinstance(problem["errors"], list)
    return problem
