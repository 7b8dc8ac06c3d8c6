"""A room that is closed for some days: nobody new is seen there, nobody who is booked is lost, and it opens again."""

from datetime import date, time, timedelta

import pytest
import time_machine

from clinics.errors import StrandedBookings
from clinics.models import CalendarFeed, RoomClosure, Slot
from clinics.services.feeds import open_feed
from clinics.services.places import give_back_place, take_place
from clinics.services.premises import update_room
from clinics.services.room_closures import close_room, reopen_room
from clinics.services.schedules import (
    FIELDS,
    Hours,
    add_exception,
    generate_slots,
    publish_schedule,
    update_schedule,
)
from clinics.states import ROOM_CLOSED, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, Invalid
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make
from tests.factories import records

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def day(number: int) -> date:
    return MONDAY.date() + timedelta(days=number)


@pytest.fixture
def schedule():
    """Tuesdays from nine to ten, three visits in room 312, published."""
    make.make_cluster()
    schedule = make.make_schedule(hours=((2, "09:00", "10:00"),), works_on_holidays=True)
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    return schedule


@pytest.fixture
def room(schedule):
    return records.make_room(schedule.service.clinic, number="312")


@pytest.fixture
def planner(schedule):
    return make.make_actor(Role.COORDINATOR, organization=schedule.service.clinic.organization)


def shut(planner, room, first=1, last=8, **more):
    return close_room(
        planner, room_id=room.pk, first_day=day(first), last_day=day(last), reason="Ремонт", **more
    )


def on(schedule, number, **narrowed):
    within = (make.at(day(number), 0), make.at(day(number + 1), 0))
    return Slot.objects.filter(schedule=schedule, start__range=within, **narrowed)


def test_a_closure_closes_the_rooms_times_and_generation_leaves_its_days_out(schedule, room, planner):
    elsewhere = make.make_schedule(
        make.make_service(schedule.service.clinic, "therapist"), hours=((2, "09:00", "10:00"),), room="313"
    )
    publish_schedule(SYSTEM, schedule_id=elsewhere.pk)
    total = Slot.objects.filter(schedule=schedule).count()
    closure = shut(planner, room)
    for number in (1, 8):
        assert on(schedule, number, state=SlotState.BLOCKED, block_reason=ROOM_CLOSED).count() == 3
        assert on(elsewhere, number, state=SlotState.PUBLISHED, block_reason="").count() == 3
    assert on(schedule, 15, state=SlotState.PUBLISHED).count() == 3
    on(schedule, 8).delete()
    generate_slots(planner, schedule_id=schedule.pk)
    assert not on(schedule, 8).exists()
    assert reopen_room(planner, room_id=room.pk, closure_id=closure.pk) == 3
    assert on(schedule, 8, state=SlotState.PUBLISHED, block_reason="").count() == 3
    assert Slot.objects.filter(schedule=schedule, state=SlotState.PUBLISHED).count() == total


def test_booked_times_are_listed_first_and_kept_when_that_is_said(schedule, room, planner):
    booked = on(schedule, 1).order_by("start")[1]
    assert take_place(booked.pk)
    with pytest.raises(StrandedBookings) as caught:
        shut(planner, room)
    assert [row["slot"] for row in caught.value.extra["slots"]] == [str(booked.pk)]
    assert not RoomClosure.objects.exists()
    shut(planner, room, keep_booked=True)
    booked.refresh_from_db()
    assert (booked.state, booked.block_reason, booked.taken) == (SlotState.PUBLISHED, ROOM_CLOSED, 1)
    give_back_place(booked.pk)
    booked.refresh_from_db()
    assert booked.state == SlotState.BLOCKED


def test_what_is_closed_for_another_reason_stays_closed(schedule, room, planner):
    closure = shut(planner, room)
    second = shut(planner, room, 8, 8)
    add_exception(
        planner, practitioner_id=schedule.practitioner_id, clinic_id=room.clinic_id, first_day=day(1),
        last_day=day(1), reason="leave",
    )  # fmt: skip
    assert reopen_room(planner, room_id=room.pk, closure_id=closure.pk) == 0
    assert not on(schedule, 8, state=SlotState.PUBLISHED).exists()
    assert reopen_room(planner, room_id=room.pk, closure_id=second.pk) == 3
    assert not on(schedule, 1, state=SlotState.PUBLISHED).exists()


