"""The passport of a plot: one sheet with its outline, terms and utilities, and a code that opens its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from investors.selectors import wording as words

if TYPE_CHECKING:
    from investors.models import Plot
    from investors.selectors.drawing import SitePlan
    from investors.selectors.plots import Dossier

#: Colours of the drawing, which has no style sheet on paper.
OWN, OWN_EDGE, OTHER, OTHER_EDGE = "#f2d19a", "#8a5200", "#edf1f2", "#a9bac4"


def facts(plot: Plot) -> list[tuple[str, str]]:
    """What the passport says in lines, on the page and on paper."""
    found = [
        (_("Cadastral number"), plot.cadastral_number),
        (_("Direction"), str(plot.get_direction_display())),
        (pgettext("plot", "Permitted"), plot.permitted_use),
        (pgettext("plot", "Right"), words.tenure_words(plot)),
        (_("Building"), words.building_words(plot)),
        (_("Restrictions"), plot.restrictions),
        (_("Road"), plot.access),
        (_("Transport"), plot.transport),
    ]
    return [(label, value) for label, value in found if value]


def passport(found: Dossier, drawing: SitePlan) -> bytes:
    """The sheet (PDF) in the reader's language."""
    plot, cluster = found.plot, current_cluster()
    address = settings.PUBLIC_URL.rstrip("/") + reverse("investors:plot", args=[plot.pk])
    contact = [plot.contact_name, plot.contact_phone, plot.contact_email]
    price = words.price_words(plot, cluster.currency)
    return rendering.pdf(
        "plot_passport",
        {
            "language": wording.language(),
            "title": plot.title,
            "cluster": f"{cluster.name} · {plot.site.name}",
            "state": capfirst(plot.get_state_display()),
            "figures": [
                {"value": words.hectares(plot.area), "unit": _("ha")},
                *([{"value": price, "unit": ""}] if price else []),
            ],
            "facts": [{"label": label, "value": value} for label, value in facts(plot)],
            "drawing": _svg(drawing),
            "drawing_alt": _("Outline of the plot with the lengths of its sides"),
            "corners_title": _("Corners, WGS 84"),
            "corners": [f"{lat:.6f}, {lon:.6f}" for lon, lat in plot.outline["coordinates"][0][:-1]],
            "utilities_title": _("Utilities: free of what is laid"),
            "utilities": [
                {
                    "name": capfirst(one.get_kind_display()), "amount": words.amount_words(one), "owner": one.owner,
                    "on": wording.date_short(one.stated_on),
                }
                for one in found.utilities
            ],
            "contact_title": _("Land office"),
            "contact": " · ".join(filter(None, contact)),
            "qr": rendering.qr(address),
            "qr_alt": _("Code that opens the plot's page"),
            "qr_words": _("The plot as it is today"),
            "address": address,
            "printed": _("As of %(day)s. %(cluster)s") % {
                "day": wording.date_short(today_at(cluster.time_zone)), "cluster": cluster.name,
            },
        },
    )  # fmt: skip


def _svg(drawing: SitePlan) -> str:
    """The close-up for paper: the same shapes with their colours as attributes."""
    shapes = "".join(
        f'<path d="{shape.d}" fill="{OWN if shape.selected else OTHER}" '
        f'stroke="{OWN_EDGE if shape.selected else OTHER_EDGE}" stroke-width="{3 if shape.selected else 1}"/>'
        for shape in drawing.shapes
    )
    names = "".join(
        f'<text x="{shape.x}" y="{shape.y}" font-size="{22 if shape.selected else 13}" text-anchor="middle" '
        f'font-family="Golos Text" fill="#17313b">{shape.plot.number}</text>'
        for shape in drawing.shapes
        if shape.named
    )
    lengths = "".join(
        f'<text transform="translate({side.x} {side.y}) rotate({side.turn})" font-size="13" text-anchor="middle" '
        f'font-family="Golos Text" fill="#5c3700">{side.metres} {_("m")}</text>'
        for side in drawing.extra["sides"]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{drawing.frame.viewbox}">'
        f'<rect width="100%" height="100%" fill="#fbfaf6"/>{shapes}{names}{lengths}</svg>'
    )
