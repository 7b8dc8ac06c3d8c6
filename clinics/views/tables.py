"""The registry as tables: what may be taken in and given out, in one place."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.views.generic import TemplateView

from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import import_of
from cluster_portal.reports.exports import control
from cluster_portal.web.mixins import SignedInMixin

#: Each table with the file in the same columns, in the order in which they need one another.
TABLES = (
    ("clinics.organizations", "clinics.organizations_table", "building"),
    ("clinics.clinics", "clinics.clinics_table", "building-hospital"),
    ("clinics.services", "clinics.services_table", "list-details"),
    ("clinics.practitioners", "clinics.practitioners_table", "stethoscope"),
    ("clinics.equipment", "clinics.equipment_list", "device-heart-monitor"),
)


class TablesView(SignedInMixin, TemplateView):
    """Import and export of the records that the reader writes."""

    roles = (Role.OFFICE, Role.MANAGER)
    template_name = "clinics/tables.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        tables = [
            {"kind": kind, "icon": icon, "export": control(actor, export, QueryDict())}
            for code, export, icon in TABLES
            if (kind := import_of(code)) and kind.allows(actor)
        ]
        return super().get_context_data(**kwargs, tables=tables)
