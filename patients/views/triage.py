"""The list of referrals that wait for the clinic's decision, with the reading pane beside it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cluster_portal.common.errors import PortalError
from cluster_portal.reports.exports import control
from cluster_portal.web import wording
from cluster_portal.web.mixins import FragmentMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.filters import WorklistFilter
from patients.policies import STAFF
from patients.selectors import worklists
from patients.selectors.referrals import earlier_visits, open_referral, place_in_queue
from patients.services.actions import available_actions
from patients.states import ReferralState
from patients.views import details, files
from patients.views.rows import buttons, present
from patients.views.worklists import tabs

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

QUEUE = worklists.QUEUES[worklists.IN]["triage"]
#: What `next` of a form says where the list is being worked through; `list` is then the list's own query.
TRIAGE = "triage"
#: The verbs under the reading pane with their keys.
KEYS = {"accept": "a", "return_for_info": "r", "redirect": "d", "reject": "x", "change_priority": "p"}
#: Sent by the page's script where the list and the pane stand side by side (see static/js/triage.js).
BESIDE = "X-Triage"


def narrowing_of(query: QueryDict) -> worklists.Narrowing:
    """What a query of the list narrows it to."""
    return WorklistFilter(query, side=worklists.IN, queue=QUEUE).narrowing()


class TriageView(SignedInMixin, FragmentMixin, TemplateView):
    """The whole list, or with `pk` also one referral opened beside it (on a telephone: instead of it).

    The page's script asks for the pane alone.
    """

    roles = tuple(STAFF)
    template_name = "patients/triage.html"
    fragment_name = "patients/_triage_item.html"

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        by = narrowing_of(request.GET)
        if pk is not None and request.htmx:
            return self._pane(pk, by)
        rows = worklists.rows(
            worklists.narrow(request.actor, worklists.in_queue(request.actor, worklists.IN, QUEUE), by)
        )
        page = page_of(request, rows, QUEUE.order)
        page.items = [present(request.actor, values) for values in page.items]
        reading = pk or (page.items[0].id if page.items else None)
        context = self.get_context_data(
            side=worklists.IN, queue=QUEUE, page=page, narrowed=bool(by), reading=reading,
            filter=WorklistFilter(request.GET, side=worklists.IN, queue=QUEUE),
            tabs=tabs(request.actor, worklists.IN, "triage"), opened=pk is not None,
            export=control(request.actor, "patients.referrals_received", request.GET, queue=QUEUE.key),
            verbs=[], query=request.GET.urlencode(),
        )  # fmt: skip
        if reading is not None:
            context |= pane(request.actor, reading, by)
            if context["referral"].state != ReferralState.SUBMITTED and pk is not None:
                return go(request, "patients:referral", pk)
        may = {button.name for button, _key in context["verbs"]}
        context["may_accept"] = "accept" in may
        context["keys"] = json.dumps({f"Key{key.upper()}": verb for verb, key in KEYS.items() if verb in may})
        context["page_keys"] = page_keys(may)
        return self.render_to_response(context)

    def _pane(self, pk: uuid.UUID, by: worklists.Narrowing) -> HttpResponse:
        # One that a colleague has decided meanwhile is shown as it stands, without a verb.
        context = pane(self.request.actor, pk, by)
        return self.render_to_response(
            self.get_context_data(**context, opened=False, query=self.request.GET.urlencode())
        )


def page_keys(may: set[str]) -> list[tuple[list[str], Any]]:
    """The keys of the list for the help that «?» opens."""
    words = {
        "accept": _("accept the referral"), "return_for_info": _("return it for information"),
        "redirect": _("redirect it to another service"), "reject": _("reject it"),
        "change_priority": _("change its priority"),
    }  # fmt: skip
    acts = [([KEYS[verb]], words[verb]) for verb in KEYS if verb in may]
    return [
        (["↓", "↑"], _("next and previous row")),
        *acts,
        *([(["s"], _("select the row"))] if "accept" in may else []),
        (["Enter"], _("read the referral; Esc goes back to the list")),
    ]


def pane(actor: Actor, pk: uuid.UUID, by: worklists.Narrowing) -> dict[str, Any]:
    """What the reading pane shows of a referral; opening it is journalled. Raises NotFound."""
    referral = open_referral(actor, pk)
    names = available_actions(actor, referral) if referral.state == ReferralState.SUBMITTED else []
    verbs = [button for button in buttons(pk, names) if button.name in KEYS]
    short = {
        "accept": _("Accept"), "return_for_info": _("Return"), "redirect": _("Redirect"), "reject": _("Reject"),
        "change_priority": _("Priority"),
    }  # fmt: skip
    for button in verbs:
        button.short = short[button.name]
    verbs.sort(key=lambda button: list(KEYS).index(button.name))
    ready = details.readiness(referral)
    return {
        "referral": referral,
        "label": referral.get_state_display(),
        "place": place_in_queue(actor, worklists.IN, QUEUE.key, pk, by),
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


class Sitting:
    """A decision taken in the list: who follows, and what the answer shows.

    Made before the act, while the referral still has its place in the list.
    """

    def __init__(self, request: HttpRequest, referral_id: uuid.UUID) -> None:
        self.request, self.referral_id = request, referral_id
        self.query = QueryDict(request.POST.get("list", ""))
        self.by = narrowing_of(self.query)
        place = place_in_queue(request.actor, worklists.IN, QUEUE.key, referral_id, self.by)
        self.follower = place.next or place.previous

    @staticmethod
    def asked_for(request: HttpRequest) -> bool:
        """Whether the form was sent from the list."""
        return request.POST.get("next") == TRIAGE

    def answer(self, text: Any, tone: str = "success") -> HttpResponse:
        """Go on with the next referral: the pane alone where the list stands beside it, its page otherwise."""
        request = self.request
        rows = worklists.in_queue(request.actor, worklists.IN, QUEUE)
        stays = rows.filter(pk=self.referral_id).exists()
        shown = self.referral_id if stays else self.follower
        if not request.htmx or request.headers.get(BESIDE) != "list" or shown is None:
            add = messages.success if tone == "success" else messages.info
            add(request, text)
            return go(request, self._url(shown))
        with suppress(PortalError):
            # A colleague may have decided that one too, this very moment: then the list is read anew.
            return self._fragments(rows, shown, stays, text, tone)
        return go(request, self._url(None))

    def _fragments(
        self, rows: QuerySet[Referral], shown: uuid.UUID, stays: bool, text: Any, tone: str
    ) -> HttpResponse:
        context = pane(self.request.actor, shown, self.by)
        row = present(self.request.actor, worklists.rows(rows.filter(pk=shown)).get()) if stays else None
        context |= {"opened": False, "row": row, "reading": shown, "query": self.query.urlencode(),
                    "may_accept": True}  # fmt: skip
        answer = render(self.request, "patients/_triage_decided.html", context)
        told = {
            "id": str(self.referral_id), "next": str(shown), "stays": stays, "text": str(text), "tone": tone,
            "waiting": wording.number(rows.count()),
        }  # fmt: skip
        answer["HX-Trigger-After-Settle"] = json.dumps({"triage:done": told})
        return answer

    def _url(self, pk: uuid.UUID | None) -> str:
        url = reverse("patients:triage_item", args=[pk]) if pk else reverse("patients:triage")
        query = self.query.urlencode()
        return f"{url}?{query}" if query else url
