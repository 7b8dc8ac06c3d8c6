"""What one watches: plots and searches; and the link in a letter that stops one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from cluster_portal.web.mixins import SignedInMixin, go
from investors.forms.interests import SearchForm
from investors.selectors import watching as selectors
from investors.selectors.plots import sites
from investors.services import watching as services
from investors.views.base import FormPage
from investors.views.browse import asked_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse


class WatchedView(SignedInMixin, TemplateView):
    """One's plots and searches."""

    template_name = "investors/watching/watched.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        searches = [
            {
                "search": one,
                # Without one the search cannot be understood any more, and its person is told.
                "address": selectors.asked_by(one) and f"{reverse('investors:plots')}?{urlencode(one.asked)}",
            }
            for one in selectors.searches(actor)
        ]
        return super().get_context_data(**kwargs, watched=list(selectors.watched(actor)), searches=searches)


class WatchView(SignedInMixin, View):
    """Watch a plot, or (`off`) watch it no more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        off = "off" in request.POST
        (services.unwatch_plot if off else services.watch_plot)(request.actor, plot_id=pk)
        message = _("You watch this plot no more") if off else _("You will hear when its state changes")
        return go(request, "investors:plot", pk, message=message)


class SaveView(FormPage):
    """Keep the filters of the public list under a name."""

    form_class, title = SearchForm, gettext_lazy("Save the search")
    template_name = "investors/watching/save.html"

    @property
    def back(self) -> str:
        return f"{reverse('investors:plots')}?{self.request.GET.urlencode()}"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        kept = selectors.as_kept(asked_of(request)[1])
        if "site" in kept and kept["site"] not in {str(site.pk) for site in sites()}:
            del kept["site"]
        self.asked = kept

    def perform(self, form: SearchForm) -> HttpResponse:
        services.save_search(self.request.actor, asked=self.asked, **form.values())
        return go(self.request, "investors:watched", message=_("New plots that fit come by mail"))


class RemoveView(SignedInMixin, View):
    """Remove one of one's searches."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        services.remove_search(request.actor, search_id=pk)
        return go(request, "investors:watched", message=_("Removed."))


@method_decorator(csrf_exempt, name="dispatch")
class StopView(TemplateView):
    """What the link in a letter leads to: one button, which mail programs press by themselves (RFC 8058).

    The signed link is the proof; there is nothing else in it that somebody could be made to do.
    """

    template_name = "investors/watching/stop.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, search=selectors.search_of_letter(kwargs["token"]))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        services.stop_search(request.actor, token=token)
        return go(request, "investors:plots", message=_("No more letters come about this search"))
