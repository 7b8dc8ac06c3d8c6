"""`/oauth/token/` and `/oauth/revoke_token/`: OAuth 2.0 client credentials (RFC 6749 4.4, RFC 7009).

Refusals of the protocol keep the members and the media type that RFC 6749 5.2 asks for (`error`,
`error_description`, application/json) and carry the members of a problem beside them.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views.mixins import OAuthLibMixin

from cluster_portal.api import problems, throttling
from cluster_portal.api.parsers import drain
from cluster_portal.common.context import request_info

log = logging.getLogger(__name__)

#: The form that these addresses take is some hundred bytes long.
LARGEST = 64 * 1024

DETAILS = {
    "invalid_client": _("client_id or client_secret is wrong, or the client was switched off."),
    "invalid_scope": _("A scope was asked for that does not exist or is not granted to this client."),
    "unsupported_grant_type": _("The only grant type is client_credentials."),
    "invalid_request": _("The request lacks a parameter or repeats one; send it as a form."),
    "unauthorized_client": _("This client may not fetch tokens in this way."),
}


def credentials(request: Any) -> tuple[str, str]:
    """client_id and client_secret, from the Authorization header or from the form; empty where there are none."""
    header = request.headers.get("Authorization") or ""
    scheme, _blank, encoded = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote_plus(name), unquote_plus(secret)
    return getattr(request, "client_id", None) or "", getattr(request, "client_secret", None) or ""


class Validator(OAuth2Validator):
    """Knows that a client may have two secrets for a while (rotation), and takes one way of signing in at a time."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        client_id, secret = credentials(request)
        client = self._load_application(client_id, request) if client_id and secret else None
        return client is not None and client.fits_secret(secret)

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True


@method_decorator([csrf_exempt, never_cache, sensitive_post_parameters("client_secret")], name="dispatch")
class OAuthView(OAuthLibMixin, View):
    """What both addresses share: the limit per address, and refusals in words."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        usage = throttling.take(f"oauth:{request_info().ip}", settings.OAUTH_REQUESTS_PER_MINUTE)
        if usage is not None and usage.exceeded:
            response = problems.response(429)
            response["Retry-After"] = str(usage.reset)
        elif int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            drain(request)
            response = problems.response(413)
        else:
            response = self.answer(request)
        if usage is not None:
            throttling.write_headers(response, usage)
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def respond(self, headers: dict[str, str], body: str | None, status: int) -> HttpResponse:
        """oauthlib's answer as ours."""
        content = (body or "").encode()
        if status >= 400:
            error = json.loads(body or "{}")
            code = error.get("error", "invalid_request")
            members = problems.problem(status, code=code, detail=DETAILS.get(code))
            content = orjson.dumps({**members, "error": code, "error_description": members["detail"]})
            log.info("oauth refused", extra={"code": code})
        response = HttpResponse(content, status=status, content_type="application/json")
        for name in ("Cache-Control", "Pragma", "WWW-Authenticate"):
            if name in headers:
                response[name] = headers[name]
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="portal"'
        return response


class TokenView(OAuthView):
    """A token of 15 minutes for `grant_type=client_credentials`; `scope` narrows it, else it carries all allowed."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        _url, headers, body, status = self.create_token_response(request)
        return self.respond(headers, body, status)


class RevokeView(OAuthView):
    """Withdraw a token of one's own. An unknown one answers 200 as well (RFC 7009 2.2)."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        _url, headers, body, status = self.create_revocation_response(request)
        return self.respond(headers, body, status)
