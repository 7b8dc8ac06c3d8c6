"""The registry as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from clinics.models import Licence, Practitioner, Service
from clinics.policies import organization_report_policy
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.validity import in_force_on
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: The columns of a row, in its order, with where they come from.
FIELDS = {
    "organization": "name", "ownership": "ownership", "sector": "sector", "cluster_role": "cluster_role",
    "status": "status", "joined_on": "joined_on", "organization_country": "country", "inn": "inn", "ogrn": "ogrn",
    "bin": "bin", "foreign_number": "foreign_number", "clinic": "clinics__name", "type": "clinics__type",
    "level": "clinics__level", "clinic_status": "clinics__status", "opened_on": "clinics__opened_on",
    "country": "clinics__country", "town": "clinics__city", "address": "clinics__address",
    "phone": "clinics__phone", "beds": "clinics__beds",
}  # fmt: skip
TRANSLATED = frozenset({"organization", "clinic", "town", "address"})


def registry(
    actor: Actor, *, today: date, status: str = "", ownership: str = "", organization: str = ""
) -> Iterator[tuple[Any, ...]]:
    """A row for each clinic, and one for each organisation without any: `FIELDS`, then how many licences are valid
    `today`, services are offered, and practitioners work there.
    """
    rows = organization_report_policy.queryset(actor)
    for name, chosen in (("status", status), ("ownership", ownership), ("pk", organization)):
        if chosen:
            rows = rows.filter(**{name: chosen})
    columns = {
        f"c_{name}": localized(path) if name in TRANSLATED else F(path) for name, path in FIELDS.items()
    }
    counts = {
        "n_licences": _counted(Licence.objects.filter(in_force_on(today))),
        "n_services": _counted(Service.objects.filter(is_active=True)),
        "n_practitioners": _counted(Practitioner.objects.filter(is_active=True), "clinics"),
    }
    return (
        rows.annotate(**columns, **counts)
        .order_by("c_organization", "pk", "c_clinic", "clinics__pk")
        .values_list(*columns, *counts)
        .iterator(chunk_size=CHUNK)
    )


def _counted(rows: QuerySet, path: str = "clinic") -> Coalesce:
    """How many of `rows` belong to the clinic of the row."""
    counted = rows.filter(**{path: OuterRef("clinics__pk")}).order_by().values(path).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
