"""Times that need a unit: closed while it is out of use, open again when it works, and nobody who is booked is lost."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinics.models import Slot
from clinics.selectors.equipment import booked_without
from clinics.services.equipment import expect_return, report_fault, return_to_work, write_off_equipment
from clinics.services.places import give_back_place, take_place
from clinics.services.schedules import Hours, generate_slots, publish_schedule, update_schedule
from clinics.states import OUT_OF_ORDER, SlotState
from clinics.tasks import extend_schedules
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def day(number: int) -> date:
    return MONDAY.date() + timedelta(days=number)


@pytest.fixture
def unit():
    make.make_cluster()
    return make.make_equipment(make.make_clinic())


@pytest.fixture
def schedule(unit):
    """Tuesdays from nine to ten, three visits, published, on the tomograph."""
    schedule = make.make_schedule(
        make.make_service(unit.clinic), hours=((2, "09:00", "10:00"),), equipment=unit, works_on_holidays=True
    )
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    return schedule


@pytest.fixture
def registrar(unit):
    return make.make_actor(Role.REFERRER, organization=unit.organization)


def counts(schedule):
    """How many times are open, closing with somebody in them, and closed for the unit's sake."""
    slots = Slot.objects.filter(schedule=schedule)
    return (
        slots.filter(state=SlotState.PUBLISHED, block_reason="").count(),
        slots.filter(state=SlotState.PUBLISHED, block_reason=OUT_OF_ORDER).count(),
        slots.filter(state=SlotState.BLOCKED, block_reason=OUT_OF_ORDER).count(),
    )


def test_a_fault_closes_free_times_and_keeps_those_who_are_booked(unit, schedule, registrar):
    others = make.make_slot(schedule.service, start=make.at(day(1), 15))
    slots = list(Slot.objects.filter(schedule=schedule).order_by("start"))
    assert take_place(slots[1].pk)
    report_fault(registrar, equipment_id=unit.pk)
    assert counts(schedule) == (0, 1, len(slots) - 1)
    others.refresh_from_db()
    assert (others.state, others.block_reason) == (SlotState.PUBLISHED, "")
    assert booked_without(unit, MONDAY) == {(unit.clinic_id, schedule.practitioner_id): 1}
    # Nobody else gets in, and when the patient has been moved the time is closed.
    assert not take_place(slots[0].pk)
    give_back_place(slots[1].pk)
    assert counts(schedule) == (0, 0, len(slots))


def test_all_of_it_is_open_again_when_the_unit_works(unit, schedule, registrar):
    slots = list(Slot.objects.filter(schedule=schedule).order_by("start"))
    assert take_place(slots[0].pk)
    report_fault(registrar, equipment_id=unit.pk)
    return_to_work(registrar, equipment_id=unit.pk)
    assert counts(schedule) == (len(slots), 0, 0)
    assert Slot.objects.get(pk=slots[0].pk).taken == 1


def test_times_after_the_forecast_stay_open_and_follow_it(unit, schedule, registrar):
    whole = Slot.objects.filter(schedule=schedule).count()
    report_fault(registrar, equipment_id=unit.pk, expected_until=day(1))
    assert counts(schedule) == (whole - 3, 0, 3)
    expect_return(registrar, equipment_id=unit.pk, expected_until=day(8))
    assert counts(schedule) == (whole - 6, 0, 6)
    expect_return(registrar, equipment_id=unit.pk, expected_until=day(0))
    assert counts(schedule) == (whole, 0, 0)
    expect_return(registrar, equipment_id=unit.pk)
    assert counts(schedule) == (0, 0, whole)


def test_no_new_times_come_while_it_is_out_of_use(unit, schedule, registrar):
    report_fault(registrar, equipment_id=unit.pk)
    with time_machine.travel(MONDAY + timedelta(days=14), tick=False):
        assert generate_slots(SYSTEM, schedule_id=schedule.pk, strict=False) == 0
        return_to_work(registrar, equipment_id=unit.pk)
        # The two weeks that were not made meanwhile are made now.
        last = Slot.objects.filter(schedule=schedule).latest("start")
    assert make.day_of(last.start) == day(1 + 7 * 9)
    assert counts(schedule)[1:] == (0, 6)


def test_a_write_off_closes_for_good(unit, schedule, registrar):
    whole = Slot.objects.filter(schedule=schedule).count()
    write_off_equipment(registrar, equipment_id=unit.pk, comment="Сгорел")
    assert counts(schedule) == (0, 0, whole)
    assert generate_slots(SYSTEM, schedule_id=schedule.pk, strict=False) == 0


def test_drafts_vanish_and_come_back_as_drafts(unit, registrar):
    schedule = make.make_schedule(
        make.make_service(unit.clinic), hours=((2, "09:00", "10:00"),), equipment=unit, works_on_holidays=True
    )
    generate_slots(SYSTEM, schedule_id=schedule.pk)
    before = Slot.objects.filter(schedule=schedule, state=SlotState.DRAFT).count()
    report_fault(registrar, equipment_id=unit.pk)
    assert not Slot.objects.filter(schedule=schedule).exists()
    return_to_work(registrar, equipment_id=unit.pk)
    assert Slot.objects.filter(schedule=schedule, state=SlotState.DRAFT).count() == before > 0


def test_what_the_pattern_no_longer_asks_for_stays_closed(unit, schedule, registrar):
    coordinator = make.make_actor(Role.COORDINATOR, organization=unit.organization)
    report_fault(registrar, equipment_id=unit.pk)
    update_schedule(
        coordinator,
        schedule_id=schedule.pk,
        data={"equipment": unit.pk},
        hours=[Hours(2, time(9, 20), time(10))],
    )
    return_to_work(registrar, equipment_id=unit.pk)
    open_now = Slot.objects.filter(schedule=schedule, state=SlotState.PUBLISHED)
    assert {f"{slot.start.astimezone(ZoneInfo(make.ZONE)):%H:%M}" for slot in open_now} == {"09:20", "09:40"}


def test_a_time_given_elsewhere_meanwhile_stays_closed(unit, schedule, registrar):
    first = Slot.objects.filter(schedule=schedule).earliest("start")
    whole = Slot.objects.filter(schedule=schedule).count()
    report_fault(registrar, equipment_id=unit.pk)
    make.make_slot(schedule.service, start=first.start, practitioner=schedule.practitioner)
    return_to_work(registrar, equipment_id=unit.pk)
    assert counts(schedule) == (whole - 1, 0, 1)
    first.refresh_from_db()
    assert first.state == SlotState.BLOCKED


def test_a_time_closed_for_another_reason_stays_closed(unit, schedule, registrar):
    first = Slot.objects.filter(schedule=schedule).earliest("start")
    Slot.objects.filter(pk=first.pk).update(state=SlotState.BLOCKED, block_reason="training")
    report_fault(registrar, equipment_id=unit.pk)
    return_to_work(registrar, equipment_id=unit.pk)
    first.refresh_from_db()
    assert (first.state, first.block_reason) == (SlotState.BLOCKED, "training")


def test_a_repair_that_outlasts_its_forecast_keeps_the_times_closed(unit, schedule, registrar):
    report_fault(registrar, equipment_id=unit.pk, expected_until=day(1))
    open_now = counts(schedule)[0]
    assert open_now > 0
    extend_schedules()
    assert counts(schedule)[0] == open_now
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False):
        extend_schedules()
    assert counts(schedule) == (0, 0, open_now + 3)
