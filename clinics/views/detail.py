"""The public page of a clinic."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from clinics.selectors.detail import clinic_detail
from clinics.views.maps import map_of

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
            **map_of(clinic),
        }
