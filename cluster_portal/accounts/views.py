"""Switching the organisation, and signing in with one click in the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cluster_portal.accounts import selectors
from cluster_portal.common.errors import NotFound, NotSignedIn
from cluster_portal.web.middleware import ORGANIZATION_KEY

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    """Where the form says to go on, if that is a page of ours."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url(settings.LOGIN_REDIRECT_URL)
    return HttpResponseRedirect(target)


@require_POST
@never_cache
def switch_organization(request: HttpRequest) -> HttpResponse:
    """Act for another organisation of one's own from now on. Raises NotFound for one that is not one's own."""
    if not request.user.is_authenticated:
        raise NotSignedIn
    wanted = request.POST.get("organization", "")
    if wanted not in {str(key) for key, _name in request.actor.memberships}:
        raise NotFound
    request.session[ORGANIZATION_KEY] = wanted
    return _onwards(request)


@require_POST
@never_cache
def demo_login(request: HttpRequest) -> HttpResponse:
    """Sign in as somebody of the demo, named by `user` (the e-mail). Exists only in the demo (see `urls`)."""
    email = request.POST.get("user", "").strip().lower()
    user = selectors.demo_users().filter(email__iexact=email).first()
    if user is None or not settings.DEMO:
        raise NotFound
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
    return _onwards(request)
