"""Up to four clinics of the catalogue side by side."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from clinics.filters import chosen_in, wanted_in
from clinics.selectors.comparison import compare_clinics
from cluster_portal.reports.exports import control


class ComparisonView(TemplateView):
    """The clinics that were ticked; the address holds them, and the filters to go back to."""

    template_name = "clinics/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, actor = self.request.GET, self.request.actor
        chosen = chosen_in(query)
        back = query.copy()
        return super().get_context_data(**kwargs) | {
            "comparison": compare_clinics(actor, chosen, place=wanted_in(query).place),
            "compared": [str(pk) for pk in chosen],
            "back": back.urlencode(),
            "export": control(actor, "clinics.comparison", query),
        }
