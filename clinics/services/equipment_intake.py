"""Writing many units at once: with the same journal, the same guard of states, the same downtimes as one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from clinics.models import Downtime, Equipment, EquipmentMove
from clinics.policies import equipment_policy
from clinics.services.equipment import FIELDS
from clinics.states import EQUIPMENT, EquipmentState
from cluster_portal.common.service import service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor


@service
def take_in_equipment(
    actor: Actor,
    *,
    new: Sequence[Equipment],
    changed: Sequence[Equipment],
    moves: Sequence[EquipmentMove] = (),
) -> None:
    """Enter `new` units and write `changed` ones, which the caller has locked, with the `moves` that led to their
    states.

    Whoever calls has judged them by the rules of `services.equipment`. Raises Forbidden, and InventoryNumberTaken where
    the database knows better.
    """
    equipment_policy.require(actor, "create")
    Equipment.objects.bulk_create(new)
    now = timezone.now()
    broken = [unit for unit in new if unit.state == EquipmentState.IN_REPAIR]
    Downtime.objects.bulk_create(Downtime(equipment=unit, starts=now) for unit in broken)
    # The database lets a state go one step at a time, and the table names the steps in their order.
    for line in EQUIPMENT.transitions:
        ids = [move.equipment_id for move in moves if move.action == line.action]
        if ids:
            Equipment.objects.filter(pk__in=ids, state__in=line.sources).update(state=line.target)
    if changed:
        for unit in changed:
            unit.updated_at = now
        Equipment.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*FIELDS, "organization", "updated_at"],
        )
    EquipmentMove.objects.bulk_create(moves)
