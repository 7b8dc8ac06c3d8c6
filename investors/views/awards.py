"""The award of a tender: given, ended, put on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, View

from cluster_portal.documents.responses import pdf_response
from cluster_portal.web import wording
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from investors.forms.awards import AwardForm
from investors.papers.protocol import award_protocol
from investors.selectors import awards as selectors
from investors.selectors.evaluation import tender_to_judge
from investors.services import awards as services

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from investors.models import Tender

REVOKE = {
    "revoke": Act(
        services.revoke_award, pgettext_lazy("award", "Revoke the award"), "ban",
        gettext_lazy("The bid is not admitted any more, and the next in rank can be awarded."), form=ReasonForm,
        danger=True, done=gettext_lazy("The award is revoked"),
    ),
}  # fmt: skip
DECLINE = {
    "decline": Act(
        services.decline_award, pgettext_lazy("award", "Withdraw from the award"), "user-x",
        gettext_lazy("The land goes to the next in rank. This cannot be undone."), form=ReasonForm, danger=True,
        done=gettext_lazy("You have withdrawn from the award"),
    ),
}  # fmt: skip


class OfficeFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about the evaluation of `tender`; `about` names the row, `public` is for readers outside the offices."""

    template_name = "investors/tenders/form.html"
    title: Any = ""
    submit: Any = ""
    about, public = "", False
    tender: Tender
    back = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title, "submit": self.submit}
        return super().get_context_data(
            **words | kwargs, back=self.back or self._office(), tender=self.tender, about=self.about,
            public=self.public,
        )  # fmt: skip

    def _office(self) -> str:
        return reverse("investors:evaluation", args=[self.tender.pk])

    def done(self, message: Any = None) -> HttpResponse:
        return go(self.request, self.back or self._office(), message=message)


class AwardView(OfficeFormView):
    """Award the first in rank, or the next one."""

    form_class, title = AwardForm, pgettext_lazy("tender", "Award")
    submit = gettext_lazy("Publish the award")

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.tender = tender_to_judge(request.actor, kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        note = gettext_lazy(
            "Everybody reads it, all bidders are told, and the days before the contract begin."
        )
        return super().get_context_data(**kwargs, note=note)

    def perform(self, form: AwardForm) -> HttpResponse:
        services.award_tender(self.request.actor, tender_id=self.tender.pk, data=form.cleaned_data)
        return self.done(gettext_lazy("The tender is awarded"))


class RevokeView(StepMixin, OfficeFormView):
    """The land office revokes an award."""

    acts, key = REVOKE, "award_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        award = selectors.award_to_revoke(request.actor, kwargs["pk"])
        self.tender, self.about = award.tender, award.bid.investor.name


class DeclineView(StepMixin, OfficeFormView):
    """The winner withdraws."""

    acts, key, public = DECLINE, "award_id", True

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        award = selectors.award_to_decline(request.actor, kwargs["pk"])
        self.tender, self.about = award.tender, award.bid.investor.name
        self.back = reverse("investors:bid", args=[award.bid_id])


class ProtocolView(View):
    """The protocol of a tender as PDF, in the language of the page; public as the award is."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = selectors.outcome_of(request.actor, pk)
        return pdf_response(award_protocol(found), f"protocol-{found.tender.number}-{wording.language()}")
