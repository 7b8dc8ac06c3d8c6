"""Methods and medicines under the special regime, for those who keep them: the list, a record's page, its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from clinics.forms.licences import ReasonForm
from clinics.forms.regime import MethodFilter, MethodForm
from clinics.selectors import regime as selectors
from clinics.selectors.calendar import today_at
from clinics.services import methods as services
from clinics.states import MethodState
from clinics.views.licences import KEEPERS, paper_tabs
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from clinics.models import Clinic, SpecialMethod

#: The tone of a state's chip.
TONES = {MethodState.DRAFT: "neutral", MethodState.IN_USE: "violet", MethodState.WITHDRAWN: "soft"}


class MethodListView(SignedInMixin, TemplateView):
    """Those of the own clinics, or of all for the office."""

    roles = KEEPERS
    template_name = "clinics/methods/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = MethodFilter(self.request.GET)
        bar.is_valid()
        by = {"state": bar.cleaned_data.get("state", ""), "text": bar.cleaned_data.get("q", "").strip()}
        page = page_of(self.request, selectors.kept_methods(actor, **by), selectors.ORDER)
        page.items = [
            {
                "method": method,
                "tone": TONES[method.state],
                "url": reverse("clinics:method", args=[method.pk]),
            }
            for method in page.items
        ]
        return super().get_context_data(
            **kwargs, page=page, filter=bar, narrowed=any(by.values()), tabs=paper_tabs(actor, "method"),
            places=selectors.regime_clinics(actor),
        )  # fmt: skip


class MethodView(SignedInMixin, TemplateView):
    """One method or medicine: what it is, who approved it, what the patient agrees to, where it is offered."""

    template_name = "clinics/methods/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = selectors.method_page(self.request.actor, self.kwargs["pk"])
        acts = {act: reverse(f"clinics:method_{act}", args=[page.method.pk]) for act in page.actions}
        return super().get_context_data(
            **kwargs, page=page, method=page.method, acts=acts, tone=TONES[page.method.state]
        )


class MethodFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Base of the forms; a record is led back to its page."""

    roles = KEEPERS
    template_name = "clinics/methods/form.html"
    title: Any

    @cached_property
    def method(self) -> SpecialMethod:
        return selectors.method_to_keep(self.request.actor, self.kwargs["pk"])

    def done(self, method: SpecialMethod, message: str) -> HttpResponse:
        return go(self.request, "clinics:method", method.pk, message=message)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": reverse("clinics:method", args=[self.method.pk]), "back_label": self.method.name}
        place = {"clinic": self.method.clinic}
        return super().get_context_data(**{"title": self.title} | place | back | kwargs)


class NewMethodView(MethodFormView):
    """Enter a method or medicine of a clinic."""

    form_class, title = MethodForm, gettext_lazy("New method or medicine")

    @cached_property
    def clinic(self) -> Clinic:
        return selectors.clinic_of_methods(self.request.actor, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinic": self.clinic}

    def perform(self, form: MethodForm) -> HttpResponse:
        made = services.draft_method(self.request.actor, clinic_id=self.clinic.pk, **form.arguments())
        return self.done(made, _("Entered as a draft."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": reverse("clinics:methods"), "back_label": _("Methods and medicines")}
        return FormView.get_context_data(
            self, **kwargs, **back, title=self.title, clinic=self.clinic, whole=True
        )


class EditMethodView(MethodFormView):
    """Change what is not withdrawn."""

    form_class, title = MethodForm, gettext_lazy("Change the method or medicine")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.method, "clinic": self.method.clinic}

    def perform(self, form: MethodForm) -> HttpResponse:
        changed = services.edit_method(self.request.actor, method_id=self.kwargs["pk"], **form.arguments())
        return self.done(changed, _("Saved."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, whole=True)


class BeginMethodView(MethodFormView):
    """GET asks, POST begins to use it."""

    form_class, title = Form, gettext_lazy("Begin to use")

    def perform(self, form: Form) -> HttpResponse:
        begun = services.begin_method(self.request.actor, method_id=self.kwargs["pk"])
        return self.done(begun, _("It is in use."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("From now on everybody who chooses one of its services reads of it before booking.")
        return super().get_context_data(**kwargs, note=note)


class WithdrawMethodView(MethodFormView):
    """Why it is not used any more."""

    form_class, title = ReasonForm, gettext_lazy("Withdraw")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": today_at(self.method.clinic.time_zone)}

    def perform(self, form: ReasonForm) -> HttpResponse:
        gone = services.withdraw_method(self.request.actor, method_id=self.kwargs["pk"], **form.cleaned_data)
        return self.done(gone, _("Withdrawn."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = _("It is offered no more, and stays on record. This cannot be undone.")
        return super().get_context_data(**kwargs, note=note, danger=True)
