"""Writing many records of the registry at once: with the same journal and the same rights as one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clinics.models import Clinic, Organization, Practitioner, Service
from clinics.policies import clinic_policy, organization_policy, practitioner_policy, service_policy
from cluster_portal.common.errors import Forbidden
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping, Sequence

    from cluster_portal.common.actor import Actor

_POLICIES = {
    Organization: organization_policy,
    Clinic: clinic_policy,
    Service: service_policy,
    Practitioner: practitioner_policy,
}


@service
def take_in_records(
    actor: Actor,
    *,
    model: type[Any],
    new: Sequence[Any] = (),
    changed: Sequence[Any] = (),
    fields: Collection[str] = (),
    clinics: Mapping[uuid.UUID, Sequence[Clinic]] | None = None,
) -> None:
    """Enter `new` records of one kind and write `fields` of `changed` ones, which the caller has locked.

    `clinics` are the sites of practitioners, by the practitioner. Whoever calls has judged the records by
    `records.faults_of`. Raises Forbidden where one of them is not the actor's to write, and what the constraints of the
    database say: InnTaken, BinTaken, ServiceExists.
    """
    now = timezone.now()
    model.objects.bulk_create(new, batch_size=500)
    if changed:
        for record in changed:
            record.updated_at = now
        model.objects.bulk_update(changed, [*fields, "updated_at"], batch_size=100)
    if clinics:
        _settle(clinics)
    # Asked of the rows as they stand now, within this transaction: whose a new one is decides, too.
    ids = {record.pk for record in (*new, *changed)}
    if _POLICIES[model].queryset(actor, "edit").filter(pk__in=ids).count() != len(ids):
        raise Forbidden


def _settle(clinics: Mapping[uuid.UUID, Sequence[Clinic]]) -> None:
    """Let practitioners work at these clinics and no others."""
    through = Practitioner.clinics.through
    standing = {
        (row.practitioner_id, row.clinic_id): row.pk
        for row in through.objects.filter(practitioner__in=clinics).select_for_update(of=("self",))
    }
    wanted = {(person, clinic.pk) for person, sites in clinics.items() for clinic in sites}
    through.objects.filter(pk__in=[pk for pair, pk in standing.items() if pair not in wanted]).delete()
    through.objects.bulk_create(
        through(practitioner_id=person, clinic_id=clinic)
        for person, clinic in sorted(wanted - standing.keys())
    )
