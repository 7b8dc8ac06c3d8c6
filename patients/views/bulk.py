"""One act on the chosen rows of a work list: what a list offers, the question before it, what became of each row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from cluster_portal.common.people import short_name
from cluster_portal.documents.responses import pdf_response
from cluster_portal.reports.services.asking import run_report
from cluster_portal.web import menu
from cluster_portal.web.mixins import SignedInMixin, go
from cluster_portal.web.views import safe_next
from patients.forms.actions import ActionForm, form_class
from patients.papers.many import FORMS, SLIPS, many
from patients.policies import STAFF
from patients.selectors import worklists
from patients.services.bulk import ACCEPT, AT_MOST, CANCEL, READ, REASONED, WAIT, act_on_referrals

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.common.errors import PortalError

EXPORT = "export"
#: The file of a side's lists, for the chosen rows too.
REPORTS = {worklists.OUT: "patients.referrals_sent", worklists.IN: "patients.referrals_received"}


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the bar below a list."""

    name: str
    label: Any
    icon: str
    danger: bool = False


_ACTS = {
    act.name: act
    for act in (
        Act(ACCEPT, gettext_lazy("Accept the referrals"), "check"),
        Act(READ, gettext_lazy("Mark as read"), "mail-opened"),
        Act(WAIT, gettext_lazy("To the waiting list"), "hourglass"),
        Act(SLIPS, gettext_lazy("Print the slips"), "printer"),
        Act(FORMS, gettext_lazy("Print the referrals"), "printer"),
        Act(EXPORT, gettext_lazy("Export the chosen"), "table-export"),
        Act(CANCEL, gettext_lazy("Cancel the referrals"), "trash", danger=True),
    )
}
_OF_LIST: dict[tuple[str, str], tuple[str, ...]] = {
    (worklists.OUT, "drafts"): (EXPORT, CANCEL),
    (worklists.OUT, "returned"): (FORMS, EXPORT, CANCEL),
    (worklists.OUT, "submitted"): (FORMS, EXPORT, CANCEL),
    (worklists.OUT, "accepted"): (WAIT, FORMS, EXPORT, CANCEL),
    (worklists.OUT, worklists.NO_SHOWS): (WAIT, EXPORT, CANCEL),
    (worklists.OUT, "waitlisted"): (FORMS, EXPORT, CANCEL),
    (worklists.OUT, "booked"): (SLIPS, FORMS, EXPORT),
    (worklists.OUT, "overdue"): (WAIT, FORMS, EXPORT, CANCEL),
    (worklists.OUT, "conclusions"): (READ, EXPORT),
    (worklists.IN, "accepted"): (WAIT, FORMS, EXPORT),
    (worklists.IN, worklists.NO_SHOWS): (WAIT, EXPORT),
    (worklists.IN, "booked"): (SLIPS, FORMS, EXPORT),
    (worklists.IN, "overdue"): (WAIT, FORMS, EXPORT),
}


def acts_of(side: str, queue: str) -> list[Act]:
    """What the bar of a list offers. Deciding has its own page; every other list can be printed and exported."""
    if (side, queue) == (worklists.IN, "triage"):
        return []
    return [_ACTS[name] for name in _OF_LIST.get((side, queue), (FORMS, EXPORT))]


class BulkView(SignedInMixin, TemplateView):
    """POST with `row` (ids), `act`, `side` and `queue`: asks for the reason where the act needs one, and does it.

    When every row succeeds, the list is shown again (or the file is given); else a page says row by row why not.
    """

    roles = tuple(STAFF)
    http_method_names = ("post",)
    template_name = "patients/bulk.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        self.side = request.POST.get("side", "")
        self.act = _ACTS.get(request.POST.get("act", ""))
        if self.side not in worklists.QUEUES or self.act is None:
            raise Http404
        queue = request.POST.get("queue", "")
        queue = queue if queue in worklists.QUEUES[self.side] else "all"
        self.back = safe_next(request, reverse("patients:worklist", args=[self.side, queue]))
        self.rows = worklists.named(request.actor, _ids(request.POST.getlist("row")))
        if not self.rows:
            messages.warning(request, _("Please choose at least one row."))
            return go(request, self.back)
        if self.act.name == EXPORT:
            return self._export(request)
        if self.act.name in (FORMS, SLIPS):
            return self._print(request)
        return self._do(request)

    def _export(self, request: HttpRequest) -> HttpResponse:
        numbers = ",".join(row["number"] for row in self.rows.values())
        parameters = {"queue": "all", "numbers": numbers}
        job = run_report(request.actor, code=REPORTS[self.side], parameters=parameters, file_format="xlsx")
        return go(request, "jobs:detail", job.pk)

    def _print(self, request: HttpRequest) -> HttpResponse:
        content, refused = many(request.actor, self.act.name, self.rows)
        if content is not None and not refused:
            return pdf_response(content, f"{self.act.name}-{len(self.rows)}")
        return self._page(refused, status=422)

    def _do(self, request: HttpRequest) -> HttpResponse:
        data: dict[str, str] = {}
        if self.act.name in REASONED:
            asked = "confirmed" in request.POST
            form = form_class(self.act.name)(
                request.POST if asked else None, action=self.act.name, referral=None
            )
            if not asked or not form.is_valid():
                return self._page({}, form=form, status=422 if asked else 200)
            data = form.data_for_service()
            if data["reason"] in form.explained and not data["comment"].strip():
                form.add_error("comment", _("Please say it in words."))
                return self._page({}, form=form, status=422)
        results = act_on_referrals(request.actor, act=self.act.name, referral_ids=self.rows, **data)
        menu.forget_counters(request.actor)
        refused = {result.referral_id: result.error for result in results if result.error}
        if refused:
            return self._page(refused)
        words = ngettext("Done for %(n)d referral.", "Done for %(n)d referrals.", len(results))
        return go(request, self.back, message=words % {"n": len(results)})

    def _page(
        self, refused: dict[uuid.UUID, PortalError], *, form: ActionForm | None = None, status: int = 200
    ) -> HttpResponse:
        lines = [_line(pk, row, refused.get(pk)) for pk, row in self.rows.items()]
        context = self.get_context_data(
            act=self.act,
            side=self.side,
            back=self.back,
            form=form,
            lines=lines,
            total=len(lines),
            left=[line for line in lines if not line["error"]],
            refused=[line for line in lines if line["error"]],
            printing=self.act.name in (FORMS, SLIPS),
        )
        return self.render_to_response(context, status=status)


def _ids(values: list[str]) -> list[uuid.UUID]:
    """The chosen rows, no more than may be; what is no id is left out."""
    found = []
    for value in values[:AT_MOST]:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def _line(pk: uuid.UUID, row: dict[str, Any], error: PortalError | None) -> dict[str, Any]:
    return {
        "pk": pk,
        "number": row["number"],
        "patient": short_name(row["patient__family"], row["patient__given"], row["patient__patronymic"]),
        "url": reverse("patients:referral", args=[pk]),
        "error": error and str(error),
    }
