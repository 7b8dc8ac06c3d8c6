"""How the people of an intake get on: the office's and the host's page, journals, assessments, expenses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import NotFound
from cluster_portal.files.responses import download
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from training.forms import learning as forms
from training.policies import certificate_policy, programme_policy
from training.selectors import learning as selectors
from training.selectors.attendance import is_open
from training.services import expenses, learning
from training.services.certificates import issue_certificates
from training.states import AssessmentKind
from training.views.board import ids_of
from training.views.nominations import TONES
from training.views.programmes import INTAKE_TONES

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

READERS = (Role.TRAINING, Role.OFFICE)


class LearningView(SignedInMixin, TemplateView):
    """Everybody of an intake: presence, assessment, what a certificate still lacks."""

    template_name = "training/learning/intake.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.follow(actor, pk)
        return super().get_context_data(
            **kwargs,
            found=found,
            sessions=[(session, is_open(session)) for session in found.sessions],
            now=timezone.now(),
            intake=found.intake,
            programme=found.intake.programme,
            tone=INTAKE_TONES[found.intake.state],
            people=[
                {"nomination": row, "standing": standing, "tone": TONES[row.state]}
                for row, standing in found.people
            ],
            may_issue=certificate_policy.may(actor, "issue"),
            in_office=actor.has(*READERS),
        )


class IssueView(SignedInMixin, View):
    """Issue the certificates of an intake in the background."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return go(request, "jobs:detail", issue_certificates(request.actor, intake_id=pk).pk)


class _NominationFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about somebody of an intake. `find` looks up who, and the row that is changed."""

    template_name = "training/learning/form.html"
    title: Any = ""
    instance: Any = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.nomination, self.instance = self.find(request, **kwargs)

    def find(self, request: HttpRequest, **kwargs: Any) -> tuple[Any, Any]:
        """Whom the form is about, and the row to change. Raises NotFound and Forbidden."""
        raise NotFound

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.instance}

    def today(self) -> Any:
        """The day where the intake takes place."""
        return today_at(self.nomination.intake.time_zone)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("training:nomination", args=[self.nomination.pk])
        return super().get_context_data(
            **kwargs, nomination=self.nomination, back=back, title=capfirst(self.title)
        )

    def done(self) -> HttpResponse:
        return go(self.request, "training:nomination", self.nomination.pk, message=_("Saved"))


class DayView(_NominationFormView):
    """A day of an internship."""

    form_class = forms.DayForm
    title = gettext_lazy("A day of the journal")

    def find(self, request: HttpRequest, **kwargs: Any) -> tuple[Any, Any]:
        return selectors.journal_to_write(request.actor, kwargs["pk"], kwargs.get("entry"))

    def get_initial(self) -> dict[str, Any]:
        return {} if self.instance else {"day": self.today(), "minutes": 480}

    def perform(self, form: forms.DayForm) -> HttpResponse:
        learning.write_journal(
            self.request.actor, nomination_id=self.nomination.pk, data=form.values(),
            entry_id=self.instance.pk if self.instance else None,
        )  # fmt: skip
        return self.done()


class ConfirmDaysView(SignedInMixin, View):
    """The host confirms days of a journal."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        days = ids_of(request.POST.getlist("row"))
        learning.confirm_journal(request.actor, nomination_id=pk, entry_ids=days)
        return go(request, "training:nomination", pk, message=_("Confirmed"))


class AssessView(_NominationFormView):
    """What the host says of somebody."""

    form_class = forms.AssessmentForm

    def find(self, request: HttpRequest, **kwargs: Any) -> tuple[Any, Any]:
        if kwargs["kind"] not in AssessmentKind.values:
            raise NotFound
        self.title = AssessmentKind(kwargs["kind"]).label
        return selectors.assessment_to_edit(request.actor, kwargs["pk"], kwargs["kind"])

    def get_initial(self) -> dict[str, Any]:
        return {} if self.instance else {"assessed_on": self.today()}

    def perform(self, form: forms.AssessmentForm) -> HttpResponse:
        learning.assess(
            self.request.actor, nomination_id=self.nomination.pk, kind=self.kwargs["kind"], data=form.values()
        )
        return self.done()


class BudgetView(SignedInMixin, TemplateView):
    """What an intake costs, against what was planned."""

    roles = READERS
    template_name = "training/learning/budget.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.budget(actor, pk)
        return super().get_context_data(
            **kwargs, budget=found, intake=found.intake, programme=found.intake.programme,
            currency=current_cluster().currency, may_write=programme_policy.may(actor, "create"),
        )  # fmt: skip


class ExpenseView(ServiceFormMixin, SignedInMixin, FormView):
    """A line of a budget, with receipts."""

    form_class = forms.ExpenseForm
    template_name = "training/learning/expense.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.expense = selectors.expense_to_edit(request.actor, kwargs["pk"], kwargs.get("expense"))
        self.intake = selectors.intake_to_follow(request.actor, kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        people = selectors.travellers(self.intake)
        return super().get_form_kwargs() | {"instance": self.expense, "people": people}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, intake=self.intake, programme=self.intake.programme, expense=self.expense,
            back=reverse("training:budget", args=[self.intake.pk]),
        )  # fmt: skip

    def perform(self, form: forms.ExpenseForm) -> HttpResponse:
        sent = {"data": form.values(), "files": form.cleaned_data["files"]}
        if self.expense:
            expenses.update_expense(self.request.actor, expense_id=self.expense.pk, **sent)
        else:
            expenses.add_expense(self.request.actor, intake_id=self.intake.pk, **sent)
        return go(self.request, "training:budget", self.intake.pk, message=_("Saved"))


class ExpenseRemoveView(SignedInMixin, View):
    """Take a line that was only planned out of the budget."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, expense: uuid.UUID) -> HttpResponse:
        found = selectors.expense_to_edit(request.actor, pk, expense)
        expenses.remove_expense(request.actor, expense_id=found.pk)
        return go(request, "training:budget", pk, message=_("Taken out of the budget"))


class ReceiptView(SignedInMixin, View):
    """A receipt, as a download."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return download(expenses.take_receipt(request.actor, receipt_id=pk))
