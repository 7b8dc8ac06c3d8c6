"""A company's file: its people enter it, the land office decides on it, both on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.files.responses import download
from cluster_portal.web.acts import Act, ReasonForm, StepForm, StepMixin
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import companies as forms
from investors.policies import (
    READERS,
    investor_document_policy,
    investor_policy,
    invitation_policy,
    member_policy,
    owner_policy,
)
from investors.selectors import companies as selectors
from investors.selectors.invitations import accepted_company, invitation_of
from investors.services import companies, people
from investors.states import COMPANY, INVESTOR, OPEN_TO_CORRECTION
from investors.views.base import FormPage
from investors.views.browse import file_line

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from cluster_portal.common.policy import Policy
    from investors.models import Investor

ACTS = {
    "submit": Act(
        companies.submit_investor, gettext_lazy("Send for review"), "send",
        gettext_lazy("The land office compares the data with the papers. Meanwhile they stay as they are."),
        done=gettext_lazy("The land office has it"),
    ),
    "reopen": Act(
        companies.reopen_investor, gettext_lazy("Correct the data"), "edit",
        gettext_lazy("The company has to be verified anew before it can take part in tenders."),
        done=gettext_lazy("The data may be corrected"), warns=True,
    ),
    "verify": Act(
        companies.verify_investor, pgettext_lazy("investor", "Verify"), "circle-check",
        gettext_lazy("Name, register number and owners agree with the papers. The company may take part in tenders."),
        done=gettext_lazy("The company is verified"),
    ),
    "refuse": Act(
        companies.refuse_investor, pgettext_lazy("investor", "Refuse"), "circle-x",
        gettext_lazy("Its people read the reason, may correct the data and ask again."), form=ReasonForm, danger=True,
        done=gettext_lazy("The company knows why"),
    ),
    "suspend": Act(
        companies.suspend_investor, pgettext_lazy("investor", "Suspend"), "ban",
        gettext_lazy("It cannot take part in tenders until it is restored."), form=ReasonForm, danger=True,
        done=gettext_lazy("The company is suspended"),
    ),
    "restore": Act(
        companies.restore_investor, pgettext_lazy("investor", "Restore"), "circle-check",
        gettext_lazy("It may take part in tenders again."), done=gettext_lazy("The company may act again"),
    ),
}  # fmt: skip
#: What the company does itself; the rest is the land office's.
OF_COMPANY = {line.action for line in INVESTOR.transitions if COMPANY in line.sides}
#: The chip of each state.
TONES = {"new": "draft", "review": "submitted", "verified": "good", "refused": "danger", "suspended": "warn"}


class OwnView(SignedInMixin, TemplateView):
    """The companies for which one acts."""

    template_name = "investors/companies/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.own_companies(self.request.actor)
        return super().get_context_data(**kwargs, companies=[(one, TONES[one.state]) for one in rows])


class CompaniesView(SignedInMixin, TemplateView):
    """The land office's list of companies; the queue of those to verify is the state `review`."""

    roles = READERS
    template_name = "investors/companies/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.CompanyFilter(self.request.GET)
        bar.is_valid()
        asked = selectors.CompaniesAsked(**bar.cleaned_data)
        page = page_of(self.request, selectors.companies(actor, asked), selectors.ORDER)
        waiting = selectors.to_verify(actor)
        return super().get_context_data(
            **kwargs, filter=bar, narrowed=bool(asked), page=page, tones=TONES, waiting=waiting.count(),
        )  # fmt: skip


class CompanyView(SignedInMixin, TemplateView):
    """One company."""

    template_name = "investors/companies/company.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.company_file(actor, pk)
        return super().get_context_data(
            **kwargs, found=found, company=found.investor, tone=TONES[found.investor.state],
            acts=[(name, ACTS[name]) for name in found.actions],
            files=[file_line(document) for document in found.documents], is_office=actor.has(*READERS),
        )  # fmt: skip


class _CompanyFormView(FormPage):
    """A form about a company to which the reader has the `right`."""

    template_name = "investors/companies/form.html"
    right = "edit"
    company: Investor | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.company = selectors.company_to(request.actor, self.right, kwargs["pk"])

    @property
    def back(self) -> str:
        if self.company:
            return reverse("investors:company", args=[self.company.pk])
        return reverse("investors:own")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_office = self.request.actor.has(*READERS)
        return super().get_context_data(**kwargs, company=self.company, is_office=is_office)


