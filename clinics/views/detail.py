"""The public page of a clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.generic import TemplateView, View

from clinics.origins import origin_of
from clinics.papers.card import clinic_card
from clinics.selectors.detail import clinic_detail
from clinics.views.maps import map_of
from cluster_portal.documents.responses import pdf_response
from cluster_portal.web import wording

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

#: How many services and people the page shows at once.
SHOWN_SERVICES, SHOWN_PEOPLE = 10, 6


class ClinicView(TemplateView):
    """What the clinic does, for whom, when, under which licence, and how to get there."""

    template_name = "clinics/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        detail = clinic_detail(self.request.actor, kwargs["pk"])
        clinic = detail.clinic
        everything = self.request.GET.get("services") == "all"
        return super().get_context_data(**kwargs) | {
            "detail": detail,
            "clinic": clinic,
            "organization": clinic.organization,
            "services": detail.services if everything else detail.services[:SHOWN_SERVICES],
            "people": detail.practitioners[:SHOWN_PEOPLE],
            "more_people": detail.practitioners[SHOWN_PEOPLE:],
            "premises": detail.premises,
            "origin": origin_of(self.request.actor, clinic),
            **map_of(clinic),
        }


class CardView(View):
    """The clinic's card as PDF, in the language of the page."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return pdf_response(clinic_card(request.actor, pk), f"clinic-{pk}-{wording.language()}")
