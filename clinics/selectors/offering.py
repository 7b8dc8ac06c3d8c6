"""Which clinics offer what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.models import Service

if TYPE_CHECKING:
    from django.db.models import QuerySet


def clinics_offering(*, service_type: str = "", direction: str = "", payment: str = "") -> QuerySet:
    """The ids of clinics with one service, offered now, that meets every condition that is not empty."""
    services = Service.objects.filter(is_active=True)
    if service_type:
        services = services.filter(service_type=service_type)
    if direction:
        services = services.filter(service_type__direction=direction)
    if payment:
        services = services.filter(payments__contains=[payment])
    return services.values("clinic")
