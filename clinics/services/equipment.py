"""The register of equipment: entering units, moving them from the plan to the write-off, the service log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Downtime, Equipment, EquipmentMove, Schedule, Upkeep
from clinics.policies import equipment_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.wording import is_country
from clinics.services.out_of_order import fit_times
from clinics.states import EQUIPMENT, EquipmentState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor

#: The days of the moves, in their order, by the action that sets them.
DAYS = {
    "order": "ordered_on",
    "deliver": "delivered_on",
    "commission": "commissioned_on",
    "write_off": "written_off_on",
}
#: What is entered of a unit; its state only once, then it moves.
FIELDS = (
    "clinic", "room", "place", "type", "model", "maker", "country", "serial", "inventory_number", "programme_year",
    "funding", "warranty_until", "comment", *DAYS.values(),
)  # fmt: skip
LOG_FIELDS = ("kind", "done_on", "done_by", "cost", "comment")


@service
def add_equipment(actor: Actor, *, data: dict[str, Any], state: str = EquipmentState.PLANNED) -> Equipment:
    """Enter a unit as it stands today: planned, or on its way, or at work since long ago.

    `data` holds FIELDS (`clinic`, `room` and `type` as rows; a room on record goes before a `place` in words). One in
    repair begins its downtime now. Raises Forbidden, Invalid with every field at fault, InventoryNumberTaken.
    """
    equipment_policy.require(actor, "create")
    equipment = Equipment(state=state)
    _fill(actor, equipment, data)
    equipment.save(force_insert=True)
    if state == EquipmentState.IN_REPAIR:
        Downtime.objects.create(equipment=equipment, starts=timezone.now())
    return equipment


@service
def update_equipment(actor: Actor, *, equipment_id: uuid.UUID, data: dict[str, Any]) -> Equipment:
    """Correct what is on record of a unit. Raises NotFound, Forbidden, Invalid, InventoryNumberTaken."""
    equipment = equipment_policy.get(actor, "edit", equipment_id, lock=True)
    _fill(actor, equipment, data)
    equipment.save()
    return equipment


@service
def order_equipment(
    actor: Actor, *, equipment_id: uuid.UUID, on: date | None = None, comment: str = ""
) -> Equipment:
    """A planned unit was ordered, today or `on` that day. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    return _move(actor, equipment_id, "order", on, comment)


@service
def deliver_equipment(
    actor: Actor, *, equipment_id: uuid.UUID, on: date | None = None, comment: str = ""
) -> Equipment:
    """An ordered unit has come. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    return _move(actor, equipment_id, "deliver", on, comment)


@service
def commission_equipment(
    actor: Actor, *, equipment_id: uuid.UUID, on: date | None = None, comment: str = ""
) -> Equipment:
    """A delivered unit was put to use. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    return _move(actor, equipment_id, "commission", on, comment)


@service
def write_off_equipment(
    actor: Actor, *, equipment_id: uuid.UUID, on: date | None = None, comment: str = ""
) -> Equipment:
    """A unit will not be used any more: times that need it are closed, who is booked in them has to be moved.

    Raises NotFound, Forbidden, IllegalTransition, Invalid (the reason is asked for).
    """
    equipment = _move(actor, equipment_id, "write_off", on, comment)
    if not comment.strip():
        raise Invalid({"comment": [_("Please say why: colleagues and the journal will ask.")]})
    _end_downtime(equipment)
    fit_times(actor, equipment)
    return equipment


@service
def report_fault(
    actor: Actor, *, equipment_id: uuid.UUID, comment: str = "", expected_until: date | None = None
) -> Equipment:
    """A unit does not work: it is in repair from now on.

    Free times that need it are closed, until `expected_until` (inclusive) where somebody knows; booked ones take nobody
    else and wait to be moved. Raises NotFound, Forbidden, IllegalTransition, Invalid.
    """
    equipment = _move(actor, equipment_id, "report_fault", None, comment)
    _check_forecast(equipment, expected_until)
    Downtime.objects.create(
        equipment=equipment, starts=timezone.now(), expected_until=expected_until, reason=comment.strip()
    )
    fit_times(actor, equipment)
    return equipment


@service
def expect_return(actor: Actor, *, equipment_id: uuid.UUID, expected_until: date | None = None) -> Equipment:
    """Say anew until when a repair lasts (None: nobody knows); times are closed and opened accordingly.

    Raises NotFound, Forbidden, Invalid, IllegalTransition where the unit is not in repair.
    """
    equipment = _locked(actor, equipment_id)
    EQUIPMENT.find(equipment.state, "return_to_work")
    _check_forecast(equipment, expected_until)
    Downtime.objects.filter(equipment=equipment, ends__isnull=True).update(expected_until=expected_until)
    fit_times(actor, equipment)
    return equipment


@service
def outlast_forecast(actor: Actor, *, equipment_id: uuid.UUID) -> None:
    """A repair lasts longer than was expected: the times that need the unit are closed until somebody says anew.

    Raises NotFound, Forbidden.
    """
    fit_times(actor, _locked(actor, equipment_id))


