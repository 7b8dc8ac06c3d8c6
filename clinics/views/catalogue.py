"""The public catalogue: filters, list and map in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.generic import TemplateView

from clinics.filters import WITHIN, CatalogueFilter
from clinics.selectors.catalogue import PAGE, search_catalogue
from clinics.selectors.cluster import current_cluster
from clinics.selectors.wording import SHORT_PAYMENTS, language_choices
from clinics.states import Ownership
from clinics.views.maps import ZOOMS, catalogue_map, centre_in
from cluster_portal.reports.exports import control

if TYPE_CHECKING:
    from clinics.selectors.catalogue import Catalogue


#: On a telephone the first view of the map shows the most crowded part.
PHONE_CORE = 0.75


def number_in(text: str | None, least: int, most: int) -> int:
    """A whole number of an address, brought into its bounds."""
    return (
        max(least, min(int(text), most))
        if text and text.isascii() and text.isdigit() and len(text) < 6
        else least
    )


class CatalogueView(TemplateView):
    """Clinics that fit what was asked for, those with the earliest free time first."""

    template_name = "clinics/catalogue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        asked = CatalogueFilter.of(query)
        found = search_catalogue(
            self.request.actor,
            text=asked.text,
            town=asked.town,
            payment=asked.payment,
            language=asked.language,
            within_days=asked.within_days,
            ownership=asked.ownership,
        )
        pages = max(1, -(-len(found.entries) // PAGE))
        page = number_in(query.get("page"), 1, pages)
        selected = query.get("at", "")
        return super().get_context_data(**kwargs) | {
            "asked": asked,
            "found": found,
            "entries": found.entries[(page - 1) * PAGE : page * PAGE],
            "first": (page - 1) * PAGE + 1,
            "last": min(page * PAGE, len(found.entries)),
            "page": page,
            "pages": pages,
            "export": control(self.request.actor, "clinics.catalogue", query),
            "selected": next((e for e in found.entries if str(e.clinic.pk) == selected), None),
            "payments": SHORT_PAYMENTS.items(),
            "languages": language_choices(),
            "within": WITHIN,
            "kinds": [
                (kind, found.by_ownership[kind.value], not asked.ownership or kind.value in asked.ownership)
                for kind in Ownership
            ],
            **self._maps(found, selected),
        }

    def _maps(self, found: Catalogue, selected: str) -> dict[str, Any]:
        slug = current_cluster().slug
        on_phone = self.request.GET.get("view") == "map"
        shape = {
            "zoom": number_in(self.request.GET.get("zoom"), 0, ZOOMS),
            "centre": centre_in(self.request.GET.get("centre")),
            "selected": selected,
        }
        context = {
            "map": catalogue_map(slug, found.entries, width=520, height=1010, **shape),
            "view": "map" if on_phone else "list",
        }
        if on_phone:
            context["small_map"] = catalogue_map(
                slug, found.entries, width=358, height=412, core=PHONE_CORE, **shape
            )
        return context
