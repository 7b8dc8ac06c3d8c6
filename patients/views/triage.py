"""The list of referrals that wait for the clinic's decision, with the reading pane beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import FragmentMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.filters import WorklistFilter
from patients.policies import STAFF
from patients.selectors import worklists
from patients.selectors.referrals import earlier_visits, open_referral, place_in_queue
from patients.services.actions import available_actions
from patients.views import details, files
from patients.views.rows import buttons, present
from patients.views.worklists import tabs

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

#: The verbs under the reading pane with their keys.
KEYS = {"accept": "a", "return_for_info": "b", "redirect": "r", "reject": "x"}


class TriageView(SignedInMixin, FragmentMixin, TemplateView):
    """The whole list, or with `pk` also one referral opened beside it (on a telephone: instead of it)."""

    roles = tuple(STAFF)
    template_name = "patients/triage.html"
    fragment_name = "patients/_triage_item.html"

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        queue = worklists.QUEUES[worklists.IN]["triage"]
        bar = WorklistFilter(request.GET, side=worklists.IN, queue=queue)
        by = bar.narrowing()
        rows = worklists.rows(
            worklists.narrow(request.actor, worklists.in_queue(request.actor, worklists.IN, queue), by)
        )
        page = page_of(request, rows, queue.order)
        page.items = [present(request.actor, values) for values in page.items]
        reading = pk or (page.items[0].id if page.items else None)
        context = self.get_context_data(
            side=worklists.IN, queue=queue, page=page, filter=bar, narrowed=bool(by), reading=reading,
            tabs=tabs(request.actor, worklists.IN, "triage"), opened=pk is not None,
            export=control(request.actor, "patients.referrals_received", request.GET, queue=queue.key),
        )  # fmt: skip
        if reading is not None:
            context |= self._item(reading, by)
            if context["referral"].state != "submitted" and pk is not None:
                return go(request, "patients:referral", pk)
        return self.render_to_response(context)

    def _item(self, pk: uuid.UUID, by: worklists.Narrowing) -> dict[str, Any]:
        actor = self.request.actor
        referral = open_referral(actor, pk)
        place = place_in_queue(actor, worklists.IN, "triage", pk, by)
        verbs = [button for button in buttons(pk, available_actions(actor, referral)) if button.name in KEYS]
        for button in verbs:
            button.short = {"accept": _("Accept"), "return_for_info": _("Return"), "redirect": _("Redirect"),
                            "reject": _("Reject")}[button.name]  # fmt: skip
        ready = details.readiness(referral)
        return {
            "referral": referral,
            "label": referral.get_state_display(),
            "place": place,
            "patient": referral.patient,
            "facts": details.patient_facts(referral),
            "diagnosis": details.diagnosis_name(referral.diagnosis_code) or referral.diagnosis_text,
            "deadline": details.deadline(referral),
            "earlier": list(earlier_visits(actor, referral)),
            "road": details.road(referral.source_clinic, referral.target_clinic),
            "ready": ready,
            "lacking": sum(not line["good"] for line in ready),
            "files": files.panel(actor, referral),
            "verbs": [(button, KEYS[button.name]) for button in verbs],
        }
