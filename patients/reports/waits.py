"""Waiting times against the norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.figures import share, typical
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type
from patients.reports.parameters import ReferralParameters, heads, parts, scope_of
from patients.selectors.figures.scope import in_words
from patients.selectors.figures.waits import waits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class WaitsBy(TextChoices):
    """What a row stands for."""

    SERVICE_TYPE = "service_type", _("service")
    CLINIC = "clinic", _("clinic")
    PRIORITY = "priority", _("priority")
    CLINIC_SERVICE = "clinic+service_type", _("clinic and service")
    ALL = "clinic+service_type+priority", _("clinic, service and priority")


class Parameters(ReferralParameters):
    by = forms.ChoiceField(
        label=_("A row for each"), choices=WaitsBy, initial=WaitsBy.SERVICE_TYPE, required=False
    )

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or WaitsBy.SERVICE_TYPE.value


@register
class Waits(Report):
    """How long patients wait for a visit, by service, clinic and priority."""

    code = "patients.waits"
    title = _("Waiting times against the norms")
    description = _("Median and 90th percentile of the days from submission to the visit, and breaches.")
    group = "waits"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _(
            "Counted are referrals first submitted in the period, with their state at the time of the report. "
            "Referrals that were refused or cancelled are in the first count only."
        ),
        _(
            "Days are calendar days: from the day of the first submission to that of the booking or the visit."
        ),
        _("The norm is the deadline set at submission, in calendar days, the median of the row."),
        _(
            "A breach: the visit came after the deadline, or the deadline has passed and there is no visit in time. "
            "Its share is of the patients who were seen or whose deadline has passed."
        ),
        _(
            "Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."
        ),
        _(
            "“…” stands for a count that is left out because one of fewer than five could be worked out of it."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            *heads(parts(params["by"])),
            Column("referrals", _("Referrals"), Type.INTEGER, total=True, people=True),
            Column(
                "seen", pgettext_lazy("report", "Seen"), Type.INTEGER, total=True, people=True, of="referrals"
            ),
            Column(
                "waiting",
                pgettext_lazy("report", "Still waiting"),
                Type.INTEGER,
                total=True,
                people=True,
                of="referrals",
            ),
            Column("median_to_booking", _("Days to booking, median"), Type.DURATION),
            Column("median_to_visit", _("Days to visit, median"), Type.DURATION),
            Column("p90_to_visit", _("Days to visit, 90th percentile"), Type.DURATION),
            Column("norm", _("Norm, days"), Type.DURATION),
            Column("breaches", _("Breaches of the norm"), Type.INTEGER, total=True, people=True),
            Column("share_of_breaches", _("Share of breaches"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by, hide = parts(params["by"]), is_analyst(actor)
        for row in waits(actor, scope_of(params), by):
            (n, seen, waiting, given_time, booking, median, most, norm, breaches, judged) = row[len(by) :]
            yield [
                *in_words(by, row[: len(by)]), n, seen, waiting, typical(booking, given_time, hide=hide),
                typical(median, seen, hide=hide), typical(most, seen, hide=hide), typical(norm, n, hide=hide),
                breaches, share(breaches, judged, hide=hide),
            ]  # fmt: skip
