"""Thin HTML views: sign-in, services behind forms, fragments for htmx, pages by cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from cluster_portal.common.errors import Forbidden, NotFound, NotSignedIn, PortalError
from cluster_portal.web.forms import add_error

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest

#: These are not the form's fault: they are shown as pages.
PAGE_ERRORS = (NotFound, Forbidden, NotSignedIn)


def go(request: HttpRequest, to: Any, *args: Any, message: Any = None, **kwargs: Any) -> HttpResponse:
    """Lead the reader to another page, by htmx's header where htmx asked; `message` is shown there as a toast."""
    if message:
        messages.success(request, message)
    url = resolve_url(to, *args, **kwargs)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


class SignedInMixin:
    """Only for signed-in people, and for holders of one of `roles` where given.

    Whom nothing stops meets `look_up` next: there a page looks up what it is about, whatever the method.
    """

    roles: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.is_authenticated:
            raise NotSignedIn
        if self.roles and not request.actor.has(*self.roles):
            raise Forbidden
        self.look_up(request, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        """Keeps what the page is about. Raises what its selectors do: NotFound, Forbidden."""


class FragmentMixin:
    """Answers htmx with `fragment_name` (a part of the page) where the view names one."""

    fragment_name: str | None = None

    def get_template_names(self) -> list[str]:
        request = self.request
        if (
            self.fragment_name
            and request.htmx
            and not request.htmx.boosted
            and not request.htmx.history_restore_request
        ):
            return [self.fragment_name]
        return super().get_template_names()


class ServiceFormMixin:
    """A form whose work is one service.

    `perform(form)` calls the service and returns the answer (a response) or None for `success_url`. What the
    service refuses is shown at the field; what was typed stays. A form with errors answers 422.
    """

    success_message: Any = None
    #: What the service refused, for pages that show more of it than its words.
    refusal: PortalError | None = None

    def perform(self, form: BaseForm) -> HttpResponse | None:
        raise NotImplementedError

    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            response = self.perform(form)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            self.refusal = error
            add_error(form, error)
            return self.form_invalid(form)
        return response or go(self.request, self.get_success_url(), message=self.success_message)

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response
