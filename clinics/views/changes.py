"""Proposed changes of records: the queue, the diff, the decision."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from clinics.policies import change_policy
from clinics.selectors import changes as selectors
from clinics.services import changes as services
from clinics.states import CHANGE, ChangeState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import IllegalTransition, PortalError
from cluster_portal.web import menu
from cluster_portal.web.mixins import PAGE_ERRORS, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from clinics.models import ChangeRequest
    from cluster_portal.common.actor import Actor

READERS = (Role.OFFICE, Role.MANAGER, Role.CLIENT)
TABS = {
    ChangeState.PENDING: gettext_lazy("Await a decision"), ChangeState.APPROVED: gettext_lazy("Approved"),
    ChangeState.REFUSED: gettext_lazy("Refused"), ChangeState.WITHDRAWN: gettext_lazy("Withdrawn"),
}  # fmt: skip
TONES = {
    ChangeState.PENDING: "warn", ChangeState.APPROVED: "good", ChangeState.REFUSED: "danger",
    ChangeState.WITHDRAWN: "neutral",
}  # fmt: skip
DONE = {
    "approve": gettext_lazy("The record is changed, and the clinic is told."),
    "refuse": gettext_lazy("The record stays as it is, and the clinic is told why."),
    "withdraw": gettext_lazy("The request is withdrawn."),
}


class ChangesView(SignedInMixin, TemplateView):
    """Requests by their state: the office sees all, an organisation its own."""

    roles = READERS
    template_name = "clinics/changes/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, state = self.request.actor, self.request.GET.get("state", ChangeState.PENDING)
        if state not in TABS:
            raise Http404
        order = selectors.QUEUE if state == ChangeState.PENDING else selectors.SETTLED
        page = page_of(self.request, selectors.changes_seen(actor, state), order)
        page.items = [{"change": row, "labels": selectors.labels(row)} for row in page.items]
        counts = selectors.counts(actor)
        tabs = [
            {
                "label": label, "url": f"{self.request.path}?state={key}", "current": key == state,
                "count": counts.get(key, 0),
            }
            for key, label in TABS.items()
        ]  # fmt: skip
        decides = actor.has(Role.OFFICE)
        return super().get_context_data(**kwargs, page=page, tabs=tabs, state=state, decides=decides)


class ChangeView(SignedInMixin, TemplateView):
    """One request: what is asked for, field by field."""

    roles = READERS
    template_name = "clinics/changes/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        change = selectors.open_change(self.request.actor, pk)
        return super().get_context_data(**kwargs, **page(self.request.actor, change))


def page(actor: Actor, change: ChangeRequest) -> dict[str, Any]:
    """What the page of a request shows."""
    rows = selectors.differences(change)
    pending = change.state == ChangeState.PENDING
    return {
        "change": change,
        "record": change.record,
        "rows": rows,
        "conflicts": [row for row in rows if pending and row.conflicts],
        "pending": pending,
        "tone": TONES[change.state],
        "possible": CHANGE.available(change.state, change_policy.sides(actor, change)),
        "decides": actor.has(Role.OFFICE),
    }


class ChangeActionView(SignedInMixin, View):
    """Approve, refuse or withdraw; where that cannot be done, the page says why and keeps what was typed."""

    roles = READERS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in CHANGE.actions:
            raise Http404
        actor, arguments = request.actor, {"change_id": pk}
        if action != "withdraw":
            arguments["comment"] = request.POST.get("comment", "")
        if action == "approve":
            arguments |= chosen(request)
        try:
            getattr(services, f"{action}_change")(actor, **arguments)
        except IllegalTransition:
            state = selectors.open_change(actor, pk).get_state_display()
            told = _("Nothing was changed: the request is now “%(state)s”.") % {"state": state}
            return go(request, "clinics:change", pk, message=told)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return self._refused(pk, action, error)
        menu.forget_counters(actor)
        to = reverse("clinics:changes") if action != "withdraw" else reverse("clinics:own")
        return go(request, to, message=DONE[action])

    def _refused(self, pk: uuid.UUID, action: str, error: PortalError) -> HttpResponse:
        request = self.request
        context = page(request.actor, selectors.open_change(request.actor, pk))
        texts = [text for each in getattr(error, "errors", {}).values() for text in each] or [error.detail]
        context |= {"refused": texts, "action": action, "typed": request.POST.get("comment", "")}
        status = 422 if error.status == 400 else error.status
        return render(request, "clinics/changes/detail.html", context, status=status)


def chosen(request: HttpRequest) -> dict[str, Any]:
    """What was decided of the fields that were changed twice, and which version of the record was looked at."""
    taken = {
        name.removeprefix("take-"): value for name, value in request.POST.items() if name.startswith("take-")
    }
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        seen = None
    return {
        "keep": [name for name, value in taken.items() if value == "now"],
        "overwrite": [name for name, value in taken.items() if value == "asked"],
        "seen": seen,
    }
