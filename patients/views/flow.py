"""A new referral in one sitting: the patient, the reason and the service, the confirmation. The time is in `times`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from clinics.errors import SlotTaken
from clinics.selectors.regime import methods_with
from cluster_portal.common.errors import IllegalTransition, Invalid, PortalError
from cluster_portal.web import wording
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, FragmentMixin, ServiceFormMixin, SignedInMixin, go
from patients.errors import PatientExists, SimilarPatients
from patients.forms.patients import ShortPatientForm, guess
from patients.forms.referrals import ConfirmForm, NewConsentForm, ReasonForm
from patients.policies import STAFF, referral_policy
from patients.selectors import dictionaries
from patients.selectors.patients import consents_of
from patients.selectors.referrals import booking_of, missing_consents, see_referral
from patients.selectors.search import search_patients
from patients.services.drafts import EDITABLE, draft_referral, update_draft
from patients.services.flow import register_and_draft, send_referral, state_reason
from patients.states import BookingState
from patients.views import compare, files
from patients.views.details import given_words

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from patients.models import Referral

FOUND_AT_MOST = 12


def wizard(current: int, referral: Referral | None = None) -> list[dict[str, Any]]:
    """The four steps with what has been answered; those behind lead back."""
    titles = [_("Patient"), _("Reason and service"), _("Clinic and time"), _("Confirmation")]
    names = ["", "referral_edit", "referral_time", "referral_confirm"]
    metas = ["", "", "", ""]
    if referral is not None:
        metas[0] = f"{referral.patient.full_name}, {referral.patient.birth_date.year}"
        service = referral.service_type.name if referral.service_type else ""
        metas[1] = " · ".join(filter(None, (referral.diagnosis_code, service)))
    steps = []
    for number, (title, name, meta) in enumerate(zip(titles, names, metas, strict=True), start=1):
        state = "current" if number == current else "done" if number < current else "future"
        behind = state == "done" and referral is not None and name
        url = reverse(f"patients:{name}", args=[referral.pk]) if behind else ""
        steps.append({"title": title, "meta": meta, "url": url, "state": state})
    return steps


def editable_or_away(
    request: HttpRequest, referral_id: uuid.UUID
) -> tuple[Referral | None, HttpResponse | None]:
    """The draft; or, for one that has left the desk meanwhile, the way to its page with a word about it."""
    referral = see_referral(request.actor, referral_id, "edit")
    if referral.state in EDITABLE:
        return referral, None
    messages.warning(request, _("The referral has been sent already: here is how it stands now."))
    return None, go(request, "patients:referral", referral.pk)


class NewReferralView(SignedInMixin, FragmentMixin, TemplateView):
    """The first step: find the patient, or register one. Choosing begins the draft."""

    roles = tuple(STAFF)
    template_name = "patients/new_patient.html"
    fragment_name = "patients/_found_patients.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        referral_policy.require(self.request.actor, "create")
        text = self.request.GET.get("q", "").strip()[:200]
        found = list(search_patients(self.request.actor, text)[: FOUND_AT_MOST + 1]) if text else []
        kwargs.setdefault("form", ShortPatientForm(initial=guess(text)))
        return super().get_context_data(
            **kwargs,
            steps=wizard(1),
            text=text,
            found=found[:FOUND_AT_MOST],
            more=len(found) > FOUND_AT_MOST,
            registering="register" in self.request.GET or kwargs["form"].is_bound,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a draft for the patient that was chosen."""
        referral = draft_referral(request.actor, patient_id=request.POST.get("patient", ""))
        return go(request, "patients:referral_edit", referral.pk)


class RegisterAndReferView(ServiceFormMixin, SignedInMixin, FormView):
    """Registering a patient inside the first step; similar ones are shown before."""

    roles = tuple(STAFF)
    form_class = ShortPatientForm
    template_name = "patients/new_patient.html"

    def perform(self, form: ShortPatientForm) -> HttpResponse | None:
        try:
            referral = register_and_draft(
                self.request.actor,
                data=form.data_for_service(),
                ignore_similar="ignore_similar" in self.request.POST,
            )
        except SimilarPatients as similar:
            self.extra_context = {"similar": similar.extra, "similar_text": similar.detail}
            return self.form_invalid(form)
        except PatientExists as twin:
            self.extra_context = {"twin": twin.extra.get("patient_id"), "exists": True}
            raise
        return go(self.request, "patients:referral_edit", referral.pk)

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("patients:referral_new")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, steps=wizard(1), text="", found=[], registering=True)


