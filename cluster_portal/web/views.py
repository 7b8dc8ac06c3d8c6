"""The two switches of every page, and the styleguide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cluster_portal.web.context_processors import CONTRAST_COOKIE
from cluster_portal.web.signals import language_chosen

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

YEAR = 365 * 24 * 3600


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """The local address in the form's `next`; anything that leaves the portal becomes `default`."""
    target = request.POST.get("next") or request.GET.get("next") or default
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else default


def _remember(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.HTTPS)
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Read the portal in another language from now on; a signed-in person's account remembers it."""
    response = HttpResponseRedirect(safe_next(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        language_chosen.send(sender=None, user=request.user, language=language)
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@require_POST
def set_contrast(request: HttpRequest) -> HttpResponse:
    """Switch the high-contrast appearance on (`on=1`) or off."""
    return _remember(
        HttpResponseRedirect(safe_next(request)),
        CONTRAST_COOKIE,
        "1" if request.POST.get("on") == "1" else "0",
    )


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where programs that keep passwords lead a person (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("account_change_password")
