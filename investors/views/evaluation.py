"""The evaluation of bids: the office's page, and that of each evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from investors.forms.awards import EvaluatorForm, MarksForm
from investors.policies import READERS
from investors.selectors import awards
from investors.selectors import evaluation as selectors
from investors.services import evaluation as services
from investors.states import BidState, EvaluatorState
from investors.views.awards import OfficeFormView
from investors.views.bids import said, shown_files

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

TONES = {
    BidState.SUBMITTED: "warn", BidState.QUALIFIED: "good", BidState.DISQUALIFIED: "danger",
    EvaluatorState.NAMED: "neutral", EvaluatorState.DECLARED: "info", EvaluatorState.FINISHED: "good",
    EvaluatorState.EXCLUDED: "danger",
}  # fmt: skip
BID_ACTS = {
    "qualify": Act(
        services.qualify_bid, pgettext_lazy("bid", "Admit"), "check",
        gettext_lazy("The evaluators see the offer and give marks. The company and the protocol say why."),
        form=ReasonForm, done=gettext_lazy("The bid is admitted"),
    ),
    "disqualify": Act(
        services.disqualify_bid, pgettext_lazy("bid", "Do not admit"), "ban",
        gettext_lazy("The offer is not evaluated. The company and the protocol say why."), form=ReasonForm,
        danger=True, done=gettext_lazy("The bid is not admitted"),
    ),
}  # fmt: skip
EVALUATOR_ACTS = {
    "exclude": Act(
        services.exclude_evaluator, pgettext_lazy("evaluator", "Exclude"), "user-x",
        gettext_lazy("The marks of this person do not count."), form=ReasonForm, danger=True,
        done=gettext_lazy("The evaluator is excluded"),
    ),
}  # fmt: skip
OWN_ACTS = {
    "recuse": Act(
        services.declare_conflict, gettext_lazy("Declare a conflict of interests"), "user-x",
        gettext_lazy("You do not judge the bids of this tender."), form=ReasonForm, danger=True,
        done=gettext_lazy("Thank you: you do not take part in this evaluation"),
    ),
}  # fmt: skip


class EvaluationView(SignedInMixin, TemplateView):
    """Who is admitted, who judges and has finished, the ranks, the award."""

    roles = READERS
    template_name = "investors/awards/evaluation.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.evaluation_of(actor, pk)
        outcome = awards.outcome_in(actor, found.tender)
        return super().get_context_data(
            **kwargs, found=found, tender=found.tender, outcome=outcome,
            bids=[
                (bid, TONES[BidState(bid.state)], [(name, BID_ACTS[name]) for name in actions if name in BID_ACTS])
                for bid, actions in found.bids
            ],
            people=[
                (one, TONES[EvaluatorState(one.evaluator.state)],
                 [(name, EVALUATOR_ACTS[name]) for name in one.actions if name in EVALUATOR_ACTS])
                for one in found.people
            ],
            may_award=found.may_judge and found.is_on and bool(found.places),
            may_award_next=found.may_judge and bool(outcome) and outcome.award is None
            and found.tender.state == "awarded",
            revocable=bool(outcome and outcome.award) and "revoke" in awards.actions_on(actor, outcome.award),
            stands_still=bool(outcome and outcome.award) and awards.stands_still(outcome.award),
        )  # fmt: skip


class EvaluatorFormView(OfficeFormView):
    """Ask somebody to judge."""

    form_class, title = EvaluatorForm, gettext_lazy("Name an evaluator")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = selectors.tender_to_judge(request.actor, kwargs["pk"])

    def perform(self, form: EvaluatorForm) -> HttpResponse:
        services.name_evaluator(
            self.request.actor, tender_id=self.tender.pk, email=form.cleaned_data["email"]
        )
        return self.done(_("The evaluator is named and told"))


class EvaluatorStepView(StepMixin, OfficeFormView):
    """The land office does without an evaluator."""

    acts, key = EVALUATOR_ACTS, "evaluator_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        evaluator = selectors.evaluator_to_judge(request.actor, kwargs["pk"])
        self.tender, self.about = evaluator.tender, evaluator.name


class BidStepView(StepMixin, OfficeFormView):
    """The land office decides on the eligibility of a bid."""

    acts, key = BID_ACTS, "bid_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        bid = selectors.bid_to_judge(request.actor, kwargs["pk"])
        self.tender, self.about = bid.tender, bid.investor.name


class OwnStepView(StepMixin, OfficeFormView):
    """An evaluator says that a conflict stands in the way."""

    acts, key, public = OWN_ACTS, "evaluator_id", True

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        evaluator = selectors.sheet_of(request.actor, kwargs["pk"]).evaluator
        self.tender, self.back = evaluator.tender, reverse("investors:marks", args=[evaluator.pk])


class TasksView(SignedInMixin, TemplateView):
    """The evaluations that a person was asked for."""

    template_name = "investors/awards/tasks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.own_tasks(self.request.actor)
        return super().get_context_data(
            **kwargs, tasks=[(one, TONES[EvaluatorState(one.state)], one.waiting == 0) for one in rows]
        )


class DeclareView(SignedInMixin, View):
    """An evaluator says that nothing stands in the way."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        services.declare_no_conflict(request.actor, evaluator_id=pk)
        return go(request, "investors:marks", pk, message=_("Thank you: the offers are open to you"))


class MarksView(ServiceFormMixin, SignedInMixin, FormView):
    """An evaluator's sheet: the declaration first, then the offers with a mark for each criterion."""

    form_class, template_name = MarksForm, "investors/awards/marks.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.sheet = selectors.sheet_of(request.actor, kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sheet": self.sheet}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        sheet, form = self.sheet, found["form"]
        return found | {
            "sheet": sheet, "tender": sheet.evaluator.tender, "tone": TONES[EvaluatorState(sheet.evaluator.state)],
            "bids": [(bid, said(bid.said), shown_files(bid.said), form.rows_of(bid)) for bid in sheet.bids],
        }  # fmt: skip

    def perform(self, form: MarksForm) -> HttpResponse:
        own, finish = {"evaluator_id": self.sheet.evaluator.pk, "marks": form.marks()}, "finish" in form.data
        (services.finish_marks if finish else services.save_marks)(self.request.actor, **own)
        message = _("Your marks are fixed") if finish else _("The marks are saved")
        return go(self.request, "investors:marks", self.sheet.evaluator.pk, message=message)
