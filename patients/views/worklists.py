"""The work lists of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.reports.exports import control
from cluster_portal.web import menu, wording
from cluster_portal.web.mixins import SignedInMixin
from cluster_portal.web.pagination import page_of
from patients.filters import WorklistFilter
from patients.models.reason import OTHER
from patients.policies import STAFF
from patients.selectors import worklists
from patients.selectors.reasons import Names
from patients.selectors.referrals import last_calls
from patients.views.bulk import acts_of
from patients.views.rows import CLOSING, FORWARD, present

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from cluster_portal.common.actor import Actor
    from patients.models import ReferralStep

EXPORTS = {worklists.OUT: "patients.referrals_sent", worklists.IN: "patients.referrals_received"}
#: Lists that are worked through by telephone: each row says what the last call led to.
CALLED = (worklists.NO_SHOWS, worklists.TO_MOVE)
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


def forward_in(queue: str, values: dict[str, Any], limit: int) -> tuple[str, ...]:
    """What may stand on the button of a row: of who has to be moved, moving; of who missed too many visits, closing."""
    if queue == worklists.TO_MOVE:
        return ("reschedule",)
    if queue == worklists.NO_SHOWS and values["no_shows"] >= limit:
        return CLOSING
    return FORWARD


def call_words(step: ReferralStep | None, names: Names) -> str:
    """`вчера, 17:52: не удалось связаться`."""
    if step is None:
        return ""
    at = wording.moment(timezone.localtime(step.at), "smart")
    outcome = step.comment if step.reason == OTHER else names(step.action, step.reason)
    return f"{at}: {outcome}"


class WorklistView(SignedInMixin, TemplateView):
    """One list: tabs with counters, filters in the address, a page of 50."""

    roles = tuple(STAFF)
    template_name = "patients/worklist.html"

    def get_context_data(self, side: str, queue: str, **kwargs: Any) -> dict[str, Any]:
        actor, chosen = self.request.actor, queue_or_404(side, queue)
        bar = WorklistFilter(self.request.GET, side=side, queue=chosen)
        by = bar.narrowing()
        rows = worklists.rows(worklists.narrow(actor, worklists.in_queue(actor, side, chosen), by))
        page = page_of(self.request, rows, bar.order())
        limit = current_cluster().no_show_limit
        page.items = [
            present(actor, values, forward=forward_in(queue, values, limit)) for values in page.items
        ]
        if queue in CALLED:
            calls = last_calls(row.id for row in page.items)
            names = Names()
            for row in page.items:
                row.call = call_words(calls.get(row.id), names)
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
            limit=limit,
            acts=acts_of(side, queue),
            all_chosen="all" in self.request.GET.getlist("select"),
            open_count=numbers.get(f"{side}.open"),
            export=control(actor, EXPORTS[side], self.request.GET, queue=queue),
            overdue_count=numbers.get(f"{side}.overdue"),
        )
