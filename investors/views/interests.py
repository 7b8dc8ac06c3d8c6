"""Interests in plots: the company tells what it wants, the land office takes it along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from clinics.selectors.cluster import current_cluster
from cluster_portal.reports.exports import control
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import interests as forms
from investors.policies import READERS
from investors.selectors import interests as selectors
from investors.selectors.companies import own_companies
from investors.selectors.plots import plots_to_want
from investors.services import interests as services
from investors.states import COMPANY, INTEREST, InterestState
from investors.views.base import FormPage

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Interest

ACTS = {
    "contact": Act(
        services.contact_interest, pgettext_lazy("interest", "Contacted"), "phone",
        gettext_lazy("The company sees that the land office deals with it."), done=gettext_lazy("Noted"),
    ),
    "meet": Act(
        services.meet_interest, pgettext_lazy("interest", "Meeting"), "calendar-event",
        gettext_lazy("The company sees that a meeting is arranged."), done=gettext_lazy("Noted"),
    ),
    "negotiate": Act(
        services.negotiate_interest, pgettext_lazy("interest", "Terms"), "file-text",
        gettext_lazy("The company sees that terms are being settled."), done=gettext_lazy("Noted"),
    ),
    "agree": Act(
        services.agree_interest, pgettext_lazy("interest", "Agreement"), "circle-check",
        gettext_lazy("The two sides have agreed. This cannot be undone."), done=gettext_lazy("Noted"),
    ),
    "lose": Act(
        services.lose_interest, pgettext_lazy("interest", "Lost"), "circle-x",
        gettext_lazy("The company reads the reason."), form=ReasonForm, danger=True, done=gettext_lazy("Noted"),
    ),
    "withdraw": Act(
        services.withdraw_interest, pgettext_lazy("interest", "Withdraw"), "arrow-back-up",
        gettext_lazy("The land office reads the reason."), form=ReasonForm, danger=True,
        done=gettext_lazy("The interest is withdrawn"),
    ),
}  # fmt: skip
#: What the company does itself; the rest is the land office's.
OF_COMPANY = {line.action for line in INTEREST.transitions if COMPANY in line.sides}
#: The chip of each state.
TONES = {
    "new": "submitted", "contacted": "booked", "meeting": "violet", "terms": "warn", "agreement": "good",
    "lost": "neutral",
}  # fmt: skip


class InterestsView(SignedInMixin, TemplateView):
    """The offices' pipeline, as a list or (`?view=board`) by state; a company's people see their own as a list."""

    template_name = "investors/interests/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, query = self.request.actor, self.request.GET
        is_office = actor.has(*READERS)
        bar = forms.InterestFilter(query, is_office=is_office)
        bar.is_valid()
        person = bar.cleaned_data.get("responsible")
        asked = selectors.InterestsAsked(
            state=bar.cleaned_data.get("state", ""), responsible=str(person.pk) if person else ""
        )
        context = {"filter": bar, "narrowed": bool(asked), "is_office": is_office, "tones": TONES}
        if is_office and query.get("view") == "board":
            return super().get_context_data(**kwargs, **context, board=selectors.board(actor, asked))
        page = page_of(self.request, selectors.interests(actor, asked), selectors.ORDER)
        export = control(actor, "investors.interests", query)
        return super().get_context_data(**kwargs, **context, page=page, export=export)


class InterestView(SignedInMixin, TemplateView):
    """One interest."""

    template_name = "investors/interests/interest.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.interest_file(actor, pk)
        return super().get_context_data(
            **kwargs, found=found, interest=found.interest, tone=TONES[found.interest.state],
            acts=[(name, ACTS[name]) for name in found.actions], is_office=actor.has(*READERS),
            note_form=forms.NoteForm(), first_stage=InterestState.NEW.label, currency=current_cluster().currency,
        )  # fmt: skip


class NewView(FormPage):
    """Tell the land office what a company wants; who acts for none registers one first."""

    form_class, title = forms.InterestForm, gettext_lazy("Express interest")
    template_name = "investors/interests/form.html"
    back = property(lambda self: reverse("investors:interests"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not own_companies(request.actor).exists():
            messages.info(request, _("Register the company for which you want the plot first."))
            return HttpResponseRedirect(reverse("investors:company_new"))
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_form_kwargs() | {"companies": own_companies(actor), "plots": plots_to_want(actor)}

    def get_initial(self) -> dict[str, Any]:
        wanted = self.request.GET.get("plot")
        plot = plots_to_want(self.request.actor, wanted).first() if wanted else None
        return {"plots": [plot.pk], "direction": plot.direction} if plot else {}

    def perform(self, form: forms.InterestForm) -> HttpResponse:
        interest = services.express_interest(
            self.request.actor, investor_id=form.cleaned_data["company"].pk,
            plot_ids=[plot.pk for plot in form.cleaned_data["plots"]], data=form.values(),
        )  # fmt: skip
        return go(
            self.request, "investors:interest", interest.pk, message=_("The land office has your interest")
        )


class _InterestFormView(FormPage):
    """A form about an interest to which the reader has the `right`."""

    template_name = "investors/interests/step.html"
    right = "keep"
    interest: Interest

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.interest = selectors.interest_to(request.actor, self.right, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:interest", args=[self.interest.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, interest=self.interest)


class PlanView(_InterestFormView):
    """What is done next, when and by whom."""

    form_class, title = forms.PlanForm, gettext_lazy("Next step")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.interest}

    def perform(self, form: forms.PlanForm) -> HttpResponse:
        services.plan_interest(self.request.actor, interest_id=self.interest.pk, data=form.values())
        return self.done()


class NoteView(_InterestFormView):
    """What was said; only the offices read it."""

    form_class, title = forms.NoteForm, gettext_lazy("Note")

    def perform(self, form: forms.NoteForm) -> HttpResponse:
        services.note_interest(self.request.actor, interest_id=self.interest.pk, **form.values())
        return self.done()


class StepView(StepMixin, _InterestFormView):
    """A step by the state table."""

    acts, key = ACTS, "interest_id"

    @property
    def right(self) -> str:
        return "edit" if self.kwargs["action"] in OF_COMPANY else "keep"
