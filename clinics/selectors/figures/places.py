"""What a report may be narrowed to: organisations, clinics and services, as far as its asker may know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from clinics.models import Clinic, ServiceType
from clinics.policies import clinic_report_policy, organization_report_policy
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def organizations(actor: Actor) -> list[tuple[str, str]]:
    """Organisations with a clinic, as (id, name) by name."""
    has_clinic = Exists(Clinic.objects.filter(organization=OuterRef("pk")))
    return _named(organization_report_policy.queryset(actor).filter(has_clinic), "short_name")


def clinics(actor: Actor) -> list[tuple[str, str]]:
    """Clinics as (id, name) by name."""
    return _named(clinic_report_policy.queryset(actor), "short_name")


def service_types() -> list[tuple[str, str]]:
    """The nomenclature as (code, name) by name, what is no longer offered included: reports look back."""
    return _named(ServiceType.objects.all(), "name")


def _named(rows: QuerySet, name: str) -> list[tuple[str, str]]:
    found = rows.annotate(label=localized(name)).order_by("label", "pk").values_list("pk", "label")
    return [(str(pk), label) for pk, label in found]
