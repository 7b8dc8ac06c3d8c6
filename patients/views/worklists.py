"""The work lists of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from cluster_portal.reports.exports import control
from cluster_portal.web import menu
from cluster_portal.web.mixins import SignedInMixin
from cluster_portal.web.pagination import page_of
from patients.filters import WorklistFilter
from patients.policies import STAFF
from patients.selectors import worklists
from patients.views.rows import FORWARD, present

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from cluster_portal.common.actor import Actor

EXPORTS = {worklists.OUT: "patients.referrals_sent", worklists.IN: "patients.referrals_received"}
#: What stands on the button of a row, where a list is there for another step than the next one.
FORWARD_IN = {worklists.TO_MOVE: ("reschedule",)}
TITLES = {worklists.OUT: _("Referrals"), worklists.IN: _("Incoming referrals")}


class WorklistsView(SignedInMixin, View):
    """The way to the list that a person begins the day with."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest) -> HttpResponse:
        side = worklists.sides_of(request.actor)[0]
        return redirect("patients:worklist", side=side, queue="triage" if side == worklists.IN else "all")


def queue_or_404(side: str, key: str) -> worklists.Queue:
    """A list by its address."""
    try:
        return worklists.QUEUES[side][key]
    except KeyError:
        raise Http404 from None


def tabs(actor: Actor, side: str, current: str) -> list[dict[str, Any]]:
    """The lists of a side with their counters; a list that may be empty for good is shown only when it is not."""
    numbers = menu.counters(actor)
    found = []
    for key, queue in worklists.QUEUES[side].items():
        number = numbers.get(f"{side}.{key}")
        if queue.optional and not number and key != current:
            continue
        found.append(
            {
                "label": queue.label,
                "url": reverse("patients:worklist", args=[side, key]),
                "current": key == current,
                "count": number,
                "alert": queue.alert,
            }
        )
    return found


class WorklistView(SignedInMixin, TemplateView):
    """One list: tabs with counters, filters in the address, a page of 50."""

    roles = tuple(STAFF)
    template_name = "patients/worklist.html"

    def get_context_data(self, side: str, queue: str, **kwargs: Any) -> dict[str, Any]:
        actor, chosen = self.request.actor, queue_or_404(side, queue)
        bar = WorklistFilter(self.request.GET, side=side, queue=chosen)
        by = bar.narrowing()
        rows = worklists.rows(worklists.narrow(actor, worklists.in_queue(actor, side, chosen), by))
        page = page_of(self.request, rows, chosen.order)
        page.items = [present(actor, values, forward=FORWARD_IN.get(queue, FORWARD)) for values in page.items]
        numbers = menu.counters(actor)
        return super().get_context_data(
            **kwargs,
            side=side,
            queue=chosen,
            title=TITLES[side],
            tabs=tabs(actor, side, queue),
            filter=bar,
            narrowed=bool(by),
            page=page,
            open_count=numbers.get(f"{side}.open"),
            export=control(actor, EXPORTS[side], self.request.GET, queue=queue),
            overdue_count=numbers.get(f"{side}.overdue"),
        )
