"""Sites and plots: entered, corrected, moved from state to state by the land office.

The order of locks is the site, then its plot: two outlines are never compared at the same moment, so of two that claim
the same land the second always meets the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.models import Cluster
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from cluster_portal.web import wording
from investors import outlines
from investors.errors import AreaDiffers, BadOutline, PlotCommitted, PlotsOverlap
from investors.models import Plot, Site
from investors.models.boxes import meets
from investors.policies import plot_policy, site_policy
from investors.services.notices import tell_watchers
from investors.states import OPEN_TO_CHANGE, PLOT, PlotState, Tenure

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors

#: What is entered of a site and of a plot; `outline` is GeoJSON as `outlines.read` takes it.
SITE_FIELDS = (*columns("name"), "area", "surveyed_on", "outline", "plan")
FIELDS = (
    "site", "number", "cadastral_number", *columns("title"), "direction", *columns("permitted_use"),
    "area", "tenure", "term_years", "price", "coverage", "floors",
    *columns("restrictions", "access", "transport", "contact_name"), "contact_phone", "contact_email",
    "outline",
)  # fmt: skip


@service
def add_site(actor: Actor, *, data: dict[str, Any]) -> Site:
    """Enter a site. `data` holds SITE_FIELDS. Raises Forbidden, Invalid, BadOutline, AreaDiffers."""
    site_policy.require(actor, "create")
    return _write_site(Site(), data)


@service
def update_site(actor: Actor, *, site_id: uuid.UUID, data: dict[str, Any]) -> Site:
    """Correct a site; fields that are not in `data` stay. Raises as `add_site`, NotFound."""
    return _write_site(site_policy.get(actor, "edit", site_id, lock=True), data)


@service
def add_plot(actor: Actor, *, data: dict[str, Any]) -> Plot:
    """Enter a plot, as a draft. `data` holds FIELDS (`site` as a row).

    Raises Forbidden, Invalid, BadOutline, AreaDiffers, PlotsOverlap, PlotNumberTaken, CadastralNumberTaken.
    """
    plot_policy.require(actor, "create")
    return _write_plot(Plot(), data)


@service
def update_plot(actor: Actor, *, plot_id: uuid.UUID, data: dict[str, Any]) -> Plot:
    """Correct a plot; fields that are not in `data` stay. Raises as `add_plot`, NotFound, PlotCommitted."""
    _one_at_a_time()
    plot = plot_policy.get(actor, "edit", plot_id, lock=True)
    if plot.state not in OPEN_TO_CHANGE:
        raise PlotCommitted
    return _write_plot(plot, data)


@service
def publish_plot(actor: Actor, *, plot_id: uuid.UUID) -> Plot:
    """Offer a plot to everybody. Raises NotFound, Forbidden, IllegalTransition, PlotsOverlap."""
    _one_at_a_time()
    plot = _move(actor, plot_id, "publish", withdraw_reason="")
    # What was withdrawn may have been divided anew meanwhile.
    _check_neighbours(plot)
    return plot


@service
def put_plot_to_tender(actor: Actor, *, plot_id: uuid.UUID) -> Plot:
    """A tender for the plot begins. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, plot_id, "put_to_tender")


@service
def reserve_plot(actor: Actor, *, plot_id: uuid.UUID) -> Plot:
    """Keep a plot for somebody. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, plot_id, "reserve")


@service
def release_plot(actor: Actor, *, plot_id: uuid.UUID) -> Plot:
    """Offer a plot again that was in a tender or reserved. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, plot_id, "release")


