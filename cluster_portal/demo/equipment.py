"""Equipment of the demo: what the programme planned and what came, who broke and who mended it. Makers are invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinics.models import Clinic, Downtime, Equipment, EquipmentMove, Room, Schedule, Upkeep
from clinics.states import ARRIVED, ClinicStatus, ClinicType, EquipmentState, Funding, Ownership, UpkeepKind
from cluster_portal.demo.chance import Wheel

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

#: Invented makers and their countries.
MAKERS = {
    "Ангара Медтехника": "RU", "Приморприбор": "RU", "Невский медприбор": "RU", "Урал-Вита": "RU",
    "Hanbit Medical": "KR", "Aoba Imaging": "JP", "Nordhelm Technik": "DE", "Tianlu Medical": "CN",
}  # fmt: skip
SERIES = ("Амур", "Витязь", "Орион", "Pulse", "Clara", "Nova", "Vita", "Focus")
#: How often each type is bought, by how large a clinic has to be for it.
TYPES = {
    1: {
        "ecg": 9, "holter": 4, "defibrillator": 8, "monitor": 10, "ultrasound-portable": 4, "spirometer": 3,
        "haematology": 3, "steriliser": 4, "physiotherapy": 5, "infusion-pump": 8, "microscope": 3, "ambulance": 2,
        "dental-unit": 2, "fluorograph": 1,
    },
    2: {
        "ultrasound": 8, "xray": 4, "mammograph": 2, "gastroscope": 4, "colonoscope": 3, "biochemistry": 4,
        "immunoassay": 3, "ventilator": 7, "anaesthesia": 4, "operating-table": 3, "operating-light": 3,
        "xray-mobile": 3, "fetal-monitor": 3, "incubator": 3, "slit-lamp": 2, "stress-test": 2, "ct": 1,
    },
    3: {
        "ct": 1, "mri": 1, "angiograph": 1, "dialysis": 4, "laparoscopy-tower": 2, "endoscopy-tower": 3, "c-arm": 2,
        "pcr": 2, "eeg": 2, "lithotripter": 1, "densitometer": 1, "oct": 1,
    },
}  # fmt: skip
SANATORIUM = {"hydrotherapy": 10, "physiotherapy": 9, "ecg": 3, "spirometer": 2, "monitor": 2}
#: Services whose times need a unit, by its type.
NEEDED = {
    "ct": "ct", "ct-contrast": "ct", "mri": "mri", "mri-contrast": "mri", "angiography": "angiograph",
    "coronary-angiography": "angiograph", "echocardiography": "ultrasound", "ultrasound-abdomen": "ultrasound",
    "mammography": "mammograph",
}  # fmt: skip
#: What a year of the programme comes to: all of it when it is over, a part of this year's.
OVER = {
    EquipmentState.COMMISSIONED: 950, EquipmentState.WRITTEN_OFF: 25, EquipmentState.DELIVERED: 6,
    EquipmentState.IN_REPAIR: 9, EquipmentState.PLANNED: 10,
}  # fmt: skip
NOW = {
    EquipmentState.COMMISSIONED: 46, EquipmentState.DELIVERED: 11, EquipmentState.ORDERED: 24,
    EquipmentState.PLANNED: 19,
}  # fmt: skip
FAULTS = (
    "Не включается после скачка напряжения", "Ошибка охлаждения", "Не проходит самопроверку", "Артефакты изображения",
    "Нет связи с рабочей станцией", "Износ датчика",
)  # fmt: skip
ENGINEERS = ("Инженер клиники", "Сервисная служба изготовителя", "ООО «Медсервис-Остров»", "Центр метрологии")
#: Of so many units in use one stood still during the last year.
MENDED = 24


class Park:
    """The cluster's units on their way into the tables."""

    def __init__(self, chance: Chance, facts: Facts, now: datetime) -> None:
        self.chance, self.facts = chance, facts
        self.now, self.today = now, now.astimezone(ZoneInfo(facts.time_zone)).date()
        self.units: list[Equipment] = []
        self.moves: list[EquipmentMove] = []
        self.downtimes: list[Downtime] = []
        self.upkeep: list[Upkeep] = []
        sites = Clinic.objects.filter(status=ClinicStatus.OPEN).select_related("organization").order_by("id")
        self.sites = list(sites)
        self.rooms: dict[Any, list[UUID]] = {}
        for clinic, room in Room.objects.order_by("clinic", "number").values_list("clinic", "pk"):
            self.rooms.setdefault(clinic, []).append(room)
        self.wheels = {level: self._wheel(level) for level in TYPES}
        self.sanatorium = Wheel(list(SANATORIUM), list(SANATORIUM.values()))
        self.serials: dict[Any, int] = {}

    @staticmethod
    def _wheel(level: int) -> Wheel:
        weights: dict[str, int] = {}
        for size in range(1, level + 1):
            for kind, weight in TYPES[size].items():
                weights[kind] = weights.get(kind, 0) + weight
        return Wheel(list(weights), list(weights.values()))

    def fill_year(self, year: int, number: int) -> None:
        """So many units of one year of the programme, at the state's clinics, the large ones first."""
        own = [site for site in self.sites if site.organization.ownership == Ownership.STATE]
        places = Wheel(own, [site.level**2 for site in own])
        states = Wheel(*map(list, zip(*(NOW if year >= self.today.year else OVER).items(), strict=True)))
        for _n in range(number if places else 0):
            site = places.turn(self.chance)
            wheel = self.sanatorium if site.type == ClinicType.SANATORIUM else self.wheels[site.level]
            funding = Funding.REGIONAL if self.chance.yes(0.7) else Funding.FEDERAL
            self._add(site, wheel.turn(self.chance), states.turn(self.chance), year=year, funding=funding)

    def serve(self) -> None:
        """A unit for every kind of reception that needs one, and the patterns that name it."""
        patterns = Schedule.objects.filter(service__service_type__in=NEEDED, is_active=True).order_by("id")
        by_place: dict[tuple[Any, str], Equipment] = {}
        sites = {site.pk: site for site in self.sites}
        named = list(patterns.select_related("service"))
        for pattern in named:
            place = pattern.service.clinic_id, NEEDED[pattern.service.service_type_id]
            if place not in by_place:
                by_place[place] = self._add(
                    sites[place[0]], place[1], EquipmentState.COMMISSIONED, funding=Funding.OWN
                )
            pattern.equipment = by_place[place]
        self.patterns = named

    def write(self) -> int:
        """Everything into the tables; how many units."""
        for model, rows in (
            (Equipment, self.units), (EquipmentMove, self.moves), (Downtime, self.downtimes), (Upkeep, self.upkeep),
        ):  # fmt: skip
            model.objects.bulk_create(rows, batch_size=2000)
        Schedule.objects.bulk_update(self.patterns, ["equipment"], batch_size=500)
        return len(self.units)

    def _add(
        self, site: Clinic, kind: str, state: str, *, year: int | None = None, funding: str
    ) -> Equipment:
        chance = self.chance
        serial = self.serials[site.organization_id] = self.serials.get(site.organization_id, 0) + 1
        maker = chance.choice(list(MAKERS))
        unit = Equipment(
            id=UUID(chance.key(self.now)), organization_id=site.organization_id, clinic=site, type_id=kind,
            state=state, inventory_number=f"1013{site.level}-{serial:04}", maker=maker, country=MAKERS[maker],
            model=f"{chance.choice(SERIES)}-{chance.randrange(2, 90)}0", programme_year=year, funding=funding,
        )  # fmt: skip
        self._date(unit, year or self.today.year - chance.randrange(1, 5))
        if state in ARRIVED:
            unit.serial, rooms = f"SN{chance.randrange(10**7):07}", self.rooms.get(site.pk)
            unit.room_id = chance.choice(rooms) if rooms else None
        self.units.append(unit)
        if state == EquipmentState.IN_REPAIR:
            self._break(unit, self.now - chance.span(timedelta(days=9)), mended=False)
        elif state == EquipmentState.COMMISSIONED and unit.commissioned_on < self.today - timedelta(days=60):
            self._look_after(unit)
        return unit

    def _date(self, unit: Equipment, year: int) -> None:
        """The days of what has happened to the unit, within its year and before today."""
        # Of the year that is under way only its days so far.
        last = min(date(year, 12, 20), self.today - timedelta(days=1))
        room = max((last - date(year, 1, 15)).days, 3)
        days = sorted(last - timedelta(days=self.chance.randrange(room)) for _n in range(3))
        steps = {
            EquipmentState.PLANNED: 0, EquipmentState.ORDERED: 1, EquipmentState.DELIVERED: 2,
        }.get(unit.state, 3)  # fmt: skip
        names = ("ordered_on", "delivered_on", "commissioned_on")
        for name, day in list(zip(names, days, strict=True))[:steps]:
            setattr(unit, name, day)
        if steps == 3:
            unit.warranty_until = days[2].replace(day=1) + timedelta(
                days=365 * self.chance.choice((1, 2, 3, 5))
            )
        if unit.state == EquipmentState.WRITTEN_OFF:
            unit.written_off_on = self.today - timedelta(days=self.chance.randrange(5, 300))
            unit.written_off_on = max(unit.written_off_on, days[2])

    def _look_after(self, unit: Equipment) -> None:
        """What was done to a unit in use during the last year, and for some how they stood still."""
        chance = self.chance
        if chance.yes(0.35):
            self._note(
                unit, UpkeepKind.MAINTENANCE, self.now - timedelta(days=chance.randrange(10, 300)), 14_000
            )
        if chance.yes(0.15):
            self._note(
                unit, UpkeepKind.CALIBRATION, self.now - timedelta(days=chance.randrange(10, 300)), 6_000
            )
        if not chance.randrange(MENDED):
            self._break(unit, self.now - timedelta(days=chance.randrange(20, 330)), mended=True)

    def _break(self, unit: Equipment, at: datetime, *, mended: bool) -> None:
        fault = self.chance.choice(FAULTS)
        ends = at + timedelta(hours=self.chance.randrange(5, 320)) if mended else None
        self.downtimes.append(Downtime(equipment=unit, starts=at, ends=ends, reason=fault))
        self._step(unit, "report_fault", at, fault)
        if ends:
            self._step(unit, "return_to_work", ends, "")
            self._note(unit, UpkeepKind.REPAIR, ends, 60_000)

    def _step(self, unit: Equipment, action: str, at: datetime, comment: str) -> None:
        use, repair = EquipmentState.COMMISSIONED, EquipmentState.IN_REPAIR
        source, target = (use, repair) if action == "report_fault" else (repair, use)
        day = at.astimezone(ZoneInfo(unit.clinic.time_zone)).date()
        self.moves.append(
            EquipmentMove(
                equipment=unit,
                at=at,
                on=day,
                action=action,
                from_state=source,
                to_state=target,
                comment=comment,
            )
        )

    def _note(self, unit: Equipment, kind: str, at: datetime, usual: int) -> None:
        cost = Decimal(int(usual * (0.4 + 1.6 * self.chance.random())) // 100 * 100)
        self.upkeep.append(
            Upkeep(
                equipment=unit, kind=kind, done_on=at.date(), done_by=self.chance.choice(ENGINEERS),
                cost=cost if self.chance.yes(0.8) else None,
            )
        )  # fmt: skip


def fill_equipment(chance: Chance, facts: Facts, now: datetime) -> int:
    """The cluster's equipment: its programme year by year (a year below 100 counts back from this one), and the units
    that receptions need. Returns how many.
    """
    park = Park(chance, facts, now)
    for year, number in facts.about["equipment"].items():
        park.fill_year(int(year) if int(year) > 100 else park.today.year - int(year), number)
    park.serve()
    return park.write()
