"""Plots side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.selectors.comparison import NOTHING, Row, Section
from cluster_portal.web import wording
from investors.selectors import wording as words
from investors.states import UtilityKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from investors.models import Plot


def compare(plots: Sequence[Plot], currency: str) -> list[Section]:
    """What is compared of plots (with their utilities read), a cell for each in their order."""

    def row(label: str, tell: Callable[[Plot], object]) -> Row:
        return Row(label, [[str(tell(plot) or NOTHING)] for plot in plots])

    land = [
        row(_("State"), lambda plot: capfirst(plot.get_state_display())),
        row(_("Area"), lambda plot: f"{words.hectares(plot.area)} {_('ha')}"),
        row(_("Direction"), lambda plot: capfirst(plot.get_direction_display())),
        row(_("Permitted use"), lambda plot: plot.permitted_use),
        row(_("Building"), words.building_words),
        row(_("Restrictions"), lambda plot: plot.restrictions),
        row(_("Cadastral number"), lambda plot: plot.cadastral_number),
    ]
    terms = [
        row(pgettext("plot", "Right"), words.tenure_words),
        row(_("Price"), lambda plot: words.price_words(plot, currency)),
        row(_("Price of a hectare"), lambda plot: _of_a_hectare(plot, currency)),
    ]
    return [
        Section(pgettext("plot", "Land"), land),
        Section(_("Terms"), terms),
        Section(_("Utilities: free of what is laid"), _utilities(plots)),
    ]


def _of_a_hectare(plot: Plot, currency: str) -> str:
    return "" if plot.price is None else wording.money_short(plot.price / plot.area, currency)


def _utilities(plots: Sequence[Plot]) -> list[Row]:
    """The utilities that any of the plots has."""
    laid = [{one.kind: one for one in plot.utilities.all()} for plot in plots]
    return [
        Row(
            capfirst(kind.label),
            [[words.amount_words(own[kind]) if kind in own else _("not laid")] for own in laid],
        )
        for kind in UtilityKind
        if any(kind in own for own in laid)
    ]
