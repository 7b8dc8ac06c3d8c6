"""What a clinic offers: a service of the nomenclature is taken up, described, and given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.models import Service, ServiceType
from clinics.policies import clinic_policy, service_policy
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors

#: What is said of a service beside its clinic and its type, which stay.
FIELDS = (
    "mode", "booking_mode", "payments", "price", "age_min", "age_max", "sex", "phone", *columns("comment"),
    *columns("preparation"), *columns("documents"), "is_active",
)  # fmt: skip


@service
def offer_service(
    actor: Actor, *, clinic_id: uuid.UUID, service_type: str, data: Mapping[str, Any]
) -> Service:
    """Offer a type of the nomenclature at a clinic, in one mode. `data` holds any of FIELDS, `payments` at least.

    It can be booked while a licence covers it and there are times. Raises NotFound, Forbidden, ServiceExists, Invalid.
    """
    clinic = clinic_policy.get(actor, "furnish", clinic_id)
    kind = ServiceType.objects.filter(pk=service_type, is_active=True).first()
    if kind is None:
        raise Invalid({"service_type": [_("The nomenclature has no such type of service.")]})
    offered = Service(clinic=clinic, service_type=kind)
    fill(offered, {"payments": [], **data}, FIELDS, _check)
    offered.save(force_insert=True)
    return offered


@service
def update_service(actor: Actor, *, service_id: uuid.UUID, data: Mapping[str, Any]) -> Service:
    """Change what is said of a service; what is not given stays. With `is_active` false nothing new is booked, and what
    was booked stands. Raises NotFound, Forbidden, ServiceExists, Invalid.
    """
    offered = service_policy.get(actor, "edit", service_id, lock=True)
    fill(offered, data, FIELDS, _check)
    offered.save()
    return offered


def _check(offered: Service) -> Errors:
    offered.payments = list(dict.fromkeys(offered.payments))
    if offered.age_min > offered.age_max:
        return {"age_max": [_("The oldest age is below the youngest.")]}
    return {}
