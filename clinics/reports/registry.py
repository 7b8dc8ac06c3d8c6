"""The registry extract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.parameters import Places
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.figures.registry import FIELDS, registry
from clinics.states import (
    ClinicStatus,
    ClinicType,
    ClusterRole,
    OrganizationStatus,
    Ownership,
    Sector,
)
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

#: Columns that hold a code, with its words.
WORDS = {
    "ownership": dict(Ownership.choices),
    "sector": dict(Sector.choices),
    "cluster_role": dict(ClusterRole.choices),
    "status": dict(OrganizationStatus.choices),
    "type": dict(ClinicType.choices),
    "clinic_status": dict(ClinicStatus.choices),
}


ALL = ("", pgettext_lazy("report", "all"))


class Parameters(Places):
    clinic = service_type = None
    status = forms.ChoiceField(
        label=_("Status of the organisation"), choices=[ALL, *OrganizationStatus.choices],
        initial=OrganizationStatus.MEMBER, required=False,
    )  # fmt: skip
    ownership = forms.ChoiceField(
        label=_("Ownership"),
        choices=[ALL, *Ownership.choices],
        required=False,
    )


@register
class Registry(Report):
    """Organisations and their clinics as one table."""

    code = "clinics.registry"
    title = _("Extract from the registry")
    description = _("Organisations and clinics: ownership, level, address, beds, licences, services.")
    group = "registry"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("A row for each clinic; an organisation without clinics has one row of its own."),
        _("Licences are those valid today, services those offered now, practitioners those who work now."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("organization", _("Organisation"), width=40),
            Column("ownership", _("Ownership"), width=14),
            Column("sector", _("Sector"), width=18),
            Column("cluster_role", _("Role in the cluster"), width=18),
            Column("status", _("Status"), width=14),
            Column("joined_on", _("Member since"), Type.DATE),
            Column("organization_country", _("Country of the organisation"), width=10),
            Column("inn", "ИНН", width=14),
            Column("ogrn", "ОГРН", width=16),
            Column("bin", "БИН", width=14),
            Column("foreign_number", _("Foreign register number"), width=18),
            Column("clinic", _("Clinic"), width=40),
            Column("type", _("Type"), width=24),
            Column("level", _("Level"), Type.INTEGER, width=8),
            Column("clinic_status", _("Status of the clinic"), width=14),
            Column("opened_on", _("Opened on"), Type.DATE),
            Column("country", _("Country of the clinic"), width=10),
            Column("town", _("Town"), width=20),
            Column("address", _("Address"), width=40),
            Column("phone", _("Phone"), width=18),
            Column("beds", _("Beds"), Type.INTEGER, width=10, total=True),
            Column("licences", _("Licences"), Type.INTEGER, width=10, total=True),
            Column("services", _("Services"), Type.INTEGER, width=10, total=True),
            Column("practitioners", _("Practitioners"), Type.INTEGER, width=10),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        names = list(FIELDS)
        chosen = {name: params[name] for name in ("status", "ownership", "organization") if params.get(name)}
        for row in registry(actor, today=today_at(current_cluster().time_zone), **chosen):
            shown = zip(names, row, strict=False)
            told = [WORDS[name].get(value, value) if name in WORDS else value for name, value in shown]
            yield [*told, *row[len(names) :]]
