"""Equipment as its readers may see it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Sum, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from clinics.models import Clinic, Downtime, Equipment, EquipmentMove, EquipmentType, Schedule, Slot, Upkeep
from clinics.policies import equipment_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.validity import today_in
from clinics.states import EQUIPMENT, KEEPER, OUT_OF_USE, EquipmentState, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.asking import Asking
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

ORDER = ("inventory_number", "id")
#: Warranties that end within so many days can be asked for; OVER stands for those that have ended.
WARRANTY = (30, 90, 180)
OVER = "over"
#: Lines of history that a page shows of each kind.
SHOWN = 100
#: Lines of a service log that a program gets.
LOG = 500
#: Downtime is summed over so long.
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Narrowing(Asking):
    """What of the register a reader asks for; empty: all. `warranty` is a number of days, or OVER."""

    text: str = ""
    type: str = ""
    clinic: str = ""
    state: str = ""
    year: str = ""
    warranty: str = ""


def visible_equipment(actor: Actor) -> QuerySet[Equipment]:
    """The units that the actor may see, with what a list shows of them."""
    return equipment_policy.queryset(actor).select_related("type", "clinic", "room", "organization")


def register(actor: Actor, by: Narrowing) -> QuerySet[Equipment]:
    """The register, narrowed, by inventory number."""
    rows = visible_equipment(actor)
    exact = {"type": by.type, "clinic": by.clinic, "state": by.state, "programme_year": by.year}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    for word in by.text.lower().replace("ё", "е").split():
        rows = rows.filter(search_text__contains=word)
    if by.warranty:
        rows = rows.filter(warranty_ending(by.warranty))
    return rows.order_by(*ORDER)


def warranty_ending(within: str, today: date | None = None) -> Q:
    """Units at work or in repair whose warranty is OVER, or ends within so many days from today on."""
    today = today or today_at(current_cluster().time_zone)
    kept = Q(state__in=(EquipmentState.DELIVERED, EquipmentState.COMMISSIONED, EquipmentState.IN_REPAIR))
    if within == OVER:
        return kept & Q(warranty_until__lt=today)
    return kept & Q(warranty_until__range=(today, today + timedelta(days=int(within))))


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the actor's units name, for the bar above the list: types, clinics and programme years. Three queries."""
    rows = equipment_policy.queryset(actor).order_by()
    types = rows.values_list("type", localized("type__name")).distinct()
    clinics = rows.values_list(Cast("clinic", TextField()), localized("clinic__short_name")).distinct()
    years = rows.filter(programme_year__isnull=False).values_list("programme_year", flat=True).distinct()
    return {
        "types": sorted(types, key=lambda pair: pair[1]),
        "clinics": sorted(clinics, key=lambda pair: pair[1]),
        "years": [(str(year), str(year)) for year in sorted(years, reverse=True)],
    }


def types_to_choose() -> list[EquipmentType]:
    """The dictionary as forms offer it, by name."""
    return sorted(EquipmentType.objects.filter(is_active=True), key=lambda row: row.name)


def clinics_to_choose(actor: Actor) -> list[Clinic]:
    """The clinics whose equipment the actor keeps, by name."""
    rows = (
        Clinic.objects.all()
        if actor.has(Role.OFFICE)
        else Clinic.objects.filter(organization=actor.organization_id)
    )
    return sorted(rows, key=lambda row: row.short_name)


def units_at(clinic: Clinic) -> QuerySet[Equipment]:
    """What a weekly pattern of the clinic may need: everything that was not written off."""
    rows = Equipment.objects.filter(clinic=clinic).exclude(state=EquipmentState.WRITTEN_OFF)
    return rows.select_related("type").order_by("type__name_ru", *ORDER)


def chosen(actor: Actor, equipment_ids: list[uuid.UUID]) -> list[Equipment]:
    """The named units that the actor sees, by inventory number."""
    return list(visible_equipment(actor).filter(pk__in=equipment_ids).order_by(*ORDER))


def on_record(
    numbers: list[str], organization_ids: set[uuid.UUID], *, lock: bool
) -> dict[tuple[uuid.UUID, str], Equipment]:
    """The units of these organisations by organisation and inventory number, locked for the transaction if asked.

    `is_needed` says whether a weekly pattern needs the unit.
    """
    rows = Equipment.objects.filter(inventory_number__in=numbers, organization__in=organization_ids)
    rows = rows.annotate(is_needed=Exists(Schedule.objects.filter(equipment=OuterRef("pk"))))
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return {(row.organization_id, row.inventory_number): row for row in rows}


