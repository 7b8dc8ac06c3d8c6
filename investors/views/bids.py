"""A company's sealed bid: submitted, read by its own people, confirmed, withdrawn; and the opening by two officials."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.common.errors import Forbidden
from cluster_portal.documents.responses import pdf_response
from cluster_portal.web import wording
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from investors.forms.bids import BidForm, CodeForm
from investors.papers.minutes import opening_minutes
from investors.policies import READERS
from investors.selectors import awards
from investors.selectors import bids as selectors
from investors.services import bid_files, opening
from investors.services import bids as services
from investors.services.sealed_files import files_in
from investors.states import BidState, EnvelopeKind, TenderState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from investors.services.sealed_files import SaidFile

TONES = {
    BidState.SUBMITTED: "good", BidState.STALE: "urgent", BidState.WITHDRAWN: "neutral", BidState.QUALIFIED: "good",
    BidState.DISQUALIFIED: "danger",
}  # fmt: skip
STEPS = {"confirm": services.confirm_bid, "withdraw": services.withdraw_bid}


class BidFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Close the envelopes of a company, or replace what was submitted."""

    form_class, template_name = BidForm, "investors/tenders/bid_form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = selectors.tender_to_bid_in(request.actor, kwargs["pk"])
        self.companies = selectors.bidders_of(request.actor)
        if not self.companies:
            raise Forbidden(_("Only people of a company that the land office has verified may bid."))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"companies": self.companies}

    def get_initial(self) -> dict[str, Any]:
        """What was submitted, to go on from."""
        found = {}
        for bid in selectors.own_bids(self.request.actor, self.tender)[:1]:
            _bid, texts = services.read_bid(self.request.actor, bid.pk)
            found = {"investor": str(bid.investor_id)}
            for text in texts.values():
                found |= services.said_in(text)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("investors:tender", args=[self.tender.pk])
        return super().get_context_data(
            **kwargs, tender=self.tender, back=back, title=_("Sealed bid"), public=True
        )

    def perform(self, form: BidForm) -> HttpResponse:
        bid = bid_files.submit_with_files(
            self.request.actor, tender_id=self.tender.pk, uploads=form.uploads(), **form.envelopes()
        )
        return go(self.request, "investors:bid", bid.pk, message=_("The envelopes are sealed"))


class BidView(SignedInMixin, TemplateView):
    """A company's own bid with its receipt."""

    template_name = "investors/tenders/bid.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bid, texts = services.read_bid(actor, pk)
        outcome = awards.outcome_in(actor, bid.tender)
        actions = selectors.actions_on(actor, bid)
        contents = {kind: services.said_in(text) for kind, text in texts.items()}
        own = outcome and next((one for one in outcome.awards if one.bid_id == bid.pk), None)
        return super().get_context_data(
            **kwargs, bid=bid, tender=bid.tender, tone=TONES[BidState(bid.state)], outcome=outcome, own_award=own,
            may_decline=own and "decline" in awards.actions_on(actor, own), standing=awards.standing_of(bid),
            marks=awards.marks_of(outcome, bid) if outcome else [],
            said=said(contents), files=shown_files(contents),
            actions=actions, may_change_files="files" in actions,
        )  # fmt: skip


def said(envelopes: dict[str, dict[str, Any]]) -> list[tuple[Any, str]]:
    """What the envelopes of a bid say, as lines in the order of the form."""
    form, currency = BidForm(companies=()), current_cluster().currency
    lines = []
    for contents in (envelopes.get("eligibility", {}), envelopes.get("offer", {})):
        for name in form.fields:
            if contents.get(name) not in (None, ""):
                value = contents[name]
                money = name in {"price", "investment"}
                shown = wording.money(Decimal(value), currency) if money else value
                if name == "starts_on":
                    shown = wording.date_words(date.fromisoformat(value), year=True)
                lines.append((form.fields[name].label, shown))
    return lines


def shown_files(envelopes: dict[str, dict[str, Any]]) -> list[SaidFile]:
    """The files of which the envelopes tell, in their order."""
    return [file for kind in EnvelopeKind.values for file in files_in(envelopes.get(kind) or {}, kind)]


class ReceiptView(SignedInMixin, View):
    """The sealed contents as one file, of which the digest is the SHA-256: the bidder can check it with any tool."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        bid, texts = services.read_bid(request.actor, pk)
        content = services.whole(texts)
        name = f"bid-{bid.tender.number}.json"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(content, content_type="application/octet-stream", headers=headers)


class BidStepView(SignedInMixin, View):
    """Confirm a bid after new terms, or take it back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        STEPS[action](request.actor, bid_id=pk)
        told = {"confirm": _("The bid stands for the new terms"), "withdraw": _("The bid is withdrawn")}
        return go(request, "investors:bid", pk, message=told[action])


class KeyPartView(SignedInMixin, TemplateView):
    """An official takes a part of the key, and sees its code this once."""

    roles = READERS
    template_name = "investors/tenders/code.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        part, code = opening.take_key_part(request.actor, tender_id=pk)
        return self.render_to_response(self.get_context_data(tender=part.tender, code=code))


class KeyPartRemoveView(SignedInMixin, View):
    """An official gives a part of the key up."""

    roles = READERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        opening.give_up_key_part(request.actor, tender_id=pk)
        return go(request, "investors:office_tender", pk, message=_("Removed."))


class MinutesView(SignedInMixin, View):
    """The minutes of the opening as PDF, in the language of the page."""

    roles = READERS

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = selectors.opening_of(request.actor, pk)
        return pdf_response(opening_minutes(found), f"minutes-{found.tender.number}-{wording.language()}")


class OpeningView(ServiceFormMixin, SignedInMixin, FormView):
    """An official confirms the opening with the own code."""

    roles = READERS
    form_class, template_name = CodeForm, "investors/tenders/form.html"
    title = gettext_lazy("Open the bids")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = selectors.tender_to_open(request.actor, kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or a word why there is nothing to be confirmed now."""
        if why := selectors.no_opening(request.actor, self.tender):
            messages.warning(request, why)
            return go(request, "investors:office_tender", self.tender.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs, title=self.title, submit=self.title, tender=self.tender,
            back=reverse("investors:office_tender", args=[self.tender.pk]),
            note=_("The envelopes open when a second official has confirmed too, in a session of their own."),
        )  # fmt: skip

    def perform(self, form: CodeForm) -> HttpResponse:
        tender = opening.confirm_opening(
            self.request.actor, tender_id=self.tender.pk, code=form.cleaned_data["code"]
        )
        awaited = tender.state == TenderState.OPENING
        message = _("Confirmed. A second official is awaited.") if awaited else _("The envelopes are open")
        return go(self.request, "investors:office_tender", tender.pk, message=message)
