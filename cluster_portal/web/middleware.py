"""What every request gets: an id, a language, an actor, safe headers, and errors in words."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from cluster_portal.common.actor import ANONYMOUS, resolve_actor
from cluster_portal.common.context import RequestInfo, set_request_info
from cluster_portal.common.errors import MembershipEnded, NotSignedIn, PortalError
from cluster_portal.web import menu
from cluster_portal.web.errors import render_portal_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

#: The session's key of the organisation that the person chose to act for (its id as text).
ORGANIZATION_KEY = "organization"

#: Paths whose errors are answered by the API's own handler, never by a page.
MACHINE_PATHS = ("/api/", "/oauth/", "/fhir/", "/health/", "/metrics")

#: Signing out and choosing an organisation are done for oneself.
OWN_PATHS = ("/accounts/",)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)

_request_id = re.compile(r"[A-Za-z0-9._-]{8,64}")

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "browsing-topics",
    )
)  # fmt: skip


def client_ip(request: HttpRequest) -> str | None:
    """The address that the request came from, believing only as many proxies as are ours."""
    if proxies := settings.TRUSTED_PROXIES:
        chain = [
            part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
        ]
        if len(chain) >= proxies:
            return chain[-proxies]
    return request.META.get("REMOTE_ADDR") or None


class RequestContextMiddleware:
    """Gives the request an id for logs, journal and support; a sane one from a proxy is kept and echoed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _request_id.fullmatch(given) else uuid.uuid4().hex
        set_request_info(RequestInfo(request_id=request.request_id, ip=client_ip(request)))
        try:
            response = self.get_response(request)
        finally:
            set_request_info(RequestInfo())
        response["X-Request-ID"] = request.request_id
        return response


class SecurityHeadersMiddleware:
    """Headers that Django's own middleware does not set; signed-in answers are never stored by anybody."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        if getattr(request, "actor", ANONYMOUS).is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def chosen_language(request: HttpRequest) -> str:
    """The reader's language: what this browser chose, else what the person's account says, else Russian.

    The browser's own preference list is not asked: the portal's default is the language of its region.
    """
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if cookie in LANGUAGES:
        return cookie
    own = getattr(request.user, "language", "")
    return own if own in LANGUAGES else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Activates the reader's language for the request, unless it is a program's, whose own was chosen before."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if hasattr(request, "LANGUAGE_CODE"):
            return self.get_response(request)
        request.LANGUAGE_CODE = language = chosen_language(request)
        with translation.override(language):
            response = self.get_response(request)
            # A lazily rendered answer must be rendered while the language is still set.
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class ActorMiddleware:
    """Sets `request.actor` (who acts, and for which organisation) and shows times in the actor's zone.

    `request.membership_ended` says that the session works for an organisation that the person no longer belongs to.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor, request.membership_ended = ANONYMOUS, False
        if request.user.is_authenticated:
            chosen = request.session.get(ORGANIZATION_KEY)
            actor = resolve_actor(
                user=request.user,
                organization_id=chosen,
                # Read together with the person; somebody who has just signed in comes without.
                rows=getattr(request.user, "actor_rows", None),
            )
            request.membership_ended = chosen is not None and chosen != str(actor.organization_id)
        request.actor = actor
        if actor.is_authenticated:
            with timezone.override(actor.time_zone):
                response = self.get_response(request)
            if request.method not in SAFE_METHODS:
                menu.forget_counters(actor)
        else:
            response = self.get_response(request)
        return response


class EndedMembershipMiddleware:
    """Who has left the organisation that the session works for goes on for another of theirs, or for none.

    The person is told so, and what was about to be written is refused: it was meant for the other organisation. The
    API refuses by the mark, until a page or a reading request was answered.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.membership_ended:
            return self.get_response(request)
        reading, machine = request.method in SAFE_METHODS, request.path.startswith(MACHINE_PATHS)
        if machine and not reading:
            return self.get_response(request)
        if request.actor.organization_id is None:
            del request.session[ORGANIZATION_KEY]
        else:
            request.session[ORGANIZATION_KEY] = str(request.actor.organization_id)
        if not reading and not request.path.startswith(OWN_PATHS):
            return render_portal_error(request, MembershipEnded())
        if not machine:
            messages.warning(
                request, _("You no longer belong to the organisation that you were working for.")
            )
        return self.get_response(request)


class ErrorPageMiddleware:
    """Shows an expected failure as a page in words, or as a toast where htmx asked for a fragment."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, PortalError) or request.path.startswith(MACHINE_PATHS):
            return None
        if isinstance(exception, NotSignedIn) and request.method == "GET" and not request.htmx:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        return render_portal_error(request, exception)
