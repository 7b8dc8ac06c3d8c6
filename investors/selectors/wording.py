"""Land in words, the same on pages, in files and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cluster_portal.web import wording
from investors.states import PlotState, Tenure

if TYPE_CHECKING:
    from decimal import Decimal

    from investors.models import Plot, Utility


def hectares(area: Decimal) -> str:
    """`2,41`."""
    return wording.number(area, 2)


def price_words(plot: Plot, currency: str) -> str:
    """`от 4,1 млн ₽ в год`; empty where only the tender tells the price."""
    if plot.price is None:
        return ""
    text = wording.money_short(plot.price, currency)
    if plot.tenure != Tenure.SALE:
        text = _("%(price)s a year") % {"price": text}
    return _("from %(price)s") % {"price": text} if plot.state == PlotState.IN_TENDER else text


def tenure_words(plot: Plot) -> str:
    """`аренда, 49 лет`."""
    if not plot.term_years:
        return str(plot.get_tenure_display())
    years = ngettext("%(n)s year", "%(n)s years", plot.term_years) % {"n": plot.term_years}
    return f"{plot.get_tenure_display()}, {years}"


def building_words(plot: Plot) -> str:
    """`до 45 %, до 6 этажей`."""
    parts = []
    if plot.coverage:
        parts.append(_("up to %(n)s%% of the land") % {"n": plot.coverage})
    if plot.floors:
        parts.append(ngettext("up to %(n)s floor", "up to %(n)s floors", plot.floors) % {"n": plot.floors})
    return ", ".join(parts)


def amount_words(utility: Utility) -> str:
    """`1 250 из 2 000 кВт`."""
    return _("%(free)s of %(total)s %(unit)s") % {
        "free": plain(utility.free), "total": plain(utility.total), "unit": utility.unit
    }  # fmt: skip


def plain(value: Decimal) -> str:
    """A figure without zeros at its end."""
    return wording.number(float(value) if value % 1 else int(value))


def mark(utility: Utility) -> str:
    """The letter by which a drawing and a table name a utility."""
    return str(utility.get_kind_display())[:1].upper()
