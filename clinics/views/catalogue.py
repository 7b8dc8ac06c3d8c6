"""The public catalogue: filters, list and map in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.generic import TemplateView

from clinics.filters import COMPARED, DISTANCES, PARAMETERS, WITHIN, chosen_in, wanted_in
from clinics.selectors.catalogue import NO_FILTERS, hiding, search_catalogue
from clinics.selectors.choices import Choices, choices
from clinics.selectors.cluster import current_cluster
from clinics.selectors.comparison import shown_clinics
from clinics.selectors.spots import NEAR_KM, PAGE, Wanted
from clinics.selectors.wording import SHORT_PAYMENTS, language_choices, language_name
from clinics.states import Ownership
from clinics.views.maps import ZOOMS, catalogue_map, centre_in
from cluster_portal.reports.exports import control
from cluster_portal.web.middleware import PERMISSIONS_POLICY

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from clinics.selectors.catalogue import Catalogue

#: On a telephone the first view of the map shows the most crowded part.
PHONE_CORE = 0.75
#: What is asked of the opening hours, in words.
HOURS = {
    "open_now": pgettext_lazy("clinic", "Open now"),
    "weekend": gettext_lazy("Open at weekends"),
    "evening": gettext_lazy("Open in the evening"),
    "round_the_clock": gettext_lazy("Round the clock"),
}
#: What of an address is not a filter: it falls away when a filter changes.
STANDING = ("page", "at", "zoom", "centre")


@dataclass(slots=True)
class Chip:
    """A filter that is set, in words, and the address without it; `hides` tells how many clinics come back then."""

    words: str
    without: str
    number: int = 0


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

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        # This page alone may ask the browser where it is, when somebody presses the button for it.
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY.replace(
            "geolocation=()", "geolocation=(self)"
        )
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, actor = self.request.GET, self.request.actor
        known = choices()
        wanted = wanted_in(query, known)
        selected = query.get("at", "")
        found = search_catalogue(
            actor, wanted, page=number_in(query.get("page"), 1, 99999), selected=selected
        )
        compared = chosen_in(query)
        return super().get_context_data(**kwargs) | {
            "wanted": wanted,
            "known": known,
            "found": found,
            "number": len(found.spots),
            "entries": found.entries,
            "first": (found.page - 1) * PAGE + 1,
            "last": min(found.page * PAGE, len(found.spots)),
            "page": found.page,
            "pages": found.pages,
            "export": control(actor, "clinics.catalogue", query),
            "selected": found.selected,
            "payments": SHORT_PAYMENTS.items(),
            "languages": language_choices(),
            "within": [(days, within_words(days)) for days in WITHIN],
            "near": query.get("near", "") if wanted.place and not wanted.town else "",
            "distances": DISTANCES,
            "nearest": wanted.origin is not None,
            "has_place": bool(wanted.place or wanted.town),
            "more": any(
                (
                    wanted.direction,
                    wanted.service_type,
                    wanted.equipment,
                    wanted.accreditation,
                    wanted.open_now,
                    wanted.weekend,
                    wanted.evening,
                    wanted.round_the_clock,
                )
            ),
            "chips": chips_of(wanted, query, known),
            "hiding": [] if found.spots else self._hiding(wanted, known),
            "compared": [str(pk) for pk in compared],
            "tray": shown_clinics(actor, compared) if compared else [],
            "may_compare_more": COMPARED - len(compared),
            "kinds": [
                (kind, found.by_ownership[kind.value], not wanted.ownership or kind.value in wanted.ownership)
                for kind in Ownership
            ],
            **self._maps(found, selected),
        }

    def _hiding(self, wanted: Wanted, known: Choices) -> list[Chip]:
        """The filters without which something would be found, with how many clinics that is."""
        by_name = dict(_chips(wanted, self.request.GET, known))
        found = []
        for name, number in hiding(self.request.actor, wanted):
            chip = by_name[name]
            chip.number = number
            found.append(chip)
        return found

    def _maps(self, found: Catalogue, selected: str) -> dict[str, Any]:
        slug = current_cluster().slug
        on_phone = self.request.GET.get("view") == "map"
        shape = {
            "zoom": number_in(self.request.GET.get("zoom"), 0, ZOOMS),
            "centre": centre_in(self.request.GET.get("centre")),
            "selected": selected,
        }
        context = {
            "map": catalogue_map(slug, found.spots, width=520, height=1010, **shape),
            "view": "map" if on_phone else "list",
        }
        if on_phone:
            context["small_map"] = catalogue_map(
                slug, found.spots, width=358, height=412, core=PHONE_CORE, **shape
            )
        return context


def within_words(days: int) -> str:
    """«Not later than», in words."""
    if days == 0:
        return _("Today")
    if days == 1:
        return _("Tomorrow")
    return ngettext("Within %(n)s day", "Within %(n)s days", days) % {"n": days}


def chips_of(wanted: Wanted, query: QueryDict, known: Choices) -> list[Chip]:
    """The filters that are set, each in words with the address without it."""
    return [chip for _name, chip in _chips(wanted, query, known)]


def _chips(wanted: Wanted, query: QueryDict, known: Choices) -> list[tuple[str, Chip]]:
    found = []
    for name in Wanted.__dataclass_fields__:
        value = getattr(wanted, name)
        if value == getattr(Wanted(), name) or name in NO_FILTERS or (name == "place" and wanted.town):
            continue
        left = query.copy()
        gone = ["town", "near", "km"] if name in ("town", "place") else [PARAMETERS.get(name, name)]
        for key in (*gone, *STANDING):
            left.pop(key, None)
        found.append((name, Chip(_said(name, wanted, known), f"?{left.urlencode()}")))
    return found


def _said(name: str, wanted: Wanted, known: Choices) -> str:
    value = getattr(wanted, name)
    if name == "text":
        return f"«{value}»"
    if name in ("town", "place"):
        where = known.name_of("town", wanted.town) if wanted.town else _("Near me")
        far = _("%(km)s km") % {"km": wanted.km or NEAR_KM}
        return f"{where}, {far}" if wanted.place else where
    if name == "ownership":
        return ", ".join(str(Ownership(kind).label).capitalize() for kind in value)
    if name == "payment":
        return str(SHORT_PAYMENTS[value]).capitalize()
    if name == "language":
        return language_name(value).capitalize()
    if name in HOURS:
        return str(HOURS[name])
    if name == "within_days":
        return within_words(value)
    words = known.name_of(name, value)
    return words[:1].upper() + words[1:]
