"""The page of a referral, and what one does to it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from cluster_portal.common.errors import Forbidden, IllegalTransition, PortalError
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from patients.forms.actions import WORDS, ActionForm, form_class
from patients.policies import STAFF, referral_policy
from patients.selectors.referrals import open_referral, see_referral
from patients.services.actions import ACTIONS, available_actions, perform
from patients.services.visits import read_conclusion
from patients.states import REFERRAL
from patients.views import details
from patients.views.rows import STATE_LABELS, action_url
from patients.views.triage import Sitting

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from patients.models import Referral


class ReferralView(SignedInMixin, TemplateView):
    """Everything about one referral. Opening it is journalled."""

    roles = tuple(STAFF)
    template_name = "patients/referral.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        referral = open_referral(self.request.actor, pk)
        page = details.page(self.request.actor, referral)
        self.request.menu_path = page["crumbs"][-1][1]
        return super().get_context_data(**kwargs, **page)


class ActionView(SignedInMixin, View):
    """One action of a referral: GET asks (a page, or a dialog for htmx), POST does it.

    An action that the state has overtaken is answered in words on the referral's page, so a second click does no harm.
    `next` in the form may be `triage`: then the next referral of that list follows (see `triage.Sitting`).
    """

    roles = tuple(STAFF)

    def dispatch(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in WORDS and action not in ("book", "reschedule", "submit", "edit"):
            raise Http404
        return super().dispatch(request, pk, action)

    def get(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in WORDS:
            return redirect(action_url(pk, action))
        referral = see_referral(request.actor, pk)
        if action not in available_actions(request.actor, referral):
            return self._overtaken(referral, action)
        initial = {"practitioner_name": request.actor.name} if action == "complete" else {}
        return self._ask(referral, form_class(action)(action=action, referral=referral, initial=initial))

    def post(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in WORDS:
            raise Http404
        referral = see_referral(request.actor, pk)
        form = form_class(action)(request.POST, request.FILES, action=action, referral=referral)
        if not form.is_valid():
            if action not in available_actions(request.actor, referral):
                return self._overtaken(referral, action)
            return self._ask(referral, form, status=422)
        sitting = Sitting(request, pk) if Sitting.asked_for(request) else None
        try:
            perform(request.actor, referral_id=pk, action=action, data=form.data_for_service())
        except IllegalTransition:
            return self._overtaken(see_referral(request.actor, pk), action, sitting)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            add_error(form, error)
            return self._ask(referral, form, status=422)
        if sitting is not None:
            return sitting.answer(WORDS[action].done)
        return go(request, "patients:referral", pk, message=WORDS[action].done)

    def _ask(self, referral: Referral, form: ActionForm, status: int = 200) -> HttpResponse:
        if form.files and "files" in form.fields:
            # A browser fills no file in again.
            form["files"].help_text = _("Please choose the files once more.")
        context = {
            "referral": referral,
            "form": form,
            "words": form.words,
            "danger": ACTIONS[form.action].danger,
            "action_url": reverse("patients:referral_action", args=[referral.pk, form.action]),
            "next": self.request.POST.get("next") or self.request.GET.get("next", ""),
            "list": self.request.POST.get("list") or self.request.GET.get("list", ""),
            "crumbs": details.crumbs(self.request.actor, referral),
        }
        self.request.menu_path = context["crumbs"][-1][1]
        dialog = self.request.htmx and form.action != "complete"
        view = TemplateView(request=self.request)
        view.template_name = "patients/_action_dialog.html" if dialog else "patients/action.html"
        return view.render_to_response(view.get_context_data(**context), status=status)

    def _overtaken(self, referral: Referral, action: str, sitting: Sitting | None = None) -> HttpResponse:
        """The state has moved on (somebody was faster, or this was a second click): say how it stands."""
        sides = referral_policy.sides(self.request.actor, referral, action)
        if not any(line.action == action and line.sides & sides for line in REFERRAL.transitions):
            raise Forbidden
        text = _("Nothing was changed: the referral is now “%(state)s”.") % {
            "state": STATE_LABELS[referral.state]
        }
        if sitting is not None:
            return sitting.answer(text, "info")
        messages.info(self.request, text)
        return go(self.request, "patients:referral", referral.pk)


class ReadConclusionView(SignedInMixin, View):
    """The referring side has read the conclusion."""

    roles = tuple(STAFF)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        read_conclusion(request.actor, referral_id=pk)
        return go(request, "patients:referral", pk, message=_("Marked as read."))
