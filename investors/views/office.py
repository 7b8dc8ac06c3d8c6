"""The land office writes sites, plots, utilities and documents, and moves plots by the state table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView, View

from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import office as forms
from investors.policies import READERS, plot_policy, site_policy
from investors.selectors import drawing
from investors.selectors import office as selectors
from investors.services import details, plots
from investors.states import OPEN_TO_CHANGE
from investors.views.base import FormPage
from investors.views.browse import file_line, utility_lines

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Plot, Utility


ACTS = {
    "publish": Act(
        plots.publish_plot, pgettext_lazy("plot", "Publish"), "eye",
        gettext_lazy("Everybody sees it on the public pages."), done=gettext_lazy("The plot is on offer"),
    ),
    "put_to_tender": Act(
        plots.put_plot_to_tender, gettext_lazy("Put to tender"), "gavel",
        gettext_lazy("From now on its data stay as they are."), done=gettext_lazy("The plot is in tender"),
    ),
    "reserve": Act(
        plots.reserve_plot, gettext_lazy("Reserve"), "lock",
        gettext_lazy("It is shown as taken and kept for one investor."), done=gettext_lazy("The plot is reserved"),
    ),
    "release": Act(
        plots.release_plot, gettext_lazy("Release"), "lock-open", gettext_lazy("Everybody may have it again."),
        done=gettext_lazy("The plot is on offer again"),
    ),
    "withdraw": Act(
        plots.withdraw_plot, gettext_lazy("Withdraw"), "archive",
        gettext_lazy("It leaves the list; its page stays, with the reason."), form=ReasonForm, danger=True,
        done=gettext_lazy("The plot is withdrawn"),
    ),
}  # fmt: skip


class PlotsView(SignedInMixin, TemplateView):
    """Every plot, drafts too."""

    roles = READERS
    template_name = "investors/office/plots.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.StateFilter(self.request.GET)
        bar.is_valid()
        state = bar.cleaned_data.get("state", "")
        return super().get_context_data(
            **kwargs, filter=bar, narrowed=bool(state), sites=selectors.sites(actor),
            page=page_of(self.request, selectors.office_list(actor, state), selectors.ORDER),
            may_write=plot_policy.may(actor, "create"),
        )  # fmt: skip


class DossierView(SignedInMixin, TemplateView):
    """A plot as the office works with it."""

    roles = READERS
    template_name = "investors/office/plot.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.dossier(actor, pk)
        return super().get_context_data(
            **kwargs, found=found, plot=found.plot, utilities=utility_lines(found),
            files=[file_line(document) for document in (*found.documents, *found.photos)],
            acts=[(name, ACTS[name]) for name in found.actions], may_write=plot_policy.may(actor, "create"),
            may_change=found.plot.state in OPEN_TO_CHANGE,
        )  # fmt: skip


class _LandFormView(FormPage):
    """A form that only the land office fills in."""

    plot: Plot | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.plot = selectors.plot_to_edit(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        if self.plot:
            return reverse("investors:office_plot", args=[self.plot.pk])
        return reverse("investors:office_plots")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, plot=self.plot)


class SiteFormView(_LandFormView):
    """Enter a territory, or correct it."""

    form_class, title = forms.SiteForm, gettext_lazy("Site")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.site = selectors.site_to_edit(request.actor, kwargs["pk"]) if "pk" in kwargs else None
        if self.site is None:
            site_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.site}

    def perform(self, form: forms.SiteForm) -> HttpResponse:
        if self.site:
            plots.update_site(self.request.actor, site_id=self.site.pk, data=form.values())
        else:
            plots.add_site(self.request.actor, data=form.values())
        return self.done()


class PlotFormView(_LandFormView):
    """Enter a plot, or correct it."""

    form_class, template_name = forms.PlotForm, "investors/office/plot_form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            super().look_up(request, **kwargs)
        else:
            plot_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.plot}

    def get_initial(self) -> dict[str, Any]:
        site = selectors.site_of(self.request.actor, self.request.GET.get("site", ""))
        return {} if self.plot or site is None else {"site": site.pk}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        asked = self.request.POST.get("site") or self.request.GET.get("site", "")
        site = self.plot.site if self.plot else selectors.site_of(actor, asked)
        plan = fault = None
        if site:
            places = drawing.places_in(self.refusal.extra if self.refusal else {})
            frame = drawing.frame_of(drawing.stretched(site.box, places), width=900, height=560)
            fault = drawing.fault_at(frame, places)
            others = [plot for plot in selectors.plots_of(actor, site) if plot != self.plot]
            plan = drawing.draw(frame, site, others, box=site.box)
        return super().get_context_data(**kwargs, drawing=plan, fault=fault, sites=selectors.sites(actor))

    def perform(self, form: forms.PlotForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.plot:
            plots.update_plot(actor, plot_id=self.plot.pk, data=data)
        else:
            self.plot = plots.add_plot(actor, data=data)
        return self.done()


class StepView(StepMixin, _LandFormView):
    """A step by the state table."""

    acts, key = ACTS, "plot_id"


class UtilityFormView(_LandFormView):
    """Enter what is laid to a plot, or bring its figures up to date."""

    form_class, title = forms.UtilityForm, gettext_lazy("Utility")
    utility: Utility | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "utility" in kwargs:
            self.utility = selectors.utility_to_edit(request.actor, kwargs["utility"])
            self.plot = self.utility.plot
        else:
            super().look_up(request, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.utility}

    def perform(self, form: forms.UtilityForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.utility:
            details.update_utility(actor, utility_id=self.utility.pk, data=data)
        else:
            details.add_utility(actor, plot_id=self.plot.pk, data=data)
        return self.done()


class DocumentFormView(_LandFormView):
    """Add a paper or a photograph."""

    form_class, title = forms.DocumentForm, gettext_lazy("Document")

    def perform(self, form: forms.DocumentForm) -> HttpResponse:
        upload = form.cleaned_data["file"]
        details.add_document(self.request.actor, plot_id=self.plot.pk, upload=upload, data=form.values())
        return self.done()


class UtilityRemoveView(SignedInMixin, View):
    """Take a utility away that was entered by mistake."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, utility: uuid.UUID) -> HttpResponse:
        plot = selectors.utility_to_edit(request.actor, utility).plot_id
        details.remove_utility(request.actor, utility_id=utility)
        return go(request, "investors:office_plot", plot, message=_("Removed."))


class DocumentRemoveView(SignedInMixin, View):
    """Take a document away, with its content."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, document: uuid.UUID) -> HttpResponse:
        plot = selectors.document_to_edit(request.actor, document).plot_id
        details.remove_document(request.actor, document_id=document)
        return go(request, "investors:office_plot", plot, message=_("Removed."))
