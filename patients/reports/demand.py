"""Demand by service and month: what quotas are set by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type
from patients.reports.parameters import ReferralParameters, scope_of
from patients.selectors.figures.demand import demand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


@register
class Demand(Report):
    """How much of each service is asked for, and how much of it the cluster gives."""

    code = "patients.demand"
    title = _("Demand by service")
    description = _(
        "How many patients each service is asked for by month: booked, waiting, refused, cancelled."
    )
    group = "waits"
    roles = REPORTERS
    parameters = ReferralParameters
    notes = (
        _("Counted are referrals first submitted in the month, with their state at the time of the report."),
        _(
            "Booked are those who have a time and those who were seen; those on the waiting list are among the waiting."
        ),
        _("Asked is the sum of booked, waiting, refused and cancelled. The share is of the asked."),
        _(
            "Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        counts = (
            ("asked", pgettext_lazy("report", "Asked")),
            ("booked", pgettext_lazy("report", "Booked or seen")),
            ("waiting", pgettext_lazy("report", "Wait without a time")),
            ("waitlisted", pgettext_lazy("report", "Of them on the waiting list")),
            ("refused", pgettext_lazy("report", "Refused")),
            ("cancelled", pgettext_lazy("report", "Cancelled")),
        )
        return [
            Column("service", _("Service"), width=34),
            Column("month", pgettext_lazy("report", "Month"), width=12),
            *(Column(name, title, Type.INTEGER, total=True, people=True) for name, title in counts),
            Column("share_booked", _("Share booked or seen"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        hide = is_analyst(actor)
        for service, _key, month, asked, booked, *rest in demand(actor, scope_of(params)):
            yield [service, f"{month:%Y-%m}", asked, booked, *rest, share(booked, asked, hide=hide)]