@service
def return_to_work(actor: Actor, *, equipment_id: uuid.UUID, comment: str = "") -> Equipment:
    """A unit works again: its downtime ends, and the times that the repair closed are open again.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    equipment = _move(actor, equipment_id, "return_to_work", None, comment)
    _end_downtime(equipment)
    fit_times(actor, equipment)
    return equipment


@service
def record_upkeep(actor: Actor, *, equipment_id: uuid.UUID, data: dict[str, Any]) -> Upkeep:
    """Write a line of the service log. `data` holds LOG_FIELDS; without `done_by` it was the actor, without `done_on`
    today. Raises NotFound, Forbidden, Invalid."""
    equipment = _locked(actor, equipment_id)
    today = today_at(equipment.clinic.time_zone)
    line = Upkeep(equipment=equipment, user_id=actor.user_id)
    _assign(line, {"done_on": today, "done_by": actor.name} | data, LOG_FIELDS)
    errors = _clean(line, LOG_FIELDS)
    if isinstance(line.done_on, date) and line.done_on > today:
        errors["done_on"] = [_("The date lies in the future.")]
    if errors:
        raise Invalid(errors)
    line.save(force_insert=True)
    return line


def wrong_days(equipment: Equipment, today: date) -> dict[str, list[str]]:
    """What does not fit about the days of the moves: none lies ahead, none before the one that leads to it."""
    errors: dict[str, list[str]] = {}
    before: date | None = None
    for name in DAYS.values():
        day = getattr(equipment, name)
        if not isinstance(day, date):
            continue
        if day > today:
            errors[name] = [_("The date lies in the future.")]
        elif before is not None and day < before:
            errors[name] = [_("This is before the step that leads to it.")]
        else:
            before = day
    return errors


def move_of(actor: Actor, equipment: Equipment, action: str, *, on: date, comment: str = "") -> EquipmentMove:
    """Move a locked unit by the state table (not saved), and the line of its history that tells it (not saved)."""
    came_from = equipment.state
    EQUIPMENT.move(equipment, action)
    if name := DAYS.get(action):
        setattr(equipment, name, on)
    return EquipmentMove(
        equipment=equipment, on=on, action=action, from_state=came_from, to_state=equipment.state,
        comment=comment.strip()[:300], user_id=actor.user_id, actor_name=actor.name,
    )  # fmt: skip


def _locked(actor: Actor, equipment_id: uuid.UUID) -> Equipment:
    rows = Equipment.objects.select_related("clinic")
    return equipment_policy.get(actor, "edit", equipment_id, lock=True, queryset=rows)


def _move(actor: Actor, equipment_id: uuid.UUID, action: str, on: date | None, comment: str) -> Equipment:
    equipment = _locked(actor, equipment_id)
    today = today_at(equipment.clinic.time_zone)
    move = move_of(actor, equipment, action, on=on or today, comment=comment)
    if errors := wrong_days(equipment, today):
        raise Invalid({"on": next(iter(errors.values()))})
    equipment.save()
    move.save(force_insert=True)
    return equipment


def _end_downtime(equipment: Equipment) -> None:
    Downtime.objects.filter(equipment=equipment, ends__isnull=True).update(ends=timezone.now())


def _check_forecast(equipment: Equipment, expected_until: date | None) -> None:
    if expected_until and expected_until < today_at(equipment.clinic.time_zone):
        raise Invalid({"expected_until": [_("This day is over.")]})


def _fill(actor: Actor, equipment: Equipment, data: dict[str, Any]) -> None:
    """Write `data` onto the unit, checked. Raises Invalid with every field at fault."""
    _assign(equipment, data, FIELDS)
    equipment.country = (equipment.country or "").upper()
    errors = _check(actor, equipment)
    errors |= {name: texts for name, texts in _clean(equipment, FIELDS).items() if name not in errors}
    if errors:
        raise Invalid(errors)


def _assign(row: Any, data: dict[str, Any], fields: tuple[str, ...]) -> None:
    if unknown := set(data) - set(fields):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)


def _clean(row: Any, fields: tuple[str, ...]) -> dict[str, list[str]]:
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in fields])
    except ValidationError as exc:
        return exc.message_dict
    return {}


def _check(actor: Actor, equipment: Equipment) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if equipment.type_id is None:
        errors["type"] = [_("Please choose the type.")]
    if equipment.country and not is_country(equipment.country):
        errors["country"] = [_("Please choose a country.")]
    if equipment.state not in EquipmentState:
        errors["state"] = [_("Please choose the state.")]
    if equipment.clinic_id is None or not _keeps(actor, equipment.clinic):
        return errors | {"clinic": [_("Please choose a clinic of your organisation.")]}
    equipment.organization_id = equipment.clinic.organization_id
    if equipment.room_id:
        equipment.place = ""
        if equipment.room.clinic_id != equipment.clinic_id:
            errors["room"] = [_("This room is at another clinic.")]
    elsewhere = Schedule.objects.filter(equipment=equipment.pk).exclude(service__clinic=equipment.clinic_id)
    if not equipment._state.adding and elsewhere.exists():
        errors["clinic"] = [_("Weekly patterns of the other clinic need this unit. Change them first.")]
    return errors | wrong_days(equipment, today_at(equipment.clinic.time_zone))


def _keeps(actor: Actor, clinic: Clinic) -> bool:
    return actor.is_system or actor.has(Role.OFFICE) or clinic.organization_id == actor.organization_id


__all__ = [
    "DAYS", "FIELDS", "LOG_FIELDS", "add_equipment", "commission_equipment", "deliver_equipment",
    "expect_return", "move_of", "order_equipment", "outlast_forecast", "record_upkeep", "report_fault",
    "return_to_work", "update_equipment", "write_off_equipment", "wrong_days",
]  # fmt: skip
