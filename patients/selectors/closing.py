"""What a clinic that closes would leave without anybody who deals with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.occupants import Waiting
from patients.models import Referral
from patients.states import WITHOUT_TIME

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet


def waiting_for(clinic_id: uuid.UUID) -> QuerySet[Referral]:
    """The referrals that wait for a decision or a time of the clinic."""
    return Referral.objects.filter(target_clinic=clinic_id, state__in=WITHOUT_TIME)


def waiting_at(clinic_id: uuid.UUID) -> list[Waiting]:
    """`waiting_for` as the office may read them, without the patients; the oldest first. One query."""
    rows = (
        waiting_for(clinic_id).select_related("service_type", "source_clinic").order_by("submitted_at", "pk")
    )
    return [
        Waiting(
            number=row.number, service=row.service_type.name if row.service_type else "",
            source=row.source_clinic.short_name, state=row.get_state_display(),
        )
        for row in rows
    ]  # fmt: skip
