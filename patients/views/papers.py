"""Papers to print. Each is made when it is asked for and kept nowhere; opening one is journalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.views.generic import View

from cluster_portal.documents.responses import pdf_response
from cluster_portal.web.mixins import SignedInMixin
from patients import papers
from patients.papers.form_057u import SHEET_COUNTRY
from patients.papers.slip import language_for
from patients.policies import STAFF
from patients.states import ConsentKind, ReferralState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from patients.models import Patient, Referral


def of_referral(referral: Referral) -> dict[str, Any]:
    """What the menu of a referral's papers shows: `paper_name`, and `slip` in its languages once there is a time."""
    sheet = referral.source_clinic.country == SHEET_COUNTRY
    return {
        "paper_name": _("Data sheet of the referral") if sheet else _("Form 057/у"),
        "slip": _languages(referral.patient) if referral.state == ReferralState.BOOKED else [],
    }


def of_patient(patient: Patient) -> dict[str, Any]:
    """What the menu of a patient's consents shows: the kinds, and the languages with the patient's one first."""
    return {"kinds": ConsentKind.choices, "languages": _languages(patient)}


def _languages(patient: Patient) -> list[tuple[str, str, bool]]:
    """Code and own name of each language, and whether it is what the patient gets; that one first."""
    own = language_for(patient)
    rows = [(code, name, code == own) for code, name in settings.LANGUAGES]
    return sorted(rows, key=lambda row: not row[2])


class FormView(SignedInMixin, View):
    """Form 057/у of a referral (a data sheet from a clinic of Kazakhstan)."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return pdf_response(*papers.form_057u(request.actor, pk))


class SlipView(SignedInMixin, View):
    """The patient's slip, in the patient's language unless `?language=` names another one."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return pdf_response(*papers.slip(request.actor, pk, language=request.GET.get("language", "")))


class ConclusionView(SignedInMixin, View):
    """The conclusion of the visit."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return pdf_response(*papers.conclusion_paper(request.actor, pk))


class ConsentFormView(SignedInMixin, View):
    """A consent of one kind to sign, filled in with the patient's data."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
        language = request.GET.get("language", "")
        return pdf_response(*papers.consent_form(request.actor, pk, kind=kind, language=language))