@dataclass(slots=True)
class Record:
    """Everything that the page of a unit shows. `hours` of downtime in the last year; `cost` of the whole service log.

    `affected` are the patterns that need the unit; `to_move` how many are booked at times that its fault closes, by
    clinic and practitioner.
    """

    equipment: Equipment
    moves: list[EquipmentMove]
    upkeep: list[Upkeep]
    downtimes: list[Downtime]
    hours: float
    cost: Any
    may_edit: bool
    affected: list[Any]
    to_move: dict[tuple[uuid.UUID, uuid.UUID | None], int]
    actions: list[str]

    @property
    def open_downtime(self) -> Downtime | None:
        return next((row for row in self.downtimes if row.ends is None), None)


def equipment_record(actor: Actor, equipment_id: uuid.UUID, *, now: datetime | None = None) -> Record:
    """One unit with its history. Raises NotFound. Eight queries, however long it is."""
    now = now or timezone.now()
    equipment = see_equipment(actor, equipment_id)
    downtimes = list(equipment.downtimes.order_by("-starts")[:SHOWN])
    may_edit = equipment_policy.allows(actor, "edit", equipment)
    return Record(
        equipment=equipment,
        moves=list(equipment.moves.order_by("-at", "-id")[:SHOWN]),
        upkeep=list(equipment.upkeep.order_by("-done_on", "-id")[:SHOWN]),
        downtimes=downtimes,
        hours=sum(hours_within(row, now - YEAR, now) for row in downtimes),
        cost=equipment.upkeep.aggregate(sum=Sum("cost"))["sum"],
        may_edit=may_edit,
        actions=EQUIPMENT.available(equipment.state, [KEEPER]) if may_edit else [],
        affected=list(
            equipment.schedules.filter(is_active=True)
            .select_related("practitioner", "service__service_type", "service__clinic")
            .order_by("practitioner__family", "id")
        ),
        to_move=booked_without(equipment, now),
    )


def available_actions(actor: Actor, equipment: Equipment) -> list[str]:
    """The steps of the state table that the actor may let the unit take now, and the forecast of a repair."""
    if not equipment_policy.allows(actor, "edit", equipment):
        return []
    steps = EQUIPMENT.available(equipment.state, [KEEPER])
    return [*steps, "expect_return"] if equipment.state == EquipmentState.IN_REPAIR else steps


def log_of(equipment: Equipment) -> list[Upkeep]:
    """The service log, the latest line first."""
    return list(equipment.upkeep.order_by("-done_on", "-id")[:LOG])


def see_equipment(actor: Actor, equipment_id: uuid.UUID) -> Equipment:
    """One unit. Raises NotFound."""
    return equipment_policy.get(actor, "view", equipment_id, queryset=visible_equipment(actor))


def equipment_to_edit(actor: Actor, equipment_id: uuid.UUID) -> Equipment:
    """One unit that the actor keeps. Raises NotFound, and Forbidden for who only reads."""
    return equipment_policy.get(actor, "edit", equipment_id, queryset=visible_equipment(actor))


def booked_without(equipment: Equipment, now: datetime) -> dict[tuple[uuid.UUID, uuid.UUID | None], int]:
    """How many places are booked at times ahead that were closed for want of the unit, by clinic and practitioner."""
    rows = (
        Slot.objects.filter(
            schedule__equipment=equipment, state=SlotState.PUBLISHED, taken__gt=0, start__gt=now
        )
        .exclude(block_reason="")
        .values_list("clinic", "practitioner", "taken")
    )
    counted: Counter[tuple[uuid.UUID, uuid.UUID | None]] = Counter()
    for clinic, practitioner, taken in rows:
        counted[clinic, practitioner] += taken
    return dict(counted)


def outlasting() -> list[uuid.UUID]:
    """The units whose repair was expected to be over before today, by their clinics' calendars."""
    rows = Downtime.objects.filter(
        ends__isnull=True, expected_until__lt=today_in("equipment__clinic__time_zone")
    )
    return list(rows.values_list("equipment", flat=True))


def hours_within(downtime: Downtime, since: datetime, until: datetime) -> float:
    """Hours of a downtime that lie within a period; one that lasts counts up to `until`."""
    ends = min(downtime.ends or until, until)
    return max(0.0, (ends - max(downtime.starts, since)).total_seconds() / 3600)


def days_out_of_use(equipment: Equipment) -> tuple[date, date] | None:
    """First and last day on which the unit cannot be counted on, by its clinic's calendar; None while it can.

    A repair without a forecast, or past it, and a write-off last for ever as far as one knows.
    """
    if equipment.state not in OUT_OF_USE:
        return None
    until = None
    if equipment.state == EquipmentState.IN_REPAIR:
        open_ones = Downtime.objects.filter(equipment=equipment, ends__isnull=True)
        until = open_ones.values_list("expected_until", flat=True).first()
        if until and until < today_at(equipment.clinic.time_zone):
            until = None
    return date.min, until or date.max
