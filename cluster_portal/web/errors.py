"""Error pages in words: for expected failures, and for what Django itself refuses."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.common.errors import PortalError

log = logging.getLogger(__name__)

#: Seconds after which a request that found the database away is worth repeating.
RETRY_AFTER = 5

HEADINGS = {
    400: gettext_lazy("The request could not be understood"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("This is not open to you"),
    404: gettext_lazy("There is no such page"),
    409: gettext_lazy("This cannot be done now"),
    412: gettext_lazy("The record has changed meanwhile"),
    413: gettext_lazy("Too large"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something broke on our side"),
    503: gettext_lazy("The portal cannot answer for a moment"),
}


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here, unless it is this one."""
    page = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        # The very request that is refused may be for a host that is not ours: there is no way back to offer.
        return ""
    ours = url_has_allowed_host_and_scheme(page, {host}, require_https=request.is_secure())
    return page if ours and page != request.build_absolute_uri() else ""


def render_error(
    request: HttpRequest, status: int, text: Any, *, code: str = "", heading: Any = None
) -> HttpResponse:
    """A page with a heading, a text and a way on; for htmx a toast, sent to the corner of the page."""
    heading = heading or HEADINGS.get(status) or HEADINGS[400]
    context = {"status": status, "heading": heading, "text": text, "code": code, "back": _came_from(request)}
    if getattr(request, "htmx", False):
        toast = {"level": "error", "text": text}
        response = render(request, "components/toast.html", toast, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    specific = f"errors/{status}.html" if status in {400, 403, 404} else "errors/error.html"
    return render(request, specific, context, status=status)


def render_portal_error(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page of an expected failure."""
    return render_error(request, error.status, error.detail, code=error.code)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 400."""
    if isinstance(exception, RequestDataTooBig):
        return render_error(request, 413, _("What was sent is larger than the portal takes at once."))
    return render_error(
        request, 400, _("The address or the form sent to the portal is damaged. Please try again.")
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 403."""
    return render_error(request, 403, _("Your role does not allow this action."))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 404."""
    return render_error(
        request,
        404,
        _("The address has changed or was typed with a mistake, or the record is not open to you."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose protection mark is missing or old: usually a tab left open since an earlier sign-in."""
    return render_error(
        request,
        403,
        _(
            "The form was open for too long, or you have signed in since. Go back, reload the page and send it again."
        ),
        code="csrf",
        heading=_("The form is out of date"),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500; 503 with Retry-After where the database is away. Asks neither database nor cache: either may be
    what broke, as may the page itself.
    """
    # Django asks for this page while it handles what was raised, by a view or by a layer before it.
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if away else 500
    context = {
        "request_id": getattr(request, "request_id", ""),
        "heading": HEADINGS[status],
        "retry_after": RETRY_AFTER if away else None,
    }
    with translation.override(_language(request)):
        try:
            page = render_to_string("errors/500.html", context)
        except Exception:
            log.exception("the page of failures cannot be drawn")
            page = format_html("<h1>{}</h1><p>{}</p>", HEADINGS[status], context["request_id"])
    response = HttpResponse(page, status=status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def _language(request: HttpRequest) -> str:
    """The language in use; where the failure came before one was chosen, what this browser chose."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if hasattr(request, "LANGUAGE_CODE") or chosen not in dict(settings.LANGUAGES):
        return translation.get_language() or settings.LANGUAGE_CODE
    return chosen
