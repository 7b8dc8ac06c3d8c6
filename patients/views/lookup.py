"""The public page on which a patient looks up a referral: no sign-in, no names, no diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from cluster_portal.common.errors import NotFound, PortalError
from cluster_portal.web import wording
from cluster_portal.web.forms import add_error
from patients.forms.lookup import LookupForm
from patients.papers.common import place
from patients.selectors.lookup import visit_of
from patients.services.lookup import look_up
from patients.states import ReferralState
from patients.views.rows import STATE_LABELS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from clinics.models import Clinic
    from patients.models import Referral
    from patients.selectors.lookup import Visit

S = ReferralState
#: What each state means for the patient.
NEXT = {
    S.SUBMITTED: _("The clinic is deciding on your referral. When it has, a time is chosen with you."),
    S.RETURNED: _("The clinic has asked your doctor for more information. Your doctor answers; nothing is lost."),
    S.ACCEPTED: _("The clinic takes you. A time is being chosen: the clinic that referred you tells you when."),
    S.WAITLISTED: _("You are on the waiting list. When a time comes free, you are told."),
    S.BOOKED: _("You have an appointment."),
    S.IN_CARE: _("You have come to the appointment. The conclusion goes to the doctor who referred you."),
    S.COMPLETED: _("The visit has taken place. The conclusion is with the doctor who referred you."),
    S.REJECTED: _("The clinic cannot take you on this referral. Ask the doctor who referred you what to do next."),
    S.CANCELLED: _("The referral has been cancelled. If you did not expect this, call the clinic that referred you."),
}  # fmt: skip
#: Where the next step is still the referring clinic's: its telephone is given.
WITH_REFERRER = frozenset({S.RETURNED, S.REJECTED, S.CANCELLED, S.COMPLETED})


@method_decorator(sensitive_post_parameters("number", "birth_date"), name="dispatch")
class LookupView(FormView):
    """The number may come in the address (a square code holds it), the birth date is always typed.

    The answer stands in no address, no cache and no search engine.
    """

    template_name = "patients/lookup.html"
    form_class = LookupForm
    http_method_names = ("get", "post", "head", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.request.GET.get("number", "")[:30]}

    def form_valid(self, form: LookupForm) -> HttpResponse:
        try:
            referral = look_up(self.request.actor, **form.cleaned_data)
        except NotFound as wrong:
            return self._refuse(form, wrong, 422)
        except PortalError as refusal:
            return self._refuse(form, refusal, refusal.status)
        return self.render_to_response(self.get_context_data(found=answer(referral), form=form))

    def form_invalid(self, form: LookupForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _refuse(self, form: LookupForm, error: PortalError, status: int) -> HttpResponse:
        add_error(form, error)
        response = self.render_to_response(self.get_context_data(form=form), status=status)
        if wait := error.extra.get("retry_after"):
            response.headers["Retry-After"] = str(wait)
        return response


def answer(referral: Referral) -> dict[str, Any]:
    """What a patient is told: the state, where and when, how to prepare, a telephone. Nothing else."""
    visit = visit_of(referral)
    return {
        "number": referral.number,
        "state": referral.state,
        "label": STATE_LABELS[referral.state],
        "next": NEXT[S(referral.state)],
        "visit": visit and _card(visit),
        "clinic": None if visit else _receiver(referral),
        "phone": visit.phone if visit else _phone(referral),
    }


def _card(visit: Visit) -> dict[str, Any]:
    """The visit with its moment in words: a template would move it from the clinic's clock to the reader's."""
    return {
        "time": wording.moment(visit.start, "time"),
        "weekday": wording.weekday(visit.start),
        "day": visit.start.day,
        "month": wording.month(visit.start.month),
        "zone": wording.utc_offset(visit.start),
        "clinic": visit.clinic,
        "address": place(visit.clinic),
        "room": visit.room,
        "preparation": visit.preparation,
        "documents": visit.documents,
        "remote": visit.remote,
    }


def _receiver(referral: Referral) -> Clinic | None:
    """Where the referral is, as long as somebody there still has to act on it."""
    return None if S(referral.state) in WITH_REFERRER else referral.target_clinic


def _phone(referral: Referral) -> str:
    if S(referral.state) in WITH_REFERRER or referral.target_clinic is None:
        return referral.source_clinic.phone
    return (referral.service.phone if referral.service else "") or referral.target_clinic.phone