class CompanyFormView(_CompanyFormView):
    """Enter a company, or correct it; of one that is looked at, only how it is reached."""

    title = gettext_lazy("Register a company")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            super().look_up(request, **kwargs)
            self.title = self.company.name
        else:
            investor_policy.require(request.actor, "create")

    def get_form_class(self) -> type:
        closed = self.company and self.company.state not in OPEN_TO_CORRECTION
        return forms.ContactForm if closed else forms.CompanyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.company}

    def perform(self, form: forms.CompanyForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.company:
            companies.update_investor(actor, investor_id=self.company.pk, data=data)
            return self.done()
        self.company = companies.register_investor(actor, data=data)
        return self.done(_("Now name the owners, add the papers and send the file for review"))


class StepView(StepMixin, _CompanyFormView):
    """A step by the state table."""

    acts, key = ACTS, "investor_id"

    @property
    def right(self) -> str:
        return "edit" if self.kwargs["action"] in OF_COMPANY else "decide"


class OwnerFormView(_CompanyFormView):
    """Name a beneficial owner."""

    form_class, title, right = forms.OwnerForm, gettext_lazy("Beneficial owner"), "correct"

    def perform(self, form: forms.OwnerForm) -> HttpResponse:
        companies.add_owner(self.request.actor, investor_id=self.company.pk, data=form.values())
        return self.done()


class DocumentFormView(_CompanyFormView):
    """Add a paper of the company."""

    form_class, title = forms.CompanyDocumentForm, gettext_lazy("Document")

    def perform(self, form: forms.CompanyDocumentForm) -> HttpResponse:
        upload = form.cleaned_data["file"]
        companies.add_investor_document(
            self.request.actor, investor_id=self.company.pk, upload=upload, data=form.values()
        )
        return self.done()


class InviteView(_CompanyFormView):
    """Invite a colleague by e-mail."""

    form_class, title, right = forms.InvitationForm, gettext_lazy("Invite a colleague"), "own"
    submit = gettext_lazy("Send the invitation")

    def perform(self, form: forms.InvitationForm) -> HttpResponse:
        people.invite_person(self.request.actor, investor_id=self.company.pk, **form.values())
        return self.done(_("The letter is on its way"))


class DocumentView(SignedInMixin, View):
    """A paper of a company, for its people and the offices."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return download(selectors.see_company_document(request.actor, pk))


class _RemoveView(SignedInMixin, View):
    """Take something of a company away: `policy` finds the row, and `right` is what one needs to it."""

    http_method_names = ["post"]
    policy: Policy
    right = "correct"
    service: Callable[..., None]
    key: str

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        company_id = self.policy.get(request.actor, self.right, pk).investor_id
        type(self).service(request.actor, **{self.key: pk})
        return go(request, "investors:company", company_id, message=_("Removed."))


class OwnerRemoveView(_RemoveView):
    """A beneficial owner who was named by mistake."""

    policy, service, key = owner_policy, companies.remove_owner, "owner_id"


class DocumentRemoveView(_RemoveView):
    """A paper at which nobody has looked."""

    policy, service, key = investor_document_policy, companies.remove_investor_document, "document_id"


class InvitationRemoveView(_RemoveView):
    """An invitation: its letter is good no longer."""

    policy, right, service, key = invitation_policy, "own", people.withdraw_invitation, "invitation_id"


class PersonRemoveView(_RemoveView):
    """Somebody who acts for the company no longer."""

    policy, right, service, key = member_policy, "own", people.remove_person, "member_id"


class JoinView(SignedInMixin, FormView):
    """What the letter of an invitation leads to: look who invites, and accept."""

    form_class, template_name = StepForm, "investors/companies/join.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.invitation = invitation_of(request.actor, kwargs["token"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever opens the letter again is led to the company, and so is the second click of a double one."""
        if request.actor.is_authenticated and (own := accepted_company(request.actor, kwargs["token"])):
            return go(request, "investors:company", own)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, invitation=self.invitation)

    def form_valid(self, form: StepForm) -> HttpResponse:
        member = people.accept_invitation(self.request.actor, token=self.kwargs["token"])
        return go(
            self.request, "investors:company", member.investor_id, message=_("You act for this company now")
        )
