"""Every failure of a view as problem details."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from cluster_portal.api import problems
from cluster_portal.api.errors import InsufficientScope, InvalidToken, OutOfRange, TooLarge, Unavailable
from cluster_portal.common.errors import (
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    PortalError,
    is_transient,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

#: Seconds after which a request that met a passing obstacle is worth repeating.
RETRY_AFTER = 1


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception hook. None leaves the exception to Django, which answers 500."""
    exc = _known(exc)
    if isinstance(exc, PortalError):
        return _portal(exc)
    if isinstance(exc, drf.ValidationError):
        errors = list(flatten(exc.get_full_details()))
        return _answer(400, code=Invalid.code, detail=Invalid.title, errors=errors)
    if isinstance(exc, drf.UnsupportedMediaType):
        return _answer(exc.status_code, code=problems.CODES[415], detail=_media_words(context.get("view")))
    if isinstance(exc, drf.APIException):
        return _drf(exc)
    return None


def _known(exc: Exception) -> Exception:
    """Django's and the driver's exceptions as our own."""
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return Forbidden()
    if isinstance(exc, RequestDataTooBig):
        return TooLarge()
    if isinstance(exc, SuspiciousOperation):
        return PortalError(problems.TITLES[400])
    if isinstance(exc, DataError):
        return OutOfRange()
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning(
            "database error answered", extra={"error": type(exc).__name__, "transient": is_transient(exc)}
        )
        return Busy() if is_transient(exc) else Unavailable()
    return exc


def _portal(exc: PortalError) -> Response:
    errors = []
    if isinstance(exc, Invalid):
        errors = [
            {"field": field or None, "code": getattr(text, "code", None) or exc.code, "detail": _text(text)}
            for field, texts in exc.errors.items()
            for text in texts
        ]
    elif exc.field:
        errors = [{"field": exc.field, "code": exc.code, "detail": str(exc.detail)}]
    answer = _answer(exc.status, code=exc.code, detail=exc.detail, errors=errors, extra=exc.extra)
    if isinstance(exc, InvalidToken):
        answer["WWW-Authenticate"] = 'Bearer realm="portal", error="invalid_token"'
    elif isinstance(exc, InsufficientScope):
        scope = exc.extra.get("required_scope", "")
        answer["WWW-Authenticate"] = f'Bearer realm="portal", error="insufficient_scope", scope="{scope}"'
    elif isinstance(exc, NotSignedIn):
        answer["WWW-Authenticate"] = 'Bearer realm="portal"'
    if exc.status in {429, 503} or exc.code in {"busy", "request_running"}:
        answer["Retry-After"] = str(exc.extra.get("retry_after", RETRY_AFTER))
    return answer


def _text(text: Any) -> str:
    """The words of a string or of a ValidationError."""
    return " ".join(map(str, text.messages)) if hasattr(text, "messages") else str(text)


_DETAILS = {
    drf.NotAuthenticated: ("not_signed_in", _("Please send an access token: Authorization: Bearer …")),
    drf.PermissionDenied: ("forbidden", Forbidden.title),
    drf.NotFound: ("not_found", NotFound.title),
    drf.ParseError: ("bad_request", problems.TITLES[400]),
    drf.NotAcceptable: ("not_acceptable", _("The answer exists as application/json only.")),
    drf.Throttled: (
        "too_many_requests",
        _("The limit of requests per minute is used up. Please wait a little."),
    ),
}


def _media_words(view: Any) -> str:
    """What the address takes instead."""
    types = " / ".join(parser.media_type for parser in view.parser_classes) if view else "application/json"
    return _("Content-Type must be %(types)s.") % {"types": types}


def _drf(exc: drf.APIException) -> Response:
    code, detail = _DETAILS.get(type(exc), (problems.CODES.get(exc.status_code), exc.detail))
    answer = _answer(exc.status_code, code=code, detail=detail)
    if header := getattr(exc, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        answer["Retry-After"] = str(max(1, round(wait)))
    return answer


def _answer(status: int, **members: Any) -> Response:
    return Response(problems.problem(status, **members), status=status, content_type=problems.CONTENT_TYPE)


def flatten(details: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """DRF's nested error details as a flat list; the place is written `items.0.name`, None for the whole body."""
    if isinstance(details, dict) and not (
        {"message", "code"} == details.keys() and isinstance(details["code"], str)
    ):
        for key, inner in details.items():
            whole = key in {"non_field_errors", "__all__"}
            yield from flatten(inner, path if whole else f"{path}.{key}" if path else str(key))
    elif isinstance(details, list):
        for index, inner in enumerate(details):
            # A list of texts belongs to its field; a list of objects has one entry an item, empty where it is right.
            nested = isinstance(inner, dict) and "message" not in inner
            yield from flatten(
                inner, f"{path}.{index}" if nested and path else str(index) if nested else path
            )
    else:
        yield {"field": path or None, "code": details["code"], "detail": str(details["message"])}
