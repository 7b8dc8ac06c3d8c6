"""What everybody may read: the plots of a site on plan and in a table, side by side, one by one, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView, View

from clinics.filters import COMPARED, chosen_in
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.errors import NotFound
from cluster_portal.documents.responses import pdf_response
from cluster_portal.files.formats import TRAITS
from cluster_portal.files.responses import download
from cluster_portal.web import wording
from investors.forms.plots import BrowseFilter
from investors.papers import passport
from investors.policies import READERS
from investors.reports import lists
from investors.selectors import comparison, drawing
from investors.selectors import plots as selectors
from investors.selectors import wording as words
from investors.selectors.agreements import holder_of
from investors.selectors.chain import chain_from
from investors.selectors.watching import watches
from investors.states import ON_OFFER

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from investors.models import Plot, PlotDocument

#: Rows of the table.
PAGE = 10
#: The plan beside the table, with the strip of the selected plot at its foot.
WIDE = {"width": 664, "height": 670, "foot": 90}


def asked_of(request: HttpRequest) -> tuple[BrowseFilter, selectors.Asked]:
    """The bar above the public list, and what it asks for."""
    bar = BrowseFilter(request.GET)
    bar.is_valid()
    return bar, selectors.Asked(site=request.GET.get("site", ""), **bar.cleaned_data)


@method_decorator(gzip_page, "dispatch")
class BrowseView(TemplateView):
    """The plots of a site: filters, the part of the plan and what is selected stand in the address."""

    template_name = "investors/plots/browse.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, actor = self.request.GET, self.request.actor
        bar, asked = asked_of(self.request)
        box = drawing.box_in(query.get("box"))
        frame = drawing.frame_of(box, **WIDE) if box else None
        land = selectors.look_at_land(
            actor, asked, frame.bounds if frame else None, outlined=drawing.MOST_SHAPES
        )
        context = super().get_context_data(**kwargs) | {
            "filter": bar,
            "asked": asked,
            "narrowed": bool(asked),
        }
        if land is None:
            return context
        selected = next((plot for plot in land.plots if str(plot.pk) == query.get("at")), None)
        compared = chosen_in(query)
        # What the filters leave of the address when they change.
        kept = [(name, value) for name in ("site", "box", "at", "compare") for value in query.getlist(name)]
        pages = max(1, -(-len(land.fitting) // PAGE))
        text = query.get("page", "")
        page = min(max(1, int(text)), pages) if text.isdecimal() and len(text) < 6 else 1
        first = (page - 1) * PAGE
        currency = current_cluster().currency
        shown = land.fitting[first : first + PAGE]
        return context | {
            "land": land,
            "balance": balance_bar(land.balance),
            "drawing": drawing.draw(
                frame or drawing.frame_of(land.site.box, **WIDE), land.site, land.plots,
                box=box or land.site.box, selected=query.get("at", ""), fitting=land.fitting if asked else None,
            ),
            "moved": box is not None,
            "selected": line(selected, currency) if selected else None,
            "rows": [line(plot, currency) for plot in shown],
            "first": first + 1,
            "last": first + len(shown),
            "page": page,
            "pages": pages,
            "kept": kept,
            "compared": [str(pk) for pk in compared],
            "tray": selectors.compared_plots(actor, compared) if compared else [],
            "may_compare_more": COMPARED - len(compared),
            "formats": lists.FORMATS,
        }  # fmt: skip


def line(plot: Plot, currency: str) -> dict[str, Any]:
    """A plot as a line of the table."""
    return {"plot": plot, "price": words.price_words(plot, currency), "power": plot.power}


def balance_bar(balance: selectors.Balance) -> dict[str, Any]:
    """The land balance as parts of one bar: where each begins and how wide it is, in percent."""
    parts, x = [], 0.0
    for state, area, number in [*balance.parts, ("shared", balance.shared, None)]:
        share = float(area / balance.whole * 100)
        place = {"x": f"{x:.3f}", "width": f"{share:.3f}", "label_x": f"{x + 0.7:.3f}", "roomy": share > 6}
        parts.append(
            place | {"state": state, "area": area, "number": number, "label": getattr(state, "label", "")}
        )
        x += share
    return {"parts": parts, "offered": f"{float(balance.offered / balance.whole * 100):.3f}"}


class CompareView(TemplateView):
    """Up to four plots side by side; the address holds them, and the filters to go back to."""

    template_name = "investors/plots/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = chosen_in(self.request.GET)
        plots = selectors.compared_plots(self.request.actor, chosen)
        return super().get_context_data(**kwargs) | {
            "plots": plots,
            "sections": comparison.compare(plots, current_cluster().currency),
            "compared": [str(pk) for pk in chosen],
            "back": self.request.GET.urlencode(),
        }


@method_decorator(gzip_page, "dispatch")
class ExportView(View):
    """What is asked for as a file: GeoJSON, CSV or XLSX."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponse:
        if file_format not in lists.FORMATS:
            raise NotFound
        _bar, asked = asked_of(request)
        box = drawing.box_in(request.GET.get("box"))
        bounds = drawing.frame_of(box, **WIDE).bounds if box else None
        return lists.as_file(selectors.look_at_land(request.actor, asked, bounds), file_format)


