"""The land office drafts, publishes, changes and ends tenders."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors.forms import tenders as forms
from investors.policies import READERS, tender_policy
from investors.selectors import agreements, bids
from investors.selectors import tenders as selectors
from investors.services import details, questions
from investors.services import tenders as services
from investors.services.tenders import MOMENTS
from investors.states import OPEN_TERMS, TOGETHER, TenderState
from investors.views.bids import said, shown_files
from investors.views.tenders import line, whole

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Tender

ACTS = {
    "publish": Act(
        services.publish_tender, pgettext_lazy("tender", "Publish"), "world",
        gettext_lazy("Everybody sees it, and its plots go to tender. From then on terms change only in the open."),
        done=gettext_lazy("The tender is announced"),
    ),
    "complete": Act(
        services.complete_tender, pgettext_lazy("tender", "Complete"), "key",
        gettext_lazy("The days between the award and the contract are over: the contract may follow."),
        done=gettext_lazy("The tender is complete"),
    ),
    "fail": Act(
        services.fail_tender, gettext_lazy("Declare unsuccessful"), "circle-x",
        gettext_lazy("Nobody won. The plots are on offer again."), form=ReasonForm, danger=True,
        done=gettext_lazy("The tender is unsuccessful"),
    ),
    "cancel": Act(
        services.cancel_tender, pgettext_lazy("tender", "Cancel the tender"), "ban",
        gettext_lazy("The page stays, with the reason. The plots are on offer again."), form=ReasonForm, danger=True,
        done=gettext_lazy("The tender is cancelled"),
    ),
}  # fmt: skip
#: States in which there is something on the page of the evaluation.
JUDGED = (TenderState.EVALUATION, TenderState.AWARDED, TenderState.COMPLETE)
#: A draft begins with a timetable that keeps the minimum periods: days from today.
LEADS = (1, 1 + settings.TENDER_QUESTION_DAYS + 1, settings.TENDER_BID_DAYS + 2)


class TendersView(SignedInMixin, TemplateView):
    """Every tender, drafts too."""

    roles = READERS
    template_name = "investors/tenders/office_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.StateFilter(self.request.GET)
        bar.is_valid()
        state, waits = (bar.cleaned_data.get(name, "") for name in ("state", "waits"))
        page = page_of(self.request, selectors.office_list(actor, state, waits), selectors.OFFICE_ORDER)
        now = timezone.now()
        page.items = [line(tender, now) for tender in page.items]
        return super().get_context_data(
            **kwargs,
            filter=bar,
            narrowed=bool(state or waits),
            page=page,
            may_write=tender_policy.may(actor, "create"),
        )


class DossierView(SignedInMixin, TemplateView):
    """A tender as the office works with it."""

    roles = READERS
    template_name = "investors/tenders/office.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.dossier(actor, pk)
        parts = list(found.tender.key_parts.all())
        return super().get_context_data(
            **kwargs, **whole(found), acts=[(name, ACTS[name]) for name in found.actions if name in ACTS],
            may_write=tender_policy.may(actor, "create"), is_draft=found.tender.state == TenderState.DRAFT,
            may_change_terms=found.phase in OPEN_TERMS, parts=parts,
            were_opened=sum(part.confirmed_at is not None for part in parts) >= TOGETHER
            and bids.may_read(actor, found.tender),
            may_agree=agreements.awaited_of(actor, found.tender), judged=found.phase in JUDGED,
            unanswered=selectors.unanswered(actor, found.tender),
            own_part=bids.part_of(actor, found.tender), may_open=found.phase == TenderState.OPENING,
            opened=[
                (bid, said(bids.opened_contents(bid)), shown_files(bids.opened_contents(bid)))
                for bid in bids.opened_bids(actor, found.tender)
            ],
        )  # fmt: skip


class _TenderFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form that only the land office fills in."""

    template_name = "investors/tenders/form.html"
    title: Any = ""
    submit: Any = ""
    tender: Tender | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = selectors.tender_to_edit(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        if self.tender:
            return reverse("investors:office_tender", args=[self.tender.pk])
        return reverse("investors:office_tenders")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title, "submit": self.submit}
        return super().get_context_data(**words | kwargs, back=self.back, tender=self.tender)

    def done(self, message: Any = None) -> HttpResponse:
        return go(self.request, self.back, message=message or _("Saved"))


