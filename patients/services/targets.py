"""Where a referral goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinics.models import Service
    from patients.models import Referral


def aim(referral: Referral, service: Service) -> tuple[str, ...]:
    """Point the referral at a service (not saved) and return the fields that changed.

    An organisation that it leaves goes on seeing it.
    """
    if referral.service_id == service.pk:
        return ()
    left, organization_id = referral.target_organization_id, service.clinic.organization_id
    if left and left != organization_id and left not in referral.past_targets:
        referral.past_targets = [*referral.past_targets, left]
    referral.service, referral.service_type_id = service, service.service_type_id
    referral.target_clinic, referral.target_organization_id = service.clinic, organization_id
    return "service", "service_type", "target_clinic", "target_organization", "past_targets"