class ReasonView(SignedInMixin, TemplateView):
    """The second step: why and for what. What is typed saves itself; going on checks it all."""

    roles = tuple(STAFF)
    template_name = "patients/reason.html"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, away = editable_or_away(request, pk)
        if away:
            return away
        form = self._form(referral, initial=ReasonForm.initial_of(referral))
        missing = missing_consents(referral)
        consent = NewConsentForm(missing=missing) if missing else None
        return self._page(referral, form, consent)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, away = editable_or_away(request, pk)
        if away:
            return away
        form = self._form(referral, data=request.POST)
        missing = missing_consents(referral)
        consent = NewConsentForm(request.POST, missing=missing) if missing else None
        if form.is_valid() and (consent is None or consent.is_valid()):
            try:
                state_reason(
                    request.actor,
                    referral_id=pk,
                    data=form.data_for_service(),
                    consents=consent.consents() if consent else [],
                )
                return go(request, "patients:referral_time", pk)
            except PAGE_ERRORS:
                raise
            except PortalError as error:
                add_error(form, error)
        self._keep(referral, form)
        return self._page(referral, form, consent, status=422)

    def _form(self, referral: Referral, **kwargs: Any) -> ReasonForm:
        clinics = dictionaries.open_clinics(referral.source_organization_id)
        return ReasonForm(clinics=clinics, **kwargs)

    def _keep(self, referral: Referral, form: ReasonForm) -> None:
        """What is good of a form with errors is saved all the same."""
        save_what_is_good(self.request, referral, form)

    def _page(
        self, referral: Referral, form: ReasonForm, consent: NewConsentForm | None, status: int = 200
    ) -> HttpResponse:
        context = self.get_context_data(
            referral=referral,
            form=form,
            consent=consent,
            given=given_words(list(consents_of(referral.patient))) if consent is None else [],
            steps=wizard(2, referral),
            last_step=compare.last_return(referral),
            files=files.panel(self.request.actor, referral),
        )
        return self.render_to_response(context, status=status)


def save_what_is_good(request: HttpRequest, referral: Referral, form: ReasonForm) -> None:
    """Save the fields that passed, one refusal of the service at a time leaving its fields out."""
    form.is_valid()
    data = form.data_for_service()
    for _attempt in range(len(data) + 1):
        try:
            update_draft(request.actor, referral_id=referral.pk, data=data)
            return
        except Invalid as error:
            bad = set(error.errors) & set(data)
            if not bad:
                return
            data = {name: value for name, value in data.items() if name not in bad}


class AutosaveView(SignedInMixin, TemplateView):
    """What is typed in the second step, saved while it is typed. Answers in JSON for `forms.js`."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral = see_referral(request.actor, pk, "edit")
        if referral.state not in EDITABLE:
            raise IllegalTransition(_("The referral has been sent already."))
        clinics = dictionaries.open_clinics(referral.source_organization_id)
        save_what_is_good(request, referral, ReasonForm(request.POST, clinics=clinics))
        now = timezone.localtime()
        return JsonResponse({"saved": _("Draft saved at %(time)s") % {"time": wording.moment(now, "time")}})


class ConfirmView(SignedInMixin, TemplateView):
    """The last step: everything on one page, and one button that sends it and books the time."""

    roles = tuple(STAFF)
    template_name = "patients/confirm.html"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, away = editable_or_away(request, pk)
        return away or self._page(referral)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        referral, away = editable_or_away(request, pk)
        if away:
            return away
        form = ConfirmForm(request.POST)
        missing = missing_consents(referral)
        consent = NewConsentForm(request.POST, missing=missing, needed=True) if missing else None
        if not form.is_valid() or (consent is not None and not consent.is_valid()):
            return self._page(referral, form, consent, status=422)
        try:
            sent = send_referral(
                request.actor,
                referral_id=pk,
                slot_id=form.cleaned_data["slot"],
                **form.late(),
                consents=consent.consents() if consent else [],
            )
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            add_error(form, error)
            status = 409 if isinstance(error, SlotTaken) else 422
            return self._page(referral, form, consent, status=status, error=error)
        return go(request, "patients:referral", pk, message=compare.sent_words(sent))

    def _page(
        self,
        referral: Referral,
        form: ConfirmForm | None = None,
        consent: NewConsentForm | None = None,
        status: int = 200,
        error: PortalError | None = None,
    ) -> HttpResponse:
        booking = booking_of(referral)
        held = booking if booking is not None and booking.state == BookingState.HELD else None
        missing = [] if consent else missing_consents(referral)
        due = compare.due_preview(referral)
        card = compare.held_card(referral, held, due) if held else None
        context = self.get_context_data(
            referral=referral,
            steps=wizard(4, referral),
            form=form or ConfirmForm(initial={"slot": held.slot_id if held else None}),
            consent=consent or (NewConsentForm(missing=missing, needed=True) if missing else None),
            held=card,
            special=card["special"] if card else methods_with(referral.service_id, referral.target_clinic),
            due=due,
            decides_first=compare.decides_first(referral),
            incomplete=compare.incomplete(referral),
            alternatives=compare.alternatives(error),
            refusal=error,
        )
        return self.render_to_response(context, status=status)


__all__ = [
    "AutosaveView", "ConfirmView", "NewReferralView", "ReasonView", "RegisterAndReferView", "wizard",
]  # fmt: skip
