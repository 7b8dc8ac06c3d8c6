"""Agreements: the land office drafts, signs and ends them, their companies read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.files.responses import download
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import agreements as forms
from investors.policies import READERS
from investors.policies.residents import agreement_policy
from investors.selectors import agreements as selectors
from investors.selectors.chain import chain_from
from investors.selectors.companies import company_to
from investors.services import agreements as services
from investors.states import AgreementState
from investors.views.base import FormPage
from investors.views.browse import file_line

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Agreement

ACTS = {
    "sign": Act(
        services.sign_agreement, pgettext_lazy("agreement", "Sign"), "file-text",
        gettext_lazy("Both sides have signed: the plots are given, and the terms stay as they are."),
        form=forms.SignForm, done=gettext_lazy("The plots are given"),
    ),
    "enforce": Act(
        services.enforce_agreement, pgettext_lazy("agreement", "Bring into force"), "circle-check",
        gettext_lazy("The company becomes a resident, and everybody sees that it holds the plots."),
        done=gettext_lazy("The agreement is in force"),
    ),
    "end": Act(
        services.end_agreement, pgettext_lazy("agreement", "End"), "archive",
        gettext_lazy("Its term is over. Plots on which nothing was built are on offer again."),
        done=gettext_lazy("The agreement has ended"), warns=True,
    ),
    "terminate": Act(
        services.terminate_agreement, pgettext_lazy("agreement", "Terminate"), "circle-x",
        gettext_lazy("The company reads the reason. Plots on which nothing was built are on offer again."),
        form=ReasonForm, danger=True, done=gettext_lazy("The agreement is terminated"),
    ),
}  # fmt: skip
TONES = {"draft": "draft", "signed": "booked", "in_force": "good", "ended": "neutral", "terminated": "danger"}


class AgreementsView(SignedInMixin, TemplateView):
    """All agreements for the offices; a company's people see their own."""

    template_name = "investors/agreements/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.AgreementFilter(self.request.GET)
        bar.is_valid()
        asked = selectors.AgreementsAsked(state=bar.cleaned_data.get("state", ""))
        page = page_of(self.request, selectors.agreements(actor, asked), selectors.ORDER)
        return super().get_context_data(
            **kwargs, filter=bar, narrowed=bool(asked), page=page, tones=TONES, is_office=actor.has(*READERS),
            may_write=agreement_policy.may(actor, "create"),
        )  # fmt: skip


class AgreementView(SignedInMixin, TemplateView):
    """One agreement with its terms."""

    template_name = "investors/agreements/agreement.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.agreement_file(self.request.actor, pk)
        agreement, actor = found.agreement, self.request.actor
        return super().get_context_data(
            **kwargs, found=found, agreement=agreement, tone=TONES[agreement.state],
            acts=[(name, ACTS[name]) for name in found.actions],
            files=[file_line(document) for document in found.documents],
            is_draft=agreement.state == AgreementState.DRAFT, is_office=actor.has(*READERS),
            chains=[chain_from(actor, plot, agreement, here=agreement) for plot in found.plots],
        )  # fmt: skip


class _AgreementFormView(FormPage):
    """A form about an agreement that the reader keeps."""

    template_name = "investors/agreements/step.html"
    agreement: Agreement | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.agreement = selectors.agreement_to_keep(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        if self.agreement:
            return reverse("investors:agreement", args=[self.agreement.pk])
        return reverse("investors:agreements")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, agreement=self.agreement)


class AgreementFormView(_AgreementFormView):
    """Draft an agreement (perhaps from a tender, an interest or a plot of the address), or correct a draft."""

    form_class, template_name = forms.AgreementForm, "investors/agreements/form.html"
    title = gettext_lazy("Draft of an agreement")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            super().look_up(request, **kwargs)
        else:
            agreement_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.agreement, "actor": self.request.actor}

    def get_initial(self) -> dict[str, Any]:
        if self.agreement:
            return {"plots": [plot.pk for plot in self.agreement.plots.all()]}
        asked = self.request.GET
        return {"currency": current_cluster().currency} | selectors.begun_from(
            self.request.actor, interest=asked.get("interest", ""), tender=asked.get("tender", ""),
        )  # fmt: skip

    def perform(self, form: forms.AgreementForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        plots = [plot.pk for plot in form.cleaned_data["plots"]]
        if self.agreement:
            services.update_agreement(actor, agreement_id=self.agreement.pk, plot_ids=plots, data=data)
        else:
            self.agreement = services.draft_agreement(
                actor, investor_id=form.cleaned_data["investor"].pk, plot_ids=plots, data=data
            )
        return self.done()


class StepView(StepMixin, _AgreementFormView):
    """A step by the state table."""

    acts, key = ACTS, "agreement_id"


class DocumentFormView(_AgreementFormView):
    """Add a paper: the signed agreement, an annex."""

    form_class, title = forms.AgreementDocumentForm, gettext_lazy("Document")

    def perform(self, form: forms.AgreementDocumentForm) -> HttpResponse:
        services.add_agreement_document(
            self.request.actor,
            agreement_id=self.agreement.pk,
            upload=form.cleaned_data["file"],
            data=form.values(),
        )
        return self.done()


class DocumentView(SignedInMixin, View):
    """A paper of an agreement, for its company and the offices."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return download(selectors.see_document(request.actor, pk))


class DocumentRemoveView(SignedInMixin, View):
    """Take a paper of a draft away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        agreement = selectors.document_to_keep(request.actor, pk).agreement_id
        services.remove_agreement_document(request.actor, document_id=pk)
        return go(request, "investors:agreement", agreement, message=_("Removed."))


class OrganizationView(FormPage):
    """Say which organisation of the registry a company is."""

    form_class, title = forms.OrganizationForm, gettext_lazy("Organisation of the registry")
    template_name = "investors/companies/form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.company = company_to(request.actor, "decide", kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:company", args=[self.company.pk])

    def get_initial(self) -> dict[str, Any]:
        return {"organization": self.company.organization_id}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, company=self.company)

    def perform(self, form: forms.OrganizationForm) -> HttpResponse:
        chosen = form.cleaned_data["organization"]
        services.link_organization(
            self.request.actor, investor_id=self.company.pk, organization_id=chosen.pk if chosen else None
        )
        return self.done()
