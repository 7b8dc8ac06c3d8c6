"""Licences and accreditations about to lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.policies import REPORTERS
from clinics.reports.parameters import Places
from clinics.selectors.figures.licences import LICENCE, ending
from clinics.selectors.licences import WARNINGS
from clinics.states import Scheme
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

#: In words, the longest time first, as licences are warned of.
WITHIN = dict(zip(WARNINGS, (_("90 days"), _("30 days"), _("7 days")), strict=True))


class Parameters(Places):
    service_type = None
    within = forms.TypedChoiceField(
        label=_("They end within"), choices=list(WITHIN.items()), coerce=int, initial=WARNINGS[0],
        empty_value=WARNINGS[0], required=False,
    )  # fmt: skip


@register
class Licences(Report):
    """Which licences and accreditations end soon, and which services close with them."""

    code = "clinics.licences"
    title = _("Licences and accreditations about to lapse")
    description = _(
        "Licences and accreditations that end within 90, 30 or 7 days and that nothing renews yet, and the services "
        "that close with them."
    )
    group = "registry"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("Days are those of the clinic's calendar; with 0 left today is the last day."),
        _(
            "A service closes where no other licence of the same clinic covers it on the day after. Suspended and "
            "cancelled licences are not listed: their services are closed already."
        ),
        _("With an accreditation no service closes."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("organization", _("Organisation"), width=34),
            Column("clinic", _("Clinic"), width=34),
            Column("what", _("Document"), width=24),
            Column("number", _("Number"), width=24),
            Column("authority", _("Issued by"), width=28),
            Column("valid_from", _("Valid from"), Type.DATE),
            Column("valid_to", _("Valid to"), Type.DATE),
            Column("days_left", _("Days left"), Type.INTEGER, width=10),
            Column("closing", _("Services that close"), Type.INTEGER, width=12, total=True),
            Column("services", _("Which ones"), width=60),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        chosen = {name: params[name] for name in ("organization", "clinic") if params.get(name)}
        words = {LICENCE: _("Licence"), **dict(Scheme.choices)}
        for what, organization, clinic, *told, services in ending(actor, within=params["within"], **chosen):
            yield [organization, clinic, capfirst(words[what]), *told, services or ""]
