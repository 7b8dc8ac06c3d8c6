"""Which organisation may see which patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.models import PatientLink

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from patients.states import LinkKind


def link(
    patient_id: uuid.UUID, organization_id: uuid.UUID, kind: LinkKind, *, until: datetime | None = None
) -> None:
    """Let an organisation see a patient from now on. Asked again for the same reason, only `until` moves."""
    row = PatientLink(patient_id=patient_id, organization_id=organization_id, kind=kind, until=until)
    if until is None:
        PatientLink.objects.bulk_create([row], ignore_conflicts=True)
    else:
        PatientLink.objects.bulk_create(
            [row],
            update_conflicts=True,
            update_fields=["until"],
            unique_fields=["organization", "patient", "kind"],
        )
