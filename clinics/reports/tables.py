"""The registry's records as files, in the columns in which they are taken in: what one may write, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, Practitioner, Service
from clinics.selectors.tables import COLUMNS, Cells, kept, title_of
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import Export

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor

TYPES = {models.DateField: Type.DATE, models.DecimalField: Type.DECIMAL}


class _Table(Export):
    """All records of a kind that the actor may write."""

    model: ClassVar[type[models.Model]]

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        fields = {field.name: type(field) for field in self.model._meta.get_fields()}
        return [
            Column(
                name, title_of(self.model, name), TYPES.get(fields[name], Type.TEXT),
                width=34 if name.startswith(("name", "address", "clinic", "position")) else 18,
            )
            for name in COLUMNS[self.model]
        ]  # fmt: skip

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        cells, names = Cells(self.model), COLUMNS[self.model]
        for row in kept(actor, self.model).iterator(chunk_size=500):
            yield cells.of(row, names)

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return kept(actor, self.model).count()


@register
class OrganizationFile(_Table):
    """Organisations."""

    code = "clinics.organizations_table"
    title = _("Organisations")
    roles = frozenset({Role.OFFICE})
    scope = "organizations"
    model = Organization


@register
class ClinicFile(_Table):
    """Clinics."""

    code = "clinics.clinics_table"
    title = _("Clinics")
    roles = frozenset({Role.OFFICE})
    scope = "clinics"
    model = Clinic


@register
class ServiceFile(_Table):
    """Services."""

    code = "clinics.services_table"
    title = _("Services")
    roles = frozenset({Role.MANAGER, Role.OFFICE})
    scope = "services"
    model = Service


@register
class PractitionerFile(_Table):
    """Practitioners."""

    code = "clinics.practitioners_table"
    title = _("Practitioners")
    roles = frozenset({Role.MANAGER, Role.OFFICE})
    scope = "practitioners"
    model = Practitioner