@service
def withdraw_plot(actor: Actor, *, plot_id: uuid.UUID, reason: str) -> Plot:
    """Take a plot off the offer; its page stays, with the reason.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    require_words("reason", reason)
    return _move(actor, plot_id, "withdraw", withdraw_reason=reason.strip()[:300])


def move_on(plot: Plot, action: str) -> None:
    """What follows from an agreement or an opening, on a locked plot. Raises IllegalTransition."""
    PLOT.move(plot, action)
    plot.save(update_fields=["state", "updated_at"])
    tell_watchers(plot)


def _move(actor: Actor, plot_id: uuid.UUID, action: str, **columns: Any) -> Plot:
    plot = plot_policy.get(actor, "edit", plot_id, lock=True)
    PLOT.move(plot, action)
    for name, value in columns.items():
        setattr(plot, name, value)
    plot.save(update_fields=["state", *columns, "updated_at"])
    tell_watchers(plot)
    return plot


def _one_at_a_time() -> None:
    """Outlines are written one after another: each is compared with all that are there."""
    Cluster.objects.select_for_update(no_key=True).filter(pk=1).first()


def _write_site(site: Site, data: dict[str, Any]) -> Site:
    fill(site, _with_outline(data), SITE_FIELDS)
    _check_area(site)
    _check_plots(site)
    site.west, site.south, site.east, site.north = outlines.box_of([site.outline])
    site.save()
    return site


def _check_plots(site: Site) -> None:
    """Raise BadOutline where a plot of the site would lie outside of it."""
    _one_at_a_time()
    for plot in site.plots.exclude(state=PlotState.WITHDRAWN).order_by("number"):
        if found := outlines.beyond(plot.outline, site.outline):
            size, at = found
            text = _("Plot No. %(number)s would leave the site by %(size)d m², at %(place)s.")
            told = {"number": plot.number, "size": round(size), "place": outlines.written(at)}
            raise BadOutline(text % told, at)


def _write_plot(plot: Plot, data: dict[str, Any]) -> Plot:
    _one_at_a_time()
    fill(plot, _with_outline(data), FIELDS, _check_plot)
    _check_order(plot)
    _check_area(plot)
    plot.west, plot.south, plot.east, plot.north = outlines.box_of([plot.outline])
    _check_inside(plot)
    _check_neighbours(plot)
    plot.save()
    return plot


def _with_outline(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"outline": outlines.read(data["outline"])} if "outline" in data else data


def _check_plot(plot: Plot) -> Errors:
    if plot.tenure == Tenure.SALE and plot.term_years:
        return {"term_years": [_("What is sold has no term.")]}
    if plot.tenure != Tenure.SALE and not plot.term_years:
        return {"term_years": [_("For how many years?")]}
    return {}


def _check_area(land: Plot | Site) -> None:
    """Raise AreaDiffers where the stated hectares are not those of the outline."""
    by_outline = outlines.hectares(land.outline)
    off = abs(float(land.area) - by_outline) / by_outline
    if off <= outlines.TOLERANCE:
        return
    longest = max(outlines.sides(land.outline), key=lambda side: side[2])
    text = _(
        "By the outline it is %(found)s ha, off by %(percent)s %%. Check the outline: its longest side, "
        "from %(start)s to %(end)s, is %(metres)d m."
    ) % {
        "found": wording.number(by_outline, 4), "percent": wording.number(off * 100, 1),
        "start": outlines.written(longest[0]),
        "end": outlines.written(longest[1]), "metres": round(longest[2]),
    }  # fmt: skip
    told = {"by_outline": round(by_outline, 4), "side": [list(longest[0]), list(longest[1])]}
    raise AreaDiffers({"area": [text]}, extra=told)


def _check_order(plot: Plot) -> None:
    """Raise BadOutline where a plot lies in its site only with its latitudes and longitudes exchanged."""
    west, south, east, north = outlines.box_of([plot.outline])
    box = plot.site.box
    away = east < box[0] or west > box[2] or north < box[1] or south > box[3]
    if away and outlines.beyond(outlines.swapped(plot.outline), plot.site.outline) is None:
        raise BadOutline(
            _("Latitude is written first in each point. Longitude has to come first: exchange them.")
        )


def _check_inside(plot: Plot) -> None:
    """Raise BadOutline where a plot leaves its site; the usual cause is latitude written first."""
    found = outlines.beyond(plot.outline, plot.site.outline)
    if found is None:
        return
    size, at = found
    text = _("The plot leaves the site by %(size)d m² at %(place)s.")
    raise BadOutline(text % {"size": round(size), "place": outlines.written(at)}, at)


def _check_neighbours(plot: Plot) -> None:
    """Raise PlotsOverlap where another plot that is not withdrawn has some of this land. The cluster is locked."""
    near = Plot.objects.filter(meets(*plot.box)).exclude(pk=plot.pk).exclude(state=PlotState.WITHDRAWN)
    for other in near.order_by("number"):
        if found := outlines.shared(plot.outline, other.outline):
            size, at = found
            text = _("Plot No. %(number)s has %(size)d m² of this land already, at %(place)s.")
            raise PlotsOverlap(
                text % {"number": other.number, "size": round(size), "place": outlines.written(at)},
                field="outline", extra={"plot": other.number, "at": list(at), "square_metres": round(size)},
            )  # fmt: skip
