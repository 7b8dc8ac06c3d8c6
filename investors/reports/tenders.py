"""Tenders: who took part, for how much and how long, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import CHUNK
from investors.policies import REPORTERS
from investors.reports.parameters import AnyPeriodParameters, period_of
from investors.selectors.outcomes import UNSEALED, award_of, tenders_told
from investors.states import TenderState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

DAY = 86_400


class TenderParameters(AnyPeriodParameters):
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("", pgettext_lazy("report", "all tenders")),
            *(choice for choice in TenderState.choices if choice[0] != TenderState.DRAFT),
        ],
    )  # fmt: skip


@register
class TenderOutcomes(Report):
    """What the tenders have led to."""

    code = "investors.tenders"
    title = _("Tenders and bids")
    description = _("Announced tenders: plots, participants, prices from start to award, days and outcome.")
    group = "investors"
    roles = REPORTERS
    parameters = TenderParameters
    notes = (
        _(
            "Counted by the day of the announcement. Nothing is told of bids before their envelopes are opened."
        ),
        _(
            "Prices in the cluster's currency: those of the plots, and the offer that the award in force accepts."
        ),
        _("Days are counted from the announcement to the award in force."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("number", _("Number"), width=18),
            Column("title", _("Title"), width=44),
            Column("state", _("State"), width=22),
            Column("published_at", pgettext_lazy("tender", "Announced"), Type.MOMENT, width=18),
            Column("bids_until", _("Bids until"), Type.MOMENT, width=18),
            Column("opened_at", pgettext_lazy("report", "Bids opened"), Type.MOMENT, width=18),
            Column("plots", _("Plots of land"), Type.INTEGER, width=10, total=True),
            Column("area", _("Area, ha"), Type.DECIMAL, width=10, total=True),
            Column("participants", pgettext_lazy("tender", "Bids"), Type.INTEGER, width=10, total=True),
            Column("admitted", pgettext_lazy("report", "Admitted"), Type.INTEGER, width=12, total=True),
            Column("price_start", pgettext_lazy("report", "Price at the start"), Type.DECIMAL, width=18),
            Column("price_end", pgettext_lazy("report", "Price of the award"), Type.DECIMAL, width=18),
            Column("growth", pgettext_lazy("report", "Growth"), Type.PERCENT, width=10),
            Column("winner", pgettext_lazy("tender", "Winner"), width=34),
            Column("awarded_at", pgettext_lazy("report", "Awarded"), Type.MOMENT, width=18),
            Column("days", pgettext_lazy("report", "Days to the award"), Type.DURATION, width=12),
            Column("reason", _("Why it ended"), width=40),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        now = timezone.now()
        for row in tenders_told(actor, period_of(params), params["state"]).iterator(chunk_size=CHUNK):
            award = award_of(row)
            opened = row.participants is not None or row.state in UNSEALED
            start, end = row.start, row.offered if award else None
            yield [
                row.number, row.title, capfirst(row.phase(now).label), row.published_at, row.bids_until,
                row.opened_at, row.number_of_plots or 0, row.hectares or 0,
                row.participants or 0 if opened else None, row.admitted or 0 if opened else None,
                start, end, end / start - 1 if start and end is not None else None,
                award.bid.investor.name if award else "", award.awarded_at if award else None,
                (award.awarded_at - row.published_at).total_seconds() / DAY if award and row.published_at else None,
                row.end_reason,
            ]  # fmt: skip

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return tenders_told(actor, period_of(params), params["state"]).count()