class PlotView(TemplateView):
    """One plot: where it lies, what is laid to it, on what terms."""

    template_name = "investors/plots/plot.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.dossier(actor, pk)
        plot, currency = found.plot, current_cluster().currency
        holder = holder_of(actor, plot)
        return super().get_context_data(**kwargs) | {
            "plot": plot,
            "found": found,
            "price": words.price_words(plot, currency),
            "price_short": wording.money_short(plot.price, currency) if plot.price is not None else "",
            "drawing": close_up(found),
            "utilities": utility_lines(found),
            "facts": passport.facts(plot),
            "files": [file_line(document) for document in found.documents],
            "photos": [file_line(document) for document in found.photos],
            "may_work": actor.has(*READERS),
            "on_offer": plot.state in ON_OFFER,
            "watches": watches(actor, plot),
            "holder": holder,
            "chain": chain_from(actor, plot, holder, here=plot),
        }


def utility_lines(found: selectors.Dossier) -> list[dict[str, Any]]:
    """What is laid to a plot, with its figures in words."""
    return [
        {
            "utility": one, "mark": words.mark(one), "free": words.plain(one.free), "total": words.plain(one.total),
            "amount": words.amount_words(one),
        }
        for one in found.utilities
    ]  # fmt: skip


def close_up(found: selectors.Dossier) -> drawing.SitePlan:
    """A plot with its surroundings, the lengths of its sides and where its utilities enter."""
    plot = found.plot
    frame = drawing.frame_of(selectors.around(plot.box, 0.22), width=830, height=438, edge=14)
    plan = drawing.draw(frame, plot.site, [*found.neighbours, plot], box=plot.box, selected=str(plot.pk))
    plan.extra = {
        "sides": drawing.sides_of(frame, plot),
        "entries": [
            (one.kind, words.mark(one), *frame.xy(one.lon, one.lat))
            for one in found.utilities
            if one.lon is not None
        ],
    }
    return plan


def file_line(document: PlotDocument) -> dict[str, Any]:
    """A file of a plot as lists show it."""
    return {
        "document": document,
        "extension": TRAITS[document.format].endings[0].upper(),
        "megabytes": wording.number(round(max(document.size / 1_048_576, 0.1), 1)),
    }


class PassportView(View):
    """The passport of a plot as PDF, in the language of the page."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = selectors.dossier(request.actor, pk)
        return pdf_response(passport.passport(found, close_up(found)), f"plot-{pk}-{wording.language()}")


class DocumentView(View):
    """A file of a plot, for whoever may see the plot."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return download(selectors.see_document(request.actor, pk))
