"""Who may do what with equipment: its organisation's staff keep it, the cluster office keeps all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.models import Downtime, Equipment, EquipmentType
from clinics.policies.rules import own, reported, sees_all_figures
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, Policy

if TYPE_CHECKING:
    from django.db.models import Q

    from cluster_portal.common.actor import Actor

#: Those who keep the register of equipment; a hospital's own system may do it too.
KEEPERS = frozenset({Role.REFERRER, Role.COORDINATOR, Role.MANAGER, Role.CLIENT})


def _kept_equipment(actor: Actor) -> Q:
    """An organisation's own equipment; the cluster office keeps all of it."""
    return EVERYBODY if actor.has(Role.OFFICE) else own("organization", *KEEPERS)(actor)


class EquipmentPolicy(Policy):
    """Equipment is seen and kept by its organisation's staff; the office and its analysts see all of it."""

    model = Equipment
    rules = {
        "view": lambda actor: EVERYBODY if sees_all_figures(actor) else own("organization")(actor),
        "edit": _kept_equipment,
    }
    model_rules = {
        "create": lambda actor: (
            actor.has(Role.OFFICE) or (actor.organization_id is not None and actor.has(*KEEPERS))
        ),
    }


class EquipmentTypePolicy(Policy):
    """The dictionary is everybody's."""

    model = EquipmentType
    rules = {"view": lambda actor: EVERYBODY}


class EquipmentReportPolicy(Policy):
    """Equipment as reports count it."""

    model = Equipment
    rules = {"view": reported("organization")}


class DowntimeReportPolicy(Policy):
    """Downtimes as reports count them."""

    model = Downtime
    rules = {"view": reported("equipment__organization")}


equipment_policy = EquipmentPolicy()
equipment_type_policy = EquipmentTypePolicy()
equipment_report_policy = EquipmentReportPolicy()
downtime_report_policy = DowntimeReportPolicy()
