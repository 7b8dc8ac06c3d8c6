"""What an address of the API answers when no view of it does: an unknown path, a broken request, a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.urls import is_valid_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from cluster_portal.api import problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

PATHS = ("/api/", "/oauth/", "/fhir/", "/ogc/")


def accepted_language(request: HttpRequest) -> str:
    """The best of Accept-Language that the portal speaks; Russian where the header is silent or asks for others."""
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


class ApiMiddleware:
    """Under the PATHS of programs: the language of Accept-Language, and problem details for every failure.

    Stands outside the layers that ask the database (session, person), so that their failure is told the same way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        request.LANGUAGE_CODE = language = accepted_language(request)
        with translation.override(language):
            response = self._answer(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL has no NUL in texts; refused here once instead of at every column that is searched.
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problems.response(400)
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and not request.META.get(
            "CONTENT_LENGTH"
        ):
            # Django would read a body without a length as empty, and an action would run without what was said.
            return problems.response(411)
        if not is_valid_path(request.path_info):
            # Answered here: the page that visitors get for an unknown address is of no use to a program.
            return _unknown(request)
        response = self.get_response(request)
        if response.status_code < 400 or "json" in response.headers.get("Content-Type", ""):
            return response
        if settings.DEBUG and response.status_code == 500:
            return response
        answer = problems.response(response.status_code)
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in response.headers:
                answer.headers[name] = response.headers[name]
        return answer


def _unknown(request: HttpRequest) -> HttpResponse:
    """404, or where only the slash at the end is missing, the way there."""
    if request.path_info.endswith("/") or not is_valid_path(f"{request.path_info}/"):
        return problems.response(404)
    # Not 301, after which programs send a POST again as a GET.
    query = request.META.get("QUERY_STRING", "")
    return HttpResponse(status=308, headers={"Location": f"{request.path}/{'?' if query else ''}{query}"})
