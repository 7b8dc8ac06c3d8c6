"""Equipment: the table of states, guarded by the database; the days of its moves; faults, downtime, the service log."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from clinics.errors import InventoryNumberTaken
from clinics.models import Downtime, Equipment
from clinics.selectors.equipment import equipment_record
from clinics.services import equipment as services
from clinics.states import EQUIPMENT, EquipmentState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

#: The table of the design, once more and by hand.
DESIGNED = {
    ("planned", "ordered"), ("ordered", "delivered"), ("delivered", "commissioned"), ("commissioned", "in_repair"),
    ("in_repair", "commissioned"), ("commissioned", "written_off"), ("in_repair", "written_off"),
}  # fmt: skip


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_clinic()


@pytest.fixture
def registrar(clinic):
    return make.make_actor(Role.REFERRER, organization=clinic.organization)


def fresh(unit: Equipment) -> Equipment:
    return Equipment.objects.get(pk=unit.pk)


def data_of(clinic, **fields):
    kind = make.make_equipment(clinic).type
    return {"clinic": clinic, "type": kind, "inventory_number": "77-1"} | fields


def test_the_table_is_the_designed_one():
    assert set(EQUIPMENT.pairs) == DESIGNED


@pytest.mark.parametrize("source", EquipmentState.values)
@pytest.mark.parametrize("target", EquipmentState.values)
def test_the_database_refuses_every_other_move(clinic, source, target):
    unit = make.make_equipment(clinic, state=source)
    rows = Equipment.objects.filter(pk=unit.pk)
    if source == target or (source, target) in DESIGNED:
        assert rows.update(state=target) == 1
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(state=target)


def test_a_unit_goes_from_the_plan_to_the_write_off(clinic, registrar):
    unit = services.add_equipment(registrar, data=data_of(clinic, programme_year=2026))
    today = make.day_of(timezone.now())
    services.order_equipment(
        registrar, equipment_id=unit.pk, on=today - timedelta(days=40), comment="Контракт 7"
    )
    services.deliver_equipment(registrar, equipment_id=unit.pk, on=today - timedelta(days=9))
    services.commission_equipment(registrar, equipment_id=unit.pk)
    services.report_fault(registrar, equipment_id=unit.pk, comment="Не включается")
    services.return_to_work(registrar, equipment_id=unit.pk, comment="Заменён блок питания")
    services.write_off_equipment(registrar, equipment_id=unit.pk, comment="Выработан ресурс")
    record = equipment_record(registrar, unit.pk)
    assert [(move.action, move.to_state) for move in reversed(record.moves)] == [
        ("order", "ordered"), ("deliver", "delivered"), ("commission", "commissioned"),
        ("report_fault", "in_repair"), ("return_to_work", "commissioned"), ("write_off", "written_off"),
    ]  # fmt: skip
    assert record.moves[-1].comment == "Контракт 7" and record.moves[-1].actor_name == registrar.name
    unit = record.equipment
    assert (unit.ordered_on, unit.commissioned_on) == (today - timedelta(days=40), today)
    assert unit.written_off_on == today
    assert record.actions == []


def test_a_step_out_of_turn_is_refused(clinic, registrar):
    unit = make.make_equipment(clinic, state="planned")
    with pytest.raises(IllegalTransition):
        services.commission_equipment(registrar, equipment_id=unit.pk)
    assert fresh(unit).state == "planned" and not unit.moves.exists()


def test_the_days_of_the_moves_are_in_order_and_over(clinic, registrar):
    today = make.day_of(timezone.now())
    unit = make.make_equipment(clinic, state="ordered", ordered_on=today - timedelta(days=5))
    for wrong in (today + timedelta(days=1), today - timedelta(days=6)):
        with pytest.raises(Invalid) as refused:
            services.deliver_equipment(registrar, equipment_id=unit.pk, on=wrong)
        assert set(refused.value.errors) == {"on"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Equipment.objects.filter(pk=unit.pk).update(delivered_on=today - timedelta(days=6))


def test_inventory_numbers_are_unique_in_an_organisation_only(clinic, registrar):
    services.add_equipment(registrar, data=data_of(clinic))
    with pytest.raises(InventoryNumberTaken) as taken, transaction.atomic():
        services.add_equipment(registrar, data=data_of(clinic))
    assert taken.value.field == "inventory_number"
    other = make.make_clinic()
    manager = make.make_actor(Role.MANAGER, organization=other.organization)
    assert services.add_equipment(manager, data=data_of(other)).organization_id == other.organization_id


def test_what_is_wrong_is_told_at_each_field(clinic, registrar):
    wrong = data_of(make.make_clinic(), inventory_number="", country="QQ", programme_year=1200, type=None)
    with pytest.raises(Invalid) as refused:
        services.add_equipment(registrar, data=wrong)
    assert set(refused.value.errors) == {"clinic", "inventory_number", "country", "programme_year", "type"}


def test_strangers_find_nothing_and_analysts_change_nothing(clinic):
    unit = make.make_equipment(clinic)
    with pytest.raises(NotFound):
        services.report_fault(make.make_actor(Role.MANAGER), equipment_id=unit.pk)
    with pytest.raises(Forbidden):
        services.report_fault(make.make_actor(Role.ANALYST), equipment_id=unit.pk)
    with pytest.raises(Forbidden):
        services.add_equipment(make.make_actor(Role.ANALYST), data=data_of(clinic))
    services.report_fault(make.make_actor(Role.OFFICE), equipment_id=unit.pk)
    assert fresh(unit).state == "in_repair"


def test_downtime_lasts_from_the_fault_to_the_return(clinic, registrar):
    unit = make.make_equipment(clinic)
    begin = timezone.now().replace(microsecond=0)
    with time_machine.travel(begin, tick=False):
        services.report_fault(registrar, equipment_id=unit.pk, comment="Гремит")
        assert equipment_record(registrar, unit.pk).open_downtime.reason == "Гремит"
    with time_machine.travel(begin + timedelta(hours=30), tick=False):
        services.return_to_work(registrar, equipment_id=unit.pk)
        record = equipment_record(registrar, unit.pk)
    assert record.hours == 30 and record.open_downtime is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Downtime.objects.create(equipment=unit, starts=begin + timedelta(hours=29))
    Downtime.objects.create(equipment=unit, starts=begin + timedelta(hours=30))


def test_writing_off_ends_the_downtime_and_asks_why(clinic, registrar):
    unit = make.make_equipment(clinic)
    services.report_fault(registrar, equipment_id=unit.pk)
    with pytest.raises(Invalid) as refused:
        services.write_off_equipment(registrar, equipment_id=unit.pk, comment=" ")
    assert set(refused.value.errors) == {"comment"}
    services.write_off_equipment(registrar, equipment_id=unit.pk, comment="Не подлежит ремонту")
    assert unit.downtimes.get().ends is not None


def test_the_service_log_says_what_when_who_and_how_much(clinic, registrar):
    unit = make.make_equipment(clinic)
    services.record_upkeep(registrar, equipment_id=unit.pk, data={"kind": "calibration"})
    yesterday = make.day_of(timezone.now()) - timedelta(days=1)
    services.record_upkeep(
        registrar, equipment_id=unit.pk,
        data={"kind": "repair", "done_on": yesterday, "done_by": "ООО «Сервис»", "cost": Decimal("12500.50")},
    )  # fmt: skip
    record = equipment_record(registrar, unit.pk)
    assert [line.kind for line in record.upkeep] == ["calibration", "repair"]
    assert record.upkeep[0].done_by == registrar.name and record.cost == Decimal("12500.50")
    with pytest.raises(Invalid) as refused:
        services.record_upkeep(
            registrar,
            equipment_id=unit.pk,
            data={"kind": "dance", "done_on": yesterday + timedelta(days=2), "cost": Decimal(-1)},
        )
    assert set(refused.value.errors) == {"kind", "done_on", "cost"}


def test_a_unit_that_patterns_need_stays_at_its_clinic(clinic, registrar):
    unit = make.make_equipment(clinic)
    make.make_schedule(make.make_service(clinic), equipment=unit)
    other = make.make_clinic(clinic.organization)
    with pytest.raises(Invalid) as refused:
        services.update_equipment(registrar, equipment_id=unit.pk, data={"clinic": other})
    assert set(refused.value.errors) == {"clinic"}
