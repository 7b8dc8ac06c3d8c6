"""Patients: the search, the card, registering, changing, opening a stranger's record for a stated reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.reports.exports import control
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import FragmentMixin, ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.errors import PatientExists, SimilarPatients, TooManyFailures
from patients.filters import HistoryFilter
from patients.forms.patients import ConsentForm, EmergencyForm, PatientForm, guess
from patients.policies import STAFF, patient_policy
from patients.selectors.addresses import address_line
from patients.selectors.advice import advice_of
from patients.selectors.matches import numbers_of
from patients.selectors.outflow import outflows_of
from patients.selectors.patients import (
    HISTORY_ORDER,
    consents_of,
    history_choices,
    open_patient,
    referrals_of,
    survivor_of,
    waits_of,
)
from patients.selectors.search import search_patients
from patients.services.actions import available_actions
from patients.services.drafts import age_on
from patients.services.emergency import open_in_emergency
from patients.services.patients import (
    record_consent,
    register_patient,
    update_patient,
    withdraw_consent,
)
from patients.views import papers
from patients.views.details import age_words, language_name
from patients.views.outflow import place
from patients.views.rows import FORWARD, buttons

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from patients.models import Patient, Referral


class PatientsView(SignedInMixin, FragmentMixin, TemplateView):
    """One box that finds a patient, and the list of those whom the organisation may see."""

    roles = tuple(STAFF)
    template_name = "patients/patients.html"
    fragment_name = "patients/_patients_table.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:200]
        found = search_patients(self.request.actor, text).select_related("home_clinic")
        page = page_of(self.request, found, ["sort_name", "id"])
        export = control(self.request.actor, "patients.patients", self.request.GET, q=text)
        return super().get_context_data(**kwargs, text=text, page=page, export=export)


class PatientView(SignedInMixin, TemplateView):
    """The card. Opening it is journalled."""

    roles = tuple(STAFF)
    template_name = "patients/patient.html"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        patient = open_patient(request.actor, pk)
        if patient.merged_into_id:
            messages.info(request, _("The record that you asked for was merged into this one."))
            return redirect("patients:detail", survivor_of(patient).pk)
        return self.render_to_response(self.get_context_data(patient=patient))

    def get_context_data(self, patient: Patient, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **card(self.request, patient))


#: From so many referrals on the history has filters.
LONG = 8


def card(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    """What the card shows: ten queries, whatever the history."""
    actor = request.actor
    known = history_choices(actor, patient)
    bar = HistoryFilter(request.GET, choices=known)
    by = bar.history()
    page = page_of(request, referrals_of(actor, patient, by), HISTORY_ORDER, size=20)
    page.items = [(referral, _next(actor, referral)) for referral in page.items]
    consents = list(consents_of(patient))
    return {
        "patient": patient,
        "age": age_words(age_on(patient, timezone.localdate())),
        "snils": identifiers.format_snils(patient.snils),
        "enp": identifiers.format_enp(patient.enp),
        "numbers": sorted(numbers_of(actor.organization_id, [patient.pk]).get(patient.pk, ())),
        "residence": address_line(patient.residence),
        "stay": address_line(patient.stay),
        "speaks": language_name(patient.language),
        "page": page,
        "total": known["total"],
        "open_count": known["open"],
        "filter": bar if known["total"] >= LONG or by else None,
        "narrowed": bool(by),
        "consents": consents,
        "waits": list(waits_of(actor, patient)[:20]),
        "questions": list(advice_of(actor, patient)[:20]),
        "outflows": [(outflow, place(outflow)) for outflow in outflows_of(actor, patient)[:20]],
        "papers": papers.of_patient(patient),
        "may_refer": patient_policy.allows(actor, "refer", patient),
    }


def _next(actor: Actor, referral: Referral) -> Any:
    found = buttons(referral.pk, available_actions(actor, referral))
    return next((button for button in found if button.name in FORWARD), None)


class RegisterPatientView(ServiceFormMixin, SignedInMixin, FormView):
    """A new record; those who look like the same person are shown first."""

    roles = tuple(STAFF)
    form_class = PatientForm
    template_name = "patients/patient_form.html"
    extra_context = {"new": True}

    def get_initial(self) -> dict[str, Any]:
        return guess(self.request.GET.get("q", "")[:200])

    def perform(self, form: PatientForm) -> HttpResponse:
        try:
            patient = register_patient(
                self.request.actor,
                data=form.data_for_service(),
                ignore_similar="ignore_similar" in self.request.POST,
            )
        except SimilarPatients as similar:
            self.extra_context = {"new": True, "similar": similar.extra, "similar_text": similar.detail}
            return self.form_invalid(form)
        except PatientExists as twin:
            self.extra_context = {"new": True, "twin": twin.extra.get("patient_id"), "exists": True}
            raise
        return go(self.request, "patients:detail", patient.pk, message=_("The patient is registered."))


class EditPatientView(ServiceFormMixin, SignedInMixin, FormView):
    """Changing a record."""

    roles = tuple(STAFF)
    form_class = PatientForm
    template_name = "patients/patient_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.patient: Patient | None = None
        return super().dispatch(request, *args, **kwargs)

    def _patient(self) -> Patient:
        if self.patient is None:
            self.patient = open_patient(self.request.actor, self.kwargs["pk"], purpose="edit")
        return self.patient

    def get_initial(self) -> dict[str, Any]:
        return PatientForm.initial_of(self._patient())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, patient=self._patient())

    def perform(self, form: PatientForm) -> HttpResponse:
        try:
            update_patient(self.request.actor, patient_id=self.kwargs["pk"], data=form.data_for_service())
        except PatientExists as twin:
            self.extra_context = {"twin": twin.extra.get("patient_id"), "exists": True}
            raise
        return go(self.request, "patients:detail", self.kwargs["pk"], message=_("The record is saved."))


class EmergencyView(ServiceFormMixin, SignedInMixin, FormView):
    """ "Break the glass": an exact identifier, the birth date and a reason open a stranger's record for a day."""

    roles = tuple(STAFF)
    form_class = EmergencyForm
    template_name = "patients/emergency.html"
    success_message = gettext_lazy(
        "The record is open to your organisation for a day. The access is in the journal."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"identifier": self.request.GET.get("identifier", "")[:30]}

    def perform(self, form: EmergencyForm) -> HttpResponse | None:
        try:
            patient = open_in_emergency(self.request.actor, **form.cleaned_data)
        except NotFound as nobody:
            # Not a page that is missing: two answers that do not belong together.
            add_error(form, Invalid({"identifier": nobody.detail}))
            return self.form_invalid(form)
        except TooManyFailures as shut:
            add_error(form, shut)
            response = self.form_invalid(form)
            response.status_code = shut.status
            return response
        return go(self.request, "patients:detail", patient.pk, message=self.success_message)


class ConsentView(ServiceFormMixin, SignedInMixin, FormView):
    """Recording what a patient signed."""

    roles = tuple(STAFF)
    form_class = ConsentForm
    template_name = "patients/consent_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        patient = open_patient(self.request.actor, self.kwargs["pk"], purpose="consent")
        return super().get_context_data(**kwargs, patient=patient, papers=papers.of_patient(patient))

    def perform(self, form: ConsentForm) -> HttpResponse:
        record_consent(self.request.actor, patient_id=self.kwargs["pk"], **form.cleaned_data)
        return go(self.request, "patients:detail", self.kwargs["pk"], message=_("The consent is recorded."))


class WithdrawConsentView(SignedInMixin, View):
    """A patient takes a consent back, from today."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, consent: uuid.UUID) -> HttpResponse:
        withdraw_consent(request.actor, patient_id=pk, consent_id=consent, withdrawn_on=timezone.localdate())
        return go(request, "patients:detail", pk, message=_("The consent is withdrawn from today."))
