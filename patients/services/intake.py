"""Writing many patients at once: by the same rules and with the same journal as one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.common.service import service
from patients.models import Patient, PatientNumber
from patients.policies import patient_policy
from patients.services.links import link_all
from patients.services.patients import FIELDS
from patients.states import LinkKind

if TYPE_CHECKING:
    from collections.abc import Sequence


@service
def register_many(actor, *, patients: Sequence[Patient], numbers: Sequence[PatientNumber] = ()) -> None:
    """Register patients (filled by `fill_record`) for the actor's organisation, and its own numbers of patients.

    Nobody is looked up: whoever calls has asked for twins. Raises Forbidden, PatientExists and NumberTaken where the
    database knows better.
    """
    patient_policy.require(actor, "create")
    for patient in patients:
        patient.registered_by_id = actor.organization_id
    Patient.objects.bulk_create(patients)
    link_all([patient.pk for patient in patients], actor.organization_id, LinkKind.REGISTERED)
    PatientNumber.objects.bulk_create(numbers)


@service
def update_many(actor, *, patients: Sequence[Patient], numbers: Sequence[PatientNumber] = ()) -> None:
    """Write changed records (filled by `fill_record`) by one statement; the rows are locked by whoever calls.

    Raises PatientExists and NumberTaken where the database knows better.
    """
    if patients:
        Patient.objects.bulk_create(
            patients, update_conflicts=True, unique_fields=["id"], update_fields=[*FIELDS, "updated_at"]
        )
    PatientNumber.objects.bulk_create(numbers)
