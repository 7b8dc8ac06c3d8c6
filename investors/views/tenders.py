"""Tenders as everybody reads them, without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.common.errors import NotFound
from cluster_portal.common.translated import current_language
from cluster_portal.files.responses import download
from cluster_portal.web import wording
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from investors import ocds
from investors.forms.tenders import QuestionForm
from investors.policies import READERS
from investors.selectors import awards, bids, evaluation
from investors.selectors import tenders as selectors
from investors.selectors.chain import chains_of
from investors.selectors.disclosure import disclosure_of
from investors.services import questions
from investors.states import TenderState
from investors.views.browse import file_line

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

_T = TenderState
#: How a state looks; drafts are calm.
TONES = {
    _T.PUBLISHED: "info", _T.QUESTIONS: "info", _T.BIDDING: "good", _T.OPENING: "warn", _T.EVALUATION: "warn",
    _T.AWARDED: "violet", _T.COMPLETE: "good", _T.UNSUCCESSFUL: "neutral", _T.CANCELLED: "danger",
}  # fmt: skip
MOMENTS = {
    "questions_from": pgettext_lazy("timetable", "Questions are taken from"),
    "questions_until": pgettext_lazy("timetable", "Questions until, bids from"),
    "bids_until": pgettext_lazy("timetable", "Bids are taken until"),
    "opening_at": pgettext_lazy("timetable", "Envelopes are opened from"),
    "evaluation_until": pgettext_lazy("timetable", "Evaluation until"),
}
#: The moment that a reader of the list waits for.
NEXT = {
    _T.PUBLISHED: "questions_from", _T.QUESTIONS: "questions_until", _T.BIDDING: "bids_until",
    _T.OPENING: "opening_at", _T.EVALUATION: "evaluation_until",
}  # fmt: skip


def line(tender: Any, now: Any) -> dict[str, Any]:
    """A tender as a line of a list."""
    phase = tender.phase(now)
    name = NEXT.get(phase)
    return {
        "tender": tender, "phase": phase, "tone": TONES.get(phase, "neutral"),
        "next": MOMENTS[name] if name else "", "at": getattr(tender, name) if name else None,
        "guarantee": wording.money_short(tender.guarantee, current_cluster().currency),
    }  # fmt: skip


def whole(found: selectors.Dossier) -> dict[str, Any]:
    """What every page of a tender shows."""
    tender = found.tender
    return {
        "found": found,
        "tender": tender,
        "phase": found.phase,
        "tone": TONES.get(found.phase, "neutral"),
        "guarantee": wording.money(tender.guarantee, current_cluster().currency),
        "offset": wording.utc_offset(tender.bids_until.astimezone(wording.zone(current_cluster().time_zone))),
        "timetable": [{"label": MOMENTS[one.name], "moment": one} for one in found.timetable],
        "files": [file_line(document) for document in found.documents],
    }


class TendersView(TemplateView):
    """What goes on, and on asking what has ended."""

    template_name = "investors/tenders/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        past = self.request.GET.get("past") == "1"
        order = selectors.PAST_ORDER if past else selectors.ORDER
        page = page_of(self.request, selectors.public_list(self.request.actor, past=past), order)
        now = timezone.now()
        page.items = [line(tender, now) for tender in page.items]
        return super().get_context_data(**kwargs, page=page, past=past)


class TenderView(TemplateView):
    """One tender: terms, timetable, plots, criteria, papers, what changed."""

    template_name = "investors/tenders/tender.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.dossier(self.request.actor, pk)
        actor = self.request.actor
        return super().get_context_data(
            **kwargs, **whole(found), may_work=actor.has(*READERS), bids=bids.own_bids(actor, found.tender),
            may_bid=found.phase == _T.BIDDING and bool(bids.bidders_of(actor)), takes_bids=found.phase == _T.BIDDING,
            outcome=awards.outcome_in(actor, found.tender), tasks=evaluation.tasks_of(actor, found.tender),
            questions=selectors.answered(actor, found.tender), takes_questions=found.phase == _T.QUESTIONS,
            chains=chains_of(actor, found.tender) if found.tender.state == _T.COMPLETE else (),
        )  # fmt: skip


class OcdsView(View):
    """A tender by the Open Contracting Data Standard, for whoever may see it. Raises NotFound for a draft too."""

    package = staticmethod(ocds.release_package)

    def get(self, request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
        found = selectors.dossier(request.actor, pk)
        if not found.versions:
            raise NotFound
        answer = self.package(found, current_cluster(), disclosure_of(request.actor, found.tender))
        return JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "indent": 1})


class OcdsRecordView(OcdsView):
    """The same as a record."""

    package = staticmethod(ocds.record_package)


class AskView(ServiceFormMixin, SignedInMixin, FormView):
    """Ask about a tender; whoever signs in may."""

    form_class, template_name = QuestionForm, "investors/tenders/form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = bids.tender_to_bid_in(request.actor, kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("investors:tender", args=[self.tender.pk])
        return super().get_context_data(
            **kwargs,
            tender=self.tender,
            back=back,
            title=_("Ask a question"),
            public=True,
            submit=_("Send the question"),
        )

    def perform(self, form: QuestionForm) -> HttpResponse:
        questions.ask_question(self.request.actor, tender_id=self.tender.pk, text=form.cleaned_data["text"])
        return go(self.request, "investors:tender", self.tender.pk, message=_("The question is sent"))


class VersionView(TemplateView):
    """What a tender said from a day on."""

    template_name = "investors/tenders/version.html"

    def get_context_data(self, pk: uuid.UUID, number: int, **kwargs: Any) -> dict[str, Any]:
        version = selectors.version_of(self.request.actor, pk, number)
        if version is None:
            raise NotFound
        said, language = version.said, current_language()
        cluster = current_cluster()
        return super().get_context_data(
            **kwargs,
            version=version,
            tender=version.tender,
            title=said["title"][language] or said["title"]["ru"],
            terms=said["terms"][language] or said["terms"]["ru"],
            criteria=[
                (one["name"][language] or one["name"]["ru"], one["weight"]) for one in said["criteria"]
            ],
            timetable=[(label, selectors.moment_of(said[name])) for name, label in MOMENTS.items()],
            guarantee=wording.money(selectors.money_of(said["guarantee"]), cluster.currency),
            plots=said["plots"],
            standstill_days=said["standstill_days"],
        )


class DocumentView(View):
    """A file of a tender, for whoever may see the tender."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return download(selectors.see_document(request.actor, pk))
