"""A clinic's register of equipment from a table: every mistake named, all or nothing, the same file once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from clinics.models import Equipment, EquipmentMove
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from tests.factories import clinics as make
from tests.factories.records import make_room
from tests.imports import support
from tests.imports.files import xlsx

pytestmark = pytest.mark.django_db

CODE = "clinics.equipment"
HEADINGS = (
    "Инв. номер", "Вид оборудования", "Учреждение", "Кабинет", "Модель", "Изготовитель", "Страна", "Зав. номер",
    "Статус", "Год", "Источник финансирования", "Гарантия", "Дата заказа", "Дата поставки", "Дата ввода",
)  # fmt: skip
PLACES = {
    "inventory_number": 0, "type": 1, "clinic": 2, "model": 4, "country": 6, "state": 8, "programme_year": 9,
    "funding": 10, "warranty_until": 11, "ordered_on": 12, "delivered_on": 13, "commissioned_on": 14,
}  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def clinic():
    from clinics.services.dictionaries import load_nomenclature

    make.make_cluster()
    load_nomenclature(SYSTEM)
    return make.make_clinic()


@pytest.fixture
def actor(clinic):
    return make.make_actor(Role.MANAGER, organization=clinic.organization)


def line(site, n: int, **cells: Any) -> list[Any]:
    """A row of a unit that is in use."""
    row = [
        f"1013-{n:05}", "Компьютерный томограф", site.name_ru, f"{n % 40 + 100}", "Ангара-64", "Приборный завод",
        "Россия", f"SN{n:06}", "в работе", 2019, "региональный бюджет", date(2030, 1, 31), date(2019, 2, 1),
        date(2019, 5, 20), date(2019, 6, 3),
    ]  # fmt: skip
    for name, value in cells.items():
        row[PLACES[name]] = value
    return [datetime.combine(cell, datetime.min.time()) if type(cell) is date else cell for cell in row]


def table(folder: Path, rows: list[list[Any]], name: str = "table") -> Path:
    return xlsx(folder / f"{name}.xlsx", [HEADINGS, *rows])


def checked(actor, path: Path):
    return support.check(actor, support.upload(actor, path, CODE))


#: What is planted: the column, and what stands there instead of what should.
WRONG = (
    ("inventory_number", ""), ("inventory_number", "1" * 41), ("inventory_number", "=A1"), ("type", ""),
    ("type", "Машина времени"), ("type", "=ВПР()"), ("clinic", ""), ("clinic", "Городская поликлиника Луны"),
    ("model", "м" * 161), ("model", "=HYPERLINK(1)"), ("country", "Атлантида"), ("state", "потерян"),
    ("programme_year", "скоро"), ("programme_year", 1066), ("programme_year", 30000), ("funding", "клад"),
    ("warranty_until", "весной"), ("warranty_until", "31.02.2030"), ("ordered_on", "вчера"),
    ("ordered_on", date(2099, 1, 1)), ("delivered_on", "12.13.2019"), ("delivered_on", date(2019, 1, 20)),
    ("delivered_on", date(2099, 1, 1)), ("commissioned_on", "первого"), ("commissioned_on", date(2019, 5, 19)),
    ("commissioned_on", date(2099, 1, 1)),
)  # fmt: skip


def test_37_planted_errors_are_named_and_the_mended_file_loads_once(actor, clinic, tmp_path, pytestconfig):
    size = 50_000 if pytestconfig.getoption("full_size") else 2000
    whole = [line(clinic, n) for n in range(1, size + 1)]
    broken = [list(row) for row in whole]
    expected: set[tuple[int, str]] = set()
    for n, (column, value) in enumerate(WRONG):
        place = 17 + n * 53
        broken[place][PLACES[column]] = (
            datetime.combine(value, datetime.min.time()) if isinstance(value, date) else value
        )
        expected.add((place + 2, column))
    # Eleven numbers that an earlier line has taken; of two equal lines the second is at fault.
    for n in range(37 - len(WRONG)):
        place = 1500 + n * 31
        broken[place][0] = broken[place - 700][0]
        expected.add((place + 2, "inventory_number"))
    assert len(expected) == 37
    run = checked(actor, table(tmp_path, broken, "broken"))
    assert {(found_line, column) for found_line, column, _text in support.found(run)} == expected
    assert len(support.found(run)) == 37
    assert run.counts == {"new": size - 37, "refused": 37}
    assert not Equipment.objects.exists()

    mended = table(tmp_path, whole, "mended")
    run = support.apply(actor, checked(actor, mended))
    assert (run.state, run.counts) == ("applied", {"new": size})
    unit = Equipment.objects.get(inventory_number="1013-00007")
    assert (unit.clinic_id, unit.organization_id) == (clinic.pk, clinic.organization_id)
    assert (unit.type_id, unit.country, unit.state, unit.funding) == ("ct", "RU", "commissioned", "regional")
    assert (unit.programme_year, unit.serial, unit.warranty_until) == (2019, "SN000007", date(2030, 1, 31))
    assert (unit.delivered_on, unit.commissioned_on) == (date(2019, 5, 20), date(2019, 6, 3))

    again = checked(actor, mended)
    assert again.counts == {"unchanged": size}
    stamps = set(Equipment.objects.values_list("updated_at", flat=True))
    assert support.apply(actor, again).counts == {"unchanged": size}
    assert set(Equipment.objects.values_list("updated_at", flat=True)) == stamps
    assert Equipment.objects.count() == size


def test_a_table_moves_units_forward_step_by_step(actor, clinic, tmp_path):
    planned = make.make_equipment(clinic, inventory_number="1013-00001", state="planned")
    ordered = make.make_equipment(clinic, inventory_number="1013-00002", state="ordered")
    rows = [line(clinic, n, ordered_on=None, commissioned_on=None) for n in (1, 2)]
    run = support.apply(actor, checked(actor, table(tmp_path, rows)))
    assert (run.state, run.counts) == ("applied", {"changed": 2})
    planned.refresh_from_db()
    ordered.refresh_from_db()
    assert (planned.state, ordered.state) == ("commissioned", "commissioned")
    today = make.day_of(timezone.now())
    # Nobody knows when it was ordered: by the day on which it came, at the latest.
    assert (planned.ordered_on, planned.delivered_on) == (date(2019, 5, 20), date(2019, 5, 20))
    assert (planned.commissioned_on, ordered.ordered_on) == (today, None)
    assert checked(actor, table(tmp_path, rows)).counts == {"unchanged": 2}
    moves = EquipmentMove.objects.filter(equipment=planned).order_by("id")
    assert [move.action for move in moves] == ["order", "deliver", "commission"]
    assert [move.on for move in EquipmentMove.objects.filter(equipment=ordered).order_by("id")] == [
        date(2019, 5, 20), today,
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "target"), [("commissioned", "в ремонте"), ("in_repair", "в работе"),
                                               ("commissioned", "списано"), ("commissioned", "план")])  # fmt: skip
def test_what_times_depend_on_is_not_told_by_a_table(actor, clinic, tmp_path, state, target):
    make.make_equipment(clinic, inventory_number="1013-00001", state=state)
    run = checked(actor, table(tmp_path, [line(clinic, 1, state=target)]))
    assert [(n, column) for n, column, _text in support.found(run)] == [(2, "state")]


def test_a_new_unit_in_repair_begins_its_downtime(actor, clinic, tmp_path):
    run = support.apply(actor, checked(actor, table(tmp_path, [line(clinic, 1, state="ремонт")])))
    assert run.state == "applied"
    assert Equipment.objects.get().downtimes.get().ends is None


def test_empty_cells_say_nothing(actor, clinic, tmp_path):
    support.apply(actor, checked(actor, table(tmp_path, [line(clinic, 1)])))
    bare = [cell if n < 3 else None for n, cell in enumerate(line(clinic, 1))]
    assert checked(actor, table(tmp_path, [bare], "bare")).counts == {"unchanged": 1}


def test_a_number_of_a_room_is_that_room_and_anything_else_a_place(actor, clinic, tmp_path):
    room = make_room(clinic, number="102")
    make_room(number="103")
    path = table(tmp_path, [line(clinic, n) for n in (2, 3)])
    support.apply(actor, checked(actor, path))
    units = Equipment.objects.order_by("inventory_number")
    assert [(unit.room, unit.place) for unit in units] == [(room, ""), (None, "103")]
    assert checked(actor, path).counts == {"unchanged": 2}
    second = make.make_clinic(clinic.organization)
    support.apply(actor, checked(actor, table(tmp_path, [line(second, 2)], "moved")))
    assert [(unit.clinic, unit.room, unit.place) for unit in units.all()[:1]] == [(second, None, "102")]


def test_the_office_brings_several_clinics_and_a_manager_only_their_own(actor, clinic, tmp_path):
    other = make.make_clinic()
    rows = [line(clinic, 1), line(other, 1)]
    run = checked(actor, table(tmp_path, rows))
    assert [(n, column) for n, column, _text in support.found(run)] == [(3, "clinic")]
    office = make.make_actor(Role.OFFICE)
    support.apply(office, checked(office, table(tmp_path, rows, "all")))
    assert {unit.organization_id for unit in Equipment.objects.all()} == {
        clinic.organization_id, other.organization_id,
    }  # fmt: skip


def test_a_name_of_two_clinics_has_to_be_written_in_full(clinic, tmp_path):
    for _n in range(2):
        make.make_clinic(short_name_ru="Участковая больница")
    office = make.make_actor(Role.OFFICE)
    run = checked(office, table(tmp_path, [line(clinic, 1, clinic="Участковая больница")]))
    ((_line, column, text),) = support.found(run)
    assert column == "clinic" and "full name" in text


def test_the_check_costs_the_same_for_ten_rows_and_for_nine_hundred(actor, clinic, tmp_path):
    def cost(count: int, name: str) -> int:
        run = support.upload(
            actor, table(tmp_path, [line(clinic, n) for n in range(1, count + 1)], name), CODE
        )
        with CaptureQueriesContext(connection) as caught:
            support.check(actor, run)
        # Keeping the job alive is a matter of time, not of rows.
        return sum("jobs_job" not in query["sql"] for query in caught)

    cost(2, "first")
    assert cost(10, "few") == cost(900, "many")


def test_a_unit_on_loan_to_a_pattern_is_not_carried_off_by_a_table(actor, clinic, tmp_path):
    unit = make.make_equipment(clinic, inventory_number="1013-00001")
    make.make_schedule(make.make_service(clinic), equipment=unit)
    other = make.make_clinic(clinic.organization)
    run = checked(actor, table(tmp_path, [line(other, 1)]))
    assert [(n, column) for n, column, _text in support.found(run)] == [(2, "clinic")]
    assert timezone.now() - unit.updated_at < timedelta(hours=1)
