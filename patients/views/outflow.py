"""Pages of the register of patients sent outside the cluster."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import NotFound
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.errors import SentOutsideAlready
from patients.forms.outflow import OutflowFilter, OutflowForm, WithdrawOutflowForm
from patients.forms.patients import country_names
from patients.policies import STAFF, outflow_policy
from patients.selectors import outflow as selectors
from patients.selectors.dictionaries import open_clinics
from patients.selectors.patients import open_patient
from patients.selectors.referrals import refusal_of, see_referral
from patients.services.outflow import record_outflow, update_outflow, withdraw_outflow

if TYPE_CHECKING:
    from patients.models import Outflow, Patient, Referral

READERS = (*STAFF, Role.OFFICE)


def place(outflow: Outflow) -> str:
    """`Новосибирская область`, `Республика Корея, Сеул`: the region alone in the cluster's own country."""
    from clinics.selectors.cluster import current_cluster

    country = country_names().get(outflow.country, outflow.country)
    if outflow.country == current_cluster().country:
        return outflow.region or country
    return f"{country}, {outflow.region}" if outflow.region else country


class RegisterView(SignedInMixin, TemplateView):
    """Who was sent outside the cluster, where to and why. The office reads it without names."""

    roles = READERS
    template_name = "patients/outflow/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        outflow_policy.require(actor, "list")
        bar = OutflowFilter(self.request.GET, lists=selectors.choices(actor))
        bar.is_valid()
        known = dict(bar.cleaned_data)
        known["withdrawn"] = bool(known.get("withdrawn"))
        by = selectors.Narrowing(text=known.pop("q", "").strip(), **known)
        page = page_of(self.request, selectors.register(actor, by), selectors.ORDER)
        page.items = [
            {"outflow": row, "place": place(row), "named": outflow_policy.names(actor, row)}
            for row in page.items
        ]
        return super().get_context_data(
            **kwargs,
            page=page,
            filter=bar,
            narrowed=bool(by),
            may_create=outflow_policy.may(actor, "create"),
            export=control(actor, "patients.outflow_list", self.request.GET),
        )


class OutflowView(SignedInMixin, TemplateView):
    """One entry. Whoever is shown the patient is journalled."""

    roles = READERS
    template_name = "patients/outflow/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        outflow = selectors.open_outflow(actor, pk)
        named = outflow_policy.names(actor, outflow)
        return super().get_context_data(
            **kwargs,
            outflow=outflow,
            place=place(outflow),
            named=named,
            may_edit=named and outflow.withdrawn_at is None,
        )


class _OutflowFormView(ServiceFormMixin, SignedInMixin, FormView):
    roles = tuple(STAFF)
    form_class = OutflowForm
    template_name = "patients/outflow/form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinics": open_clinics(self.request.actor.organization_id)}


class NewOutflowView(_OutflowFormView):
    """Send a patient outside: from the card (`?patient=`), or from a referral that came to nothing (`?referral=`)."""

    def _whence(self) -> tuple[Patient, Referral | None]:
        if not hasattr(self, "_found"):
            actor, asked = self.request.actor, self.request.GET
            referral = see_referral(actor, asked["referral"]) if asked.get("referral") else None
            patient = referral.patient_id if referral else asked.get("patient")
            if not patient:
                raise NotFound
            self._found = open_patient(actor, patient, purpose="outflow"), referral
        return self._found

    def get_initial(self) -> dict[str, Any]:
        _patient, referral = self._whence()
        found: dict[str, Any] = {"key": uuid.uuid4(), "decided_by": self.request.actor.name}
        if referral:
            found |= OutflowForm.initial_from(referral, reason=refusal_of(referral))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        patient, referral = self._whence()
        back = (
            reverse("patients:referral", args=[referral.pk])
            if referral
            else reverse("patients:detail", args=[patient.pk])
        )
        return super().get_context_data(**kwargs, patient=patient, referral=referral, back=back)

    def perform(self, form: OutflowForm) -> HttpResponse:
        patient, referral = self._whence()
        try:
            outflow = record_outflow(
                self.request.actor,
                patient_id=patient.pk,
                referral_id=referral and referral.pk,
                key=form.cleaned_data["key"],
                data=form.data_for_service(),
            )
        except SentOutsideAlready as before:
            if "outflow" not in before.extra:
                raise
            return go(self.request, "patients:outflow", before.extra["outflow"], message=before.detail)
        return go(self.request, "patients:outflow", outflow.pk, message=_("The entry is saved."))


class EditOutflowView(_OutflowFormView):
    """Change an entry."""

    def _outflow(self) -> Outflow:
        if not hasattr(self, "_found"):
            self._found = selectors.open_outflow(self.request.actor, self.kwargs["pk"])
        return self._found

    def get_initial(self) -> dict[str, Any]:
        return OutflowForm.initial_of(self._outflow())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outflow = self._outflow()
        back = reverse("patients:outflow", args=[outflow.pk])
        return super().get_context_data(**kwargs, outflow=outflow, patient=outflow.patient, back=back)

    def perform(self, form: OutflowForm) -> HttpResponse:
        pk = self.kwargs["pk"]
        update_outflow(self.request.actor, outflow_id=pk, data=form.data_for_service())
        return go(self.request, "patients:outflow", pk, message=_("The entry is saved."))


class WithdrawOutflowView(ServiceFormMixin, SignedInMixin, FormView):
    """Take an entry out of the figures, with the reason."""

    roles = tuple(STAFF)
    form_class = WithdrawOutflowForm
    template_name = "patients/outflow/withdraw.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outflow = selectors.open_outflow(self.request.actor, self.kwargs["pk"])
        return super().get_context_data(**kwargs, outflow=outflow, place=place(outflow))

    def perform(self, form: WithdrawOutflowForm) -> HttpResponse:
        pk = self.kwargs["pk"]
        withdraw_outflow(self.request.actor, outflow_id=pk, **form.cleaned_data)
        return go(self.request, "patients:outflow", pk, message=_("The entry is withdrawn."))
