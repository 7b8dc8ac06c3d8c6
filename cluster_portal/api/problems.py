"""RFC 9457 problem details: the one shape of every refusal under /api/ and /oauth/."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from cluster_portal.common.context import request_info

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "application/problem+json"

TITLES = {
    400: _("The request could not be understood"),
    401: _("Please sign in"),
    403: _("This is not open to you"),
    404: _("There is nothing at this address, or it is not open to you"),
    405: _("This address does not take that method"),
    406: _("This answer exists as JSON only"),
    409: _("The present state does not allow it"),
    411: _("Say the length of the body (Content-Length)"),
    412: _("The record has changed meanwhile"),
    413: _("The request is too large"),
    415: _("The body is of a type that this address does not take"),
    422: _("The key was used for another request"),
    428: _("Say which version you read"),
    429: _("Too many requests"),
    500: _("Something broke on our side"),
    503: _("The portal cannot answer for a moment"),
}

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    503: "unavailable",
}


def problem(
    status: int,
    *,
    code: str | None = None,
    detail: Any = None,
    errors: Iterable[dict[str, Any]] = (),
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem, texts in the language in use.

    `code` names the failure for programs (`type` is the same as a URN), `detail` says it to people, `errors` lists
    what is wrong field by field, `extra` adds members of this failure's own.
    """
    code = code or CODES.get(status) or ("server_error" if status >= 500 else "bad_request")
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return {
        **(extra or {}),
        "type": f"urn:problem:{code}",
        "title": str(title),
        "status": status,
        "detail": str(detail or title),
        "code": code,
        "errors": list(errors),
        "request_id": request_info().request_id,
    }


def response(status: int, **members: Any) -> HttpResponse:
    """A problem as a plain Django response, for what fails outside of a DRF view."""
    return HttpResponse(
        orjson.dumps(problem(status, **members), default=str), status=status, content_type=CONTENT_TYPE
    )
