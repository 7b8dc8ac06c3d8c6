"""The bar above the public list of plots."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.web import wording
from investors.selectors.plots import AREAS, AVAILABLE, POWERS
from investors.states import OFFERED, Direction, PlotState, Tenure, UtilityKind

ANY = ("", pgettext_lazy("filter", "Any"))


def words(kind: Any) -> list[tuple[str, str]]:
    """The choices of a vocabulary with a capital letter."""
    return [(value, capfirst(label)) for value, label in kind.choices]


def _area_words(least: float, most: float | None) -> Any:
    if most is None:
        return _("from %(n)s ha") % {"n": wording.number(least)}
    if not least:
        return _("up to %(n)s ha") % {"n": wording.number(most)}
    return _("%(least)s–%(most)s ha") % {"least": wording.number(least), "most": wording.number(most)}


class BrowseFilter(forms.Form):
    """A value that makes no sense is left out, never an error page."""

    direction = forms.ChoiceField(label=_("Direction"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    power = forms.ChoiceField(label=_("Free power"), required=False)
    utility = forms.ChoiceField(label=_("Utilities"), required=False)
    tenure = forms.ChoiceField(label=pgettext_lazy("plot", "Right"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")
        states = [(state.value, capfirst(PlotState(state).label)) for state in OFFERED]
        self.fields["direction"].choices = [ANY, *words(Direction)]
        self.fields["area"].choices = [ANY, *((code, _area_words(*step)) for code, step in AREAS.items())]
        self.fields["state"].choices = [ANY, (AVAILABLE, _("Free or in tender")), *states]
        self.fields["power"].choices = [
            ANY, *((str(kw), _("from %(n)s kW") % {"n": wording.number(kw)}) for kw in POWERS)
        ]  # fmt: skip
        self.fields["utility"].choices = [ANY, *words(UtilityKind)]
        self.fields["tenure"].choices = [ANY, *words(Tenure)]