class TenderFormView(_TenderFormView):
    """Draft a tender, or correct the draft."""

    form_class, template_name = forms.TenderForm, "investors/tenders/tender_form.html"
    title = gettext_lazy("Tender")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            super().look_up(request, **kwargs)
        else:
            tender_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        found = super().get_form_kwargs() | {
            "instance": self.tender,
            "plots": selectors.plots_to_offer(self.tender),
        }
        if self.tender:
            found["criteria"] = list(self.tender.criteria.all())
        return found

    def get_initial(self) -> dict[str, Any]:
        if self.tender:
            return {"plots": [str(plot.pk) for plot in self.tender.plots.all()]}
        return dict(zip(MOMENTS, _usual_timetable(), strict=True))

    def perform(self, form: forms.TenderForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.tender:
            services.update_tender(actor, tender_id=self.tender.pk, data=data)
        else:
            self.tender = services.add_tender(actor, data=data)
        return self.done()


def _usual_timetable() -> list[datetime]:
    """Mornings, by the reader's clock."""
    today = timezone.localdate()
    questions, bids, until = (
        timezone.make_aware(datetime.combine(today + timedelta(days=days), time(10))) for days in LEADS
    )
    return [questions, bids, until, until + timedelta(hours=2), until + timedelta(days=21)]


class TermsFormView(TenderFormView):
    """Change the terms of a published tender, in the open."""

    form_class, title = forms.TermsForm, gettext_lazy("Change the terms")
    submit = gettext_lazy("Publish the new terms")

    def get_form_kwargs(self) -> dict[str, Any]:
        # The plots of a published tender stay.
        return super().get_form_kwargs() | {"plots": ()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("A new version is published at once. Bids that are there have to be confirmed again.")
        return super().get_context_data(**kwargs, note=note)

    def perform(self, form: forms.TermsForm) -> HttpResponse:
        services.change_terms(
            self.request.actor, tender_id=self.tender.pk, data=form.values(), **form.reason()
        )
        return self.done(_("The new terms are published"))


class StepView(StepMixin, _TenderFormView):
    """A step by the state table."""

    acts, key = ACTS, "tender_id"


class AnswerView(_TenderFormView):
    """Answer a question, for everybody."""

    form_class, title = forms.AnswerForm, gettext_lazy("Answer the question")
    submit = gettext_lazy("Publish the answer")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.question = selectors.question_to_answer(request.actor, kwargs["question"])
        self.tender = self.question.tender

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, question=self.question)

    def perform(self, form: forms.AnswerForm) -> HttpResponse:
        questions.answer_question(self.request.actor, question_id=self.question.pk, data=form.values())
        return self.done(_("The answer is published"))


class DocumentFormView(_TenderFormView):
    """Add a paper."""

    form_class, title = forms.TenderDocumentForm, gettext_lazy("Document")

    def perform(self, form: forms.TenderDocumentForm) -> HttpResponse:
        details.add_tender_document(
            self.request.actor, tender_id=self.tender.pk, upload=form.cleaned_data["file"], data=form.values()
        )
        return self.done()


class DocumentRemoveView(SignedInMixin, View):
    """Take a document of a draft away, with its content."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, document: uuid.UUID) -> HttpResponse:
        tender = selectors.document_to_edit(request.actor, document).tender_id
        details.remove_tender_document(request.actor, document_id=document)
        return go(request, "investors:office_tender", tender, message=_("Removed."))
