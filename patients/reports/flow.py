"""Referrals between the organisations of the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from clinics.reports.parameters import PeriodAndPlaces
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type
from patients.reports.parameters import scope_of
from patients.selectors.figures.flow import CLINIC, ORGANIZATION, flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class Between(TextChoices):
    """What the two sides of a row are."""

    ORGANIZATION = ORGANIZATION, _("organisations")
    CLINIC = CLINIC, _("clinics")


class Parameters(PeriodAndPlaces):
    between = forms.ChoiceField(
        label=_("Between"), choices=Between, initial=Between.ORGANIZATION, required=False
    )

    def clean_between(self) -> str:
        return self.cleaned_data["between"] or Between.ORGANIZATION.value


@register
class Flow(Report):
    """Who refers to whom: the matrix as a list, a row for each pair that has referrals."""

    code = "patients.flow"
    title = _("Flow of referrals between clinics")
    description = _("Who refers to whom, what became of it, and how much of it in time.")
    group = "waits"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("Counted are referrals first submitted in the period, with their state at the time of the report."),
        _(
            "The receiving side is the present one: a referral that was redirected counts where it went to. "
            "An organisation or a clinic that was chosen may be on either side."
        ),
        _(
            "In time: seen by the deadline. The share is of the patients who were seen or whose deadline has passed."
        ),
        _(
            "Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."
        ),
        _(
            "“…” stands for a count that is left out because one of fewer than five could be worked out of it."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        parts = (
            ("deciding", pgettext_lazy("report", "Under decision")),
            ("unbooked", pgettext_lazy("report", "Without a time")),
            ("booked", pgettext_lazy("report", "Have a time")),
            ("seen", pgettext_lazy("report", "Seen")),
            ("rejected", pgettext_lazy("report", "Refused")),
            ("cancelled", pgettext_lazy("report", "Cancelled")),
        )
        return [
            Column("source", _("Referring side"), width=34),
            Column("target", _("Receiving side"), width=34),
            Column("referrals", _("Referrals"), Type.INTEGER, total=True, people=True),
            *(
                Column(name, title, Type.INTEGER, total=True, people=True, of="referrals")
                for name, title in parts
            ),
            Column(
                "in_time",
                pgettext_lazy("report", "Seen in time"),
                Type.INTEGER,
                total=True,
                people=True,
                of="seen",
            ),
            Column("share_in_time", _("Share in time"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        hide = is_analyst(actor)
        nobody = pgettext("report", "not chosen yet")
        for source, target, *counts, in_time, judged in flow(actor, scope_of(params), params["between"]):
            yield [source, target or nobody, *counts, in_time, share(in_time, judged, hide=hide)]