def test_those_who_plan_close_rooms_and_say_why(schedule, room, planner):
    with pytest.raises(Forbidden):
        shut(make.make_actor(Role.MANAGER), room)
    with pytest.raises(Forbidden):
        shut(make.make_actor(Role.REFERRER, organization=room.clinic.organization), room)
    with pytest.raises(Invalid) as caught:
        close_room(planner, room_id=room.pk, first_day=day(2), last_day=day(1), reason=" ")
    assert set(caught.value.errors) == {"last_day", "reason"}
    with pytest.raises(Invalid):
        shut(planner, room, -8, -1)


def change(schedule, room, **data):
    manager = make.make_actor(Role.MANAGER, organization=schedule.service.clinic.organization)
    keep = data.pop("keep_booked", False)
    return update_room(manager, room_id=room.pk, data=data, keep_booked=keep)


def test_what_names_a_room_says_its_new_number(schedule, room, planner):
    open_feed(planner, clinic_id=room.clinic_id, room="312")
    change(schedule, room, number="14а")
    schedule.refresh_from_db()
    assert schedule.room == "14а"
    assert set(Slot.objects.filter(schedule=schedule).values_list("room", flat=True)) == {"14а"}
    assert CalendarFeed.objects.get().room == "14а"
    # The number is given to another room: what is named so now is that one's.
    change(schedule, room, closed_on=day(0))
    other = records.make_room(schedule.service.clinic, number="14а")
    change(schedule, room, number="15")
    schedule.refresh_from_db()
    assert (schedule.room, other.number) == ("14а", "14а")


def test_a_calendar_of_the_new_number_takes_the_place_of_the_old_one(schedule, room, planner):
    clinic = schedule.service.clinic
    make.make_schedule(schedule.service, room="14а")
    colleague = make.make_actor(Role.COORDINATOR, organization=clinic.organization)
    kept = [open_feed(actor, clinic_id=clinic.pk, room=number)[0].pk for actor, number in (
        (planner, "14а"), (colleague, "312"))]  # fmt: skip
    doubled, _secret = open_feed(planner, clinic_id=clinic.pk, room="312")
    change(schedule, room, number="14а")
    working = CalendarFeed.objects.filter(room="14а", revoked_at__isnull=True)
    assert {feed.pk for feed in working} == set(kept)
    assert CalendarFeed.objects.get(pk=doubled.pk).revoked_at


def test_the_times_after_a_rooms_last_day_close_and_open_with_it(schedule, room, planner):
    total = Slot.objects.filter(schedule=schedule).count()
    booked = on(schedule, 8).order_by("start")[1]
    assert take_place(booked.pk)
    with pytest.raises(StrandedBookings) as caught:
        change(schedule, room, closed_on=day(1))
    assert [row["slot"] for row in caught.value.extra["slots"]] == [str(booked.pk)]
    room.refresh_from_db()
    assert room.closed_on is None
    change(schedule, room, closed_on=day(1), keep_booked=True)
    booked.refresh_from_db()
    assert (booked.state, booked.block_reason, booked.taken) == (SlotState.PUBLISHED, ROOM_CLOSED, 1)
    assert on(schedule, 1, state=SlotState.PUBLISHED, block_reason="").count() == 3
    assert on(schedule, 15, state=SlotState.BLOCKED, block_reason=ROOM_CLOSED).count() == 3
    on(schedule, 15).delete()
    generate_slots(planner, schedule_id=schedule.pk)
    assert not on(schedule, 15).exists()
    change(schedule, room, closed_on=day(9))
    assert on(schedule, 8, state=SlotState.PUBLISHED, block_reason="").count() == 3
    assert not on(schedule, 15).exists()
    change(schedule, room, closed_on=None)
    assert Slot.objects.filter(schedule=schedule, state=SlotState.PUBLISHED, block_reason="").count() == total


def test_a_pattern_that_moves_to_another_room_has_its_times_again(schedule, room, planner):
    change(schedule, room, closed_on=day(0))
    assert not Slot.objects.filter(schedule=schedule, state=SlotState.PUBLISHED).exists()
    data = {name: getattr(schedule, name) for name in FIELDS} | {"room": "313", "equipment": None}
    data |= {"service": schedule.service_id, "practitioner": schedule.practitioner_id}
    update_schedule(planner, schedule_id=schedule.pk, data=data, hours=[Hours(2, time(9), time(10))])
    assert on(schedule, 1, state=SlotState.PUBLISHED, block_reason="", room="313").count() == 3
