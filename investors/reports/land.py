"""The land balance: what of the sites is for investors, by direction and state, in hectares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from cluster_portal.reports.base import Parameters, Report, register
from cluster_portal.reports.columns import Column, Type
from investors.policies import REPORTERS
from investors.selectors.figures import land_by
from investors.selectors.plots import sites
from investors.states import OFFERED, Direction, PlotState, Tenure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class By(TextChoices):
    """What a row stands for."""

    DIRECTION = "direction", pgettext_lazy("report", "direction")
    SITE = "site", pgettext_lazy("report", "site")
    TENURE = "tenure", pgettext_lazy("report", "right")


class LandParameters(Parameters):
    site = forms.ChoiceField(label=pgettext_lazy("report", "Site"), required=False)
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.DIRECTION, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = sites().order_by("name_ru", "id") if self.actor else []
        self.fields["site"].choices = [
            ("", pgettext_lazy("report", "all sites")), *((str(one.pk), one.name) for one in found),
        ]  # fmt: skip

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.DIRECTION.value


@register
class LandBalance(Report):
    """How the land of the sites is divided."""

    code = "investors.land"
    title = _("Land balance")
    description = _(
        "Hectares and plots of the sites by direction, site or right, and in which state they are."
    )
    group = "investors"
    roles = REPORTERS
    parameters = LandParameters
    notes = (
        _(
            "For investors are plots that were announced and not withdrawn; what no plot takes is shared land."
        ),
        _("Areas are those that the plots and sites state, as of now."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        hectares = {"type": Type.DECIMAL, "width": 14, "total": True}
        return [
            Column(params["by"], capfirst(By(params["by"]).label), width=40),
            Column("plots", _("Plots of land"), Type.INTEGER, width=12, total=True),
            Column("area", _("Area, ha"), **hectares),
            Column("offered", pgettext_lazy("report", "Of it for investors, ha"), **hectares),
            *(
                Column(state, _WORDS[state], **hectares)
                for state in OFFERED
            ),
        ]  # fmt: skip

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by = params["by"]
        found = land_by(by, params["site"])
        for key, number, shared, states in found.lines:
            offered = sum(states.values())
            yield [
                _words(by, key), number, offered + shared, offered, *(states.get(state, 0) for state in OFFERED),
            ]  # fmt: skip
        if found.shared:
            yield [
                pgettext("report", "Streets, park, networks"),
                0,
                found.shared,
                0,
                *(0 for _state in OFFERED),
            ]


#: The columns of the states.
_WORDS = {
    PlotState.PUBLISHED: pgettext_lazy("report", "Free, ha"),
    PlotState.IN_TENDER: pgettext_lazy("report", "In tender, ha"),
    PlotState.RESERVED: pgettext_lazy("report", "Reserved, ha"),
    PlotState.ALLOCATED: pgettext_lazy("report", "Given, ha"),
    PlotState.BUILT: pgettext_lazy("report", "Built, ha"),
}


def _words(by: str, key: Any) -> str:
    if by == By.SITE:
        return key
    return capfirst(str((Direction if by == By.DIRECTION else Tenure)(key).label))
