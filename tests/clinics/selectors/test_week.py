"""The week of a clinic."""

from datetime import timedelta

import pytest
import time_machine

from clinics.models import ScheduleException, Slot
from clinics.selectors import week as weeks
from clinics.services.places import take_place
from clinics.services.schedules import generate_slots, publish_schedule
from clinics.states import REPLACED, Audience, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def schedule():
    schedule = make.make_schedule(
        hours=((2, "09:00", "11:00"), (4, "09:00", "11:00")), share_own=50, share_cluster=34, share_urgent=16
    )
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    return schedule


@pytest.fixture
def actor(schedule):
    return make.make_actor(Role.COORDINATOR, organization=schedule.service.clinic.organization)


def grid(actor, schedule, **kwargs):
    return weeks.week_of(actor, schedule.service.clinic, MONDAY.date(), **kwargs)


def test_people_by_days_with_every_slot(actor, schedule):
    tuesday = make.at(MONDAY.date() + timedelta(days=1))
    take_place(Slot.objects.get(start=tuesday).pk)
    Slot.objects.filter(start=tuesday + timedelta(minutes=20)).update(
        state=SlotState.BLOCKED, block_reason="x"
    )
    week = grid(actor, schedule)
    (line,) = week.lines
    assert [column.day.isoweekday() for column in week.days] == [1, 2, 3, 4, 5]
    cell = line.cells[1]
    assert [(pip.share, pip.state) for pip in cell.pips] == [
        ("own", "taken"), ("own", "closed"), ("own", "free"), ("cluster", "free"), ("cluster", "free"),
        ("urgent", "free"),
    ]  # fmt: skip
    assert (cell.taken, cell.places, cell.free) == (1, 5, 4)
    assert line.cells[0].pips == []
    assert (week.taken, week.places, line.share) == (1, 11, 9)
    assert week.shares == {Audience.OWN: 5, Audience.CLUSTER: 4, Audience.URGENT: 2}


def test_drafts_are_counted_for_publishing():
    schedule = make.make_schedule(hours=((2, "09:00", "11:00"), (4, "09:00", "11:00")))
    generate_slots(SYSTEM, schedule_id=schedule.pk)
    week = grid(make.make_actor(organization=schedule.service.clinic.organization), schedule)
    assert (week.drafts, week.places) == (12, 0)
    assert {pip.state for pip in week.lines[0].cells[1].pips} == {"draft"}


def test_days_away_and_threats(actor, schedule):
    tuesday = MONDAY.date() + timedelta(days=1)
    slot = Slot.objects.get(start=make.at(tuesday))
    take_place(slot.pk)
    Slot.objects.filter(pk=slot.pk).update(block_reason="leave")
    ScheduleException.objects.create(
        practitioner=schedule.practitioner, clinic=schedule.service.clinic, reason="leave",
        first_day=tuesday, last_day=tuesday + timedelta(days=1),
    )  # fmt: skip
    cells = grid(actor, schedule).lines[0].cells
    assert [cell.away for cell in cells] == ["", "leave", "leave", "", ""]
    assert cells[1].threats == 1
    assert cells[1].pips[0].state == "threat"
    (threat,) = weeks.threats(actor, schedule.service.clinic)
    assert (threat.practitioner, threat.reason, threat.slots) == (schedule.practitioner, "leave", [slot])


def test_a_group_that_is_to_be_closed_has_no_free_place(actor, schedule):
    slot = Slot.objects.order_by("start").first()
    Slot.objects.filter(pk=slot.pk).update(capacity=5)
    take_place(slot.pk)
    Slot.objects.filter(pk=slot.pk).update(block_reason="repair")
    cell = grid(actor, schedule).lines[0].cells[1]
    assert (cell.pips[0].state, cell.threats) == ("threat", 1)
    assert (cell.taken, cell.places) == (1, 6)


def test_what_a_change_of_the_pattern_closed_is_not_shown(actor, schedule):
    Slot.objects.update(state=SlotState.BLOCKED, block_reason=REPLACED)
    assert grid(actor, schedule).lines[0].cells[1].pips == []


def test_many_slots_share_squares(actor, schedule):
    cell = weeks.Cell(MONDAY.date(), pips=[weeks.Pip("own", "free")] * 70 + [weeks.Pip("own", "taken")])
    assert len(cell.squares) == 24
    assert cell.squares[-1].state == "partly"
    assert {pip.state for pip in cell.squares[:-1]} == {"free"}


def test_one_specialty(actor, schedule):
    clinic = schedule.service.clinic
    ecg = make.make_service(clinic, make.make_service_type("ecg", "functional"))
    make.make_schedule(ecg, make.make_practitioner(clinic))
    assert {row.code: row.patterns for row in weeks.specialties_at(clinic)} == {
        "cardiology": 1,
        "functional": 1,
    }
    assert len(grid(actor, schedule).lines) == 2
    assert len(grid(actor, schedule, specialty="functional").lines) == 1


def test_a_stranger_sees_no_slots(schedule):
    week = grid(make.make_actor(Role.COORDINATOR), schedule)
    assert all(not cell.pips for line in week.lines for cell in line.cells)
    assert weeks.own_clinics(make.make_actor(Role.COORDINATOR)) == []


@pytest.mark.parametrize("number", [1, 10])
def test_five_queries(actor, schedule, number, django_assert_num_queries):
    for _n in range(number):
        other = make.make_schedule(schedule.service, make.make_practitioner(schedule.service.clinic))
        generate_slots(SYSTEM, schedule_id=other.pk)
    with django_assert_num_queries(4):
        grid(actor, schedule)


def test_reasons_in_words():
    assert weeks.reason_label("ремонт кабинета") == "ремонт кабинета"
    assert str(weeks.reason_label("leave")) != "leave"
