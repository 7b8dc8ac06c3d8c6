"""Equipment from a table: the register that a clinic keeps, or the plan that the office made.

A row is a unit on record where the organisation's inventory number says so, and a new one otherwise: nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.lookups import Called
from clinics.models import Clinic, Equipment, EquipmentMove, EquipmentType, Room
from clinics.policies import KEEPERS
from clinics.selectors import equipment_words as words
from clinics.selectors.calendar import today_at
from clinics.selectors.equipment import clinics_to_choose, on_record
from clinics.selectors.premises import bare_number, rooms_by_number
from clinics.services.equipment import DAYS, move_of, wrong_days
from clinics.services.equipment_intake import take_in_equipment
from clinics.states import EQUIPMENT, KEEPER, EquipmentState, Funding
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import Answers, Column, Import, Session, register
from cluster_portal.imports.cleaning import Choice, day, text, whole
from cluster_portal.imports.states import Verdict

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Row

#: Steps that a table may tell of: they say how far a unit has come. Whether it works is said on its own page, because
#: times of doctors depend on it.
FORWARD = ("order", "deliver", "commission")


def _column(name: str, clean: Any, *aliases: str, **options: Any) -> Column:
    return Column(name, words.TITLES[name], clean, aliases=aliases, **options)


COLUMNS = (
    _column(
        "inventory_number", text(40), "Инв. номер", "Инв. №", "Инв №", "№ в плане", "inventory", "inventory no",
        "Түгендеу №", required=True, example="101340-0017", width=20,
        help=gettext_lazy("Your own number; by it the unit is recognised next time. In a plan: its number there."),
    ),
    _column(
        "type", text(160), "Вид оборудования", "Тип оборудования", "Наименование типа", "equipment type", "kind",
        required=True, example="Компьютерный томограф", width=34,
        help=gettext_lazy("The name of a type in the cluster's dictionary, in any of the three languages."),
    ),
    _column(
        "clinic", text(300), "Учреждение", "Медицинская организация", "МО", "Подразделение", "site", required=True,
        width=34, help=gettext_lazy("A clinic of yours by its name, long or short."),
    ),
    _column(
        "room", text(40), "Каб", "№ кабинета", "office", example="112", width=10,
        help=gettext_lazy("The number of a room of the clinic, or any place in words."),
    ),
    _column("model", text(160), "Марка", "Наименование", "Модель оборудования", width=28),
    _column("maker", text(160), "Изготовитель", "Фирма", "manufacturer", "vendor", width=28),
    _column("country", Choice(words.countries), "Страна", "Страна происхождения", "country", width=18),
    _column("serial", text(80), "Зав. номер", "Заводской номер", "S/N", "sn", "serial", width=20),
    _column(
        "state", Choice(words.states, lambda: EquipmentState.labels), "Статус", "status", width=16,
        help=gettext_lazy("Empty: planned for a new unit, as it is for a known one."),
    ),
    _column("programme_year", whole(1990, 2100), "Год", "Год поставки по программе", "year", is_text=False, width=12),
    _column(
        "funding", Choice(words.funding, lambda: Funding.labels), "Источник", "Источник финансирования", "budget",
        width=22,
    ),
    _column("warranty_until", day, "Гарантия", "Окончание гарантии", "warranty", width=16),
    _column("ordered_on", day, "Дата заказа", "Дата контракта", width=16),
    _column("delivered_on", day, "Дата поставки", "delivered", width=16),
    _column("commissioned_on", day, "Дата ввода", "Дата ввода в эксплуатацию", "commissioned", width=16),
    _column("written_off_on", day, "Дата списания", width=16),
    _column("comment", text(300), "Примечание", "note", width=34),
)  # fmt: skip
#: What is copied onto the record as it was cleaned; type, clinic and room are looked up first, the state moves.
PLAIN = tuple(column.name for column in COLUMNS if column.name not in ("type", "clinic", "room", "state"))


@register
class EquipmentTable(Import):
    """The register of equipment, or a part of it."""

    code = "clinics.equipment"
    title = gettext_lazy("Equipment")
    description = gettext_lazy(
        "Units of equipment from your own register or from a plan: new ones are entered, known ones brought up to date."
    )
    notes = (
        gettext_lazy("A unit is recognised by the inventory number of its organisation."),
        gettext_lazy("Empty cells change nothing: what is on record stays."),
        gettext_lazy(
            "Faults, returns to work and write-offs of known units are told on their own pages: times may need them."
        ),
        gettext_lazy("The same file taken in twice changes nothing the second time."),
    )
    roles = KEEPERS | {Role.OFFICE}
    scope = "clinics"
    back = "clinics:equipment"
    columns = COLUMNS
    chunk = 1000

    def session(self, actor: Actor, *, writes: bool, answers: Answers) -> Session:
        return _Session(actor, writes=writes, answers=answers)


@dataclass(slots=True)
class Plan:
    """What a row comes to: the unit as it is to be, and the steps that lead there."""

    data: dict[str, Any]
    clinic: Clinic | None = None
    unit: Equipment | None = None
    moves: list[EquipmentMove] = field(default_factory=list)


class _Session(Session):
    def __init__(self, actor: Actor, *, writes: bool, answers: Answers) -> None:
        super().__init__(actor, writes=writes, answers=answers)
        self.types = Called(EquipmentType.objects.filter(is_active=True), "name")
        clinics = clinics_to_choose(actor)
        self.clinics = Called(clinics, "name", "short_name")
        self.today = {zone: today_at(zone) for zone in {clinic.time_zone for clinic in clinics}}
        #: The rooms of the clinics that the file has named so far.
        self.rooms: dict[tuple[uuid.UUID, str], Room] = {}
        self.read: set[uuid.UUID] = set()
        #: The line of each unit that the file has named so far.
        self.seen: dict[tuple[uuid.UUID, str], int] = {}

    def plan(self, rows: Sequence[Row]) -> None:
        for row in rows:
            row.plan = self._understand(row)
        self._place(rows)
        judged = [row for row in rows if row.verdict is None]
        numbers = [row.plan.data["inventory_number"] for row in judged]
        found = on_record(numbers, {row.plan.clinic.organization_id for row in judged}, lock=self.writes)
        for row in judged:
            unit = found.get((row.plan.clinic.organization_id, row.plan.data["inventory_number"]))
            if unit is None:
                self._enter(row)
            else:
                self._compare(row, unit)

    def write(self, rows: Sequence[Row]) -> None:
        take_in_equipment(
            self.actor,
            new=[row.plan.unit for row in rows if row.verdict == Verdict.NEW],
            changed=[row.plan.unit for row in rows if row.verdict == Verdict.CHANGED],
            moves=[move for row in rows for move in row.plan.moves],
        )

    def _understand(self, row: Row) -> Plan:
        """Type and clinic as rows of the portal; what is not known, or was named before, is refused at its column."""
        data = {
            name: row.values[name] for name in (*PLAIN, "state") if row.values.get(name) not in (None, "")
        }
        plan = Plan(data)
        if row.values.get("type"):
            data["type"] = self._one(row, "type", self.types, _("The dictionary has no such type."))
        if row.values.get("clinic"):
            plan.clinic = self._one(row, "clinic", self.clinics, _("You keep no clinic that is called so."))
        if plan.clinic and (number := data.get("inventory_number")):
            line = self.seen.setdefault((plan.clinic.organization_id, number), row.line)
            if line != row.line:
                row.refuse(
                    _("Line %(line)s of the file has this number already.") % {"line": line},
                    "inventory_number",
                    number,
                )
        return plan

    def _place(self, rows: Sequence[Row]) -> None:
        """Where each unit of a chunk stands: a room on record where the number is one, else the place as written."""
        said = [row for row in rows if row.plan.clinic and row.values.get("room")]
        if new := {row.plan.clinic.pk for row in said} - self.read:
            self.rooms |= rooms_by_number(new)
            self.read |= new
        for row in said:
            written = row.values["room"]
            room = self.rooms.get((row.plan.clinic.pk, bare_number(written)))
            row.plan.data |= {"room_id": room and room.pk, "place": "" if room else written}

    @staticmethod
    def _one(row: Row, name: str, rows: Called, unknown: str) -> Any:
        """The row that the column names; refused at the column where there is none."""
        written = row.values[name]
        try:
            return rows.find(written, unknown, _("Several clinics are called so: write the full name."))
        except ValidationError as error:
            row.refuse(" ".join(error.messages), name, written)
            return None

    def _enter(self, row: Row) -> None:
        clinic = row.plan.clinic
        unit = Equipment(clinic=clinic, organization_id=clinic.organization_id)
        for name, value in row.plan.data.items():
            setattr(unit, name, value)
        row.plan.unit = unit
        if not self._refused(row, unit):
            row.verdict = Verdict.NEW

    def _compare(self, row: Row, unit: Equipment) -> None:
        """What the row changes of a unit on record; nothing where it says what is there."""
        changed = unit.clinic_id != row.plan.clinic.pk
        if changed and unit.is_needed:
            row.refuse(
                _("Weekly patterns of the other clinic need this unit. Change them first."),
                "clinic",
                row.plan.clinic.short_name,
            )
        data = dict(row.plan.data)
        if unit.clinic_id != row.plan.clinic.pk:
            # Its room stays behind.
            data = {"room_id": None, "place": ""} | data
        unit.clinic = row.plan.clinic
        target = data.pop("state", unit.state)
        kind = data.pop("type")
        changed |= kind.pk != unit.type_id
        unit.type = kind
        for name, value in data.items():
            changed |= getattr(unit, name) != value
            setattr(unit, name, value)
        row.plan.unit = unit
        if target != unit.state:
            changed = True
            self._advance(row, unit, target)
        if row.verdict is None and not self._refused(row, unit):
            row.verdict = Verdict.CHANGED if changed else Verdict.UNCHANGED

    def _advance(self, row: Row, unit: Equipment, target: str) -> None:
        """Let a unit take the steps that lead to the state in the table. A step without a day of its own was done by
        the day of the next one, the last one today.
        """
        steps = _steps(unit.state, target)
        if steps is None:
            row.refuse(
                _("On record it is “%(state)s”: from there this step is made on the unit's own page.")
                % {"state": unit.get_state_display()},
                "state",
                EquipmentState(target).label,
            )
            return
        later = self.today[row.plan.clinic.time_zone]
        for step in reversed(steps):
            later = getattr(unit, DAYS[step]) or later
            setattr(unit, DAYS[step], later)
        if self.writes:
            row.plan.moves = [move_of(self.actor, unit, step, on=getattr(unit, DAYS[step])) for step in steps]

    def _refused(self, row: Row, unit: Equipment) -> bool:
        for name, texts in wrong_days(unit, self.today[row.plan.clinic.time_zone]).items():
            row.refuse(" ".join(map(str, texts)), name, getattr(unit, name))
        return row.verdict is not None


@cache
def _steps(state: str, target: str) -> tuple[str, ...] | None:
    """The steps forward that lead from one state to another; None where there is no such way."""
    steps: list[str] = []
    while state != target:
        action = next((name for name in EQUIPMENT.available(state, [KEEPER]) if name in FORWARD), None)
        if action is None:
            return None
        steps.append(action)
        state = EQUIPMENT.find(state, action).target
    return tuple(steps)
