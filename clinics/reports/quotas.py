"""Quotas used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from clinics.reports.parameters import PeriodAndPlaces, narrowed, period_of
from clinics.selectors.figures.quotas import quotas_used
from clinics.selectors.wording import SHORT_PAYMENTS
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


@register
class Quotas(Report):
    """What payers pay for, and how much of it was booked."""

    code = "clinics.quotas"
    title = _("Quotas used")
    description = _("Volumes by service, payment and month: planned, used and left.")
    group = "capacity"
    roles = REPORTERS
    parameters = PeriodAndPlaces
    notes = (
        _(
            "Used are bookings that hold, have or have used a place; cancelled and missed visits give it back."
        ),
        _("A month counts whole where the period touches it; months are those of the clinic's calendar."),
        _("Services without a quota for a month are not limited and are not listed."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("organization", _("Organisation"), width=34),
            Column("clinic", _("Clinic"), width=34),
            Column("service", _("Service"), width=34),
            Column("payment", _("Payment"), width=22),
            Column("month", _("Month"), Type.DATE),
            Column("volume", _("Volume"), Type.INTEGER, width=10, total=True),
            Column("used", _("Used"), Type.INTEGER, width=10, total=True),
            Column("left", _("Left"), Type.INTEGER, width=10, total=True),
            Column("used_share", _("Share used"), Type.PERCENT, width=12),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        for *where, payment, month, volume, used, left in quotas_used(
            actor, period_of(params), **narrowed(params)
        ):
            yield [*where, str(SHORT_PAYMENTS[payment]), month, volume, used, left, share(used, volume)]
