"""Which organisation may see which patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patients.errors import PatientMerged
from patients.models import PatientLink

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from patients.models import Patient
    from patients.states import LinkKind


def link_all(patient_ids: Iterable[uuid.UUID], organization_id: uuid.UUID, kind: LinkKind) -> None:
    """Let an organisation see several patients from now on."""
    PatientLink.objects.bulk_create(
        [PatientLink(patient_id=pk, organization_id=organization_id, kind=kind) for pk in patient_ids],
        ignore_conflicts=True,
    )


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


def refuse_merged(patient: Patient) -> None:
    """Raise PatientMerged for a record that has given its place to another one."""
    if patient.merged_into_id:
        raise PatientMerged(extra={"replaced_by": str(patient.merged_into_id)})
