"""A pattern once more, and days off closed for everybody: what is shown before is what happens."""

from datetime import date, timedelta

import pytest
import time_machine

from clinics.errors import PractitionerBusy, StrandedBookings
from clinics.models import CalendarDay, Schedule, ScheduleException, Slot
from clinics.selectors.days_off import days_off_ahead
from clinics.services.closing import close_days
from clinics.services.copying import copy_schedule, look_at_copy
from clinics.services.places import take_place
from clinics.services.schedules import generate_slots, publish_schedule, remove_exception
from clinics.states import SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def schedule():
    """Mondays and Wednesdays from nine to eleven, published."""
    return make.make_schedule(hours=((1, "09:00", "11:00"), (3, "09:00", "11:00")), share_own=20, share_cluster=80,
                              share_urgent=0, release_hours=48)  # fmt: skip


@pytest.fixture
def coordinator(schedule):
    return make.make_actor(Role.COORDINATOR, organization=schedule.service.clinic.organization)


def day(number: int) -> date:
    return MONDAY.date() + timedelta(days=number)


class TestCopying:
    def test_another_person_gets_the_same_hours_and_shares(self, coordinator, schedule):
        other = make.make_practitioner(schedule.service.clinic)
        data = {"practitioner": other.pk, "room": "7", "valid_from": day(7), "valid_to": day(20)}
        looked = look_at_copy(coordinator, schedule_id=schedule.pk, data=data)
        assert (len(looked.times), looked.days, looked.clashes) == (24, 4, [])
        assert Schedule.objects.count() == 1
        made = copy_schedule(coordinator, schedule_id=schedule.pk, data=data)
        assert [(h.weekday, f"{h.starts:%H:%M}") for h in made.hours.all()] == [(1, "09:00"), (3, "09:00")]
        assert (made.share_own, made.share_cluster, made.release_hours, made.room) == (20, 80, 48, "7")
        slots = Slot.objects.filter(schedule=made)
        assert set(slots.values_list("start", flat=True)) == {slot.start for slot in looked.times}
        assert set(slots.values_list("state", "practitioner")) == {(SlotState.DRAFT, other.pk)}
        assert Schedule.objects.get(pk=schedule.pk).practitioner_id == schedule.practitioner_id

    def test_times_in_the_way_are_told_and_left_out_on_demand(self, coordinator, schedule):
        publish_schedule(coordinator, schedule_id=schedule.pk)
        data = {
            "service": make.make_service(schedule.service.clinic, "echo").pk,
            "valid_from": day(7),
            "valid_to": day(9),
        }
        Slot.objects.filter(start__gte=make.at(day(9), 0)).delete()
        looked = look_at_copy(coordinator, schedule_id=schedule.pk, data=data)
        assert (len(looked.times), len(looked.clashes)) == (6, 6)
        assert {other.schedule_id for _slot, other in looked.clashes} == {schedule.pk}
        with pytest.raises(PractitionerBusy):
            copy_schedule(coordinator, schedule_id=schedule.pk, data=data)
        made = copy_schedule(coordinator, schedule_id=schedule.pk, data=data, leave_out=True)
        assert Slot.objects.filter(schedule=made).count() == 6

    def test_days_off_are_told(self, coordinator, schedule):
        CalendarDay.objects.create(country="RU", day=day(14), note="День области")
        looked = look_at_copy(
            coordinator, schedule_id=schedule.pk, data={"valid_from": day(7), "valid_to": day(20)}
        )
        assert looked.off[day(14)] == "День области"

    def test_it_is_for_planners_of_the_organisation(self, schedule):
        registrar = make.make_actor(Role.REFERRER, organization=schedule.service.clinic.organization)
        with pytest.raises(Forbidden):
            look_at_copy(registrar, schedule_id=schedule.pk, data={})
        stranger = make.make_actor(Role.COORDINATOR)
        with pytest.raises(NotFound):
            copy_schedule(stranger, schedule_id=schedule.pk, data={})


class TestDaysOff:
    def test_all_close_in_one_go_and_each_can_be_taken_back(self, coordinator, schedule):
        publish_schedule(coordinator, schedule_id=schedule.pk)
        clinic = schedule.service.clinic
        second = make.make_schedule(schedule.service, hours=((1, "14:00", "15:00"),))
        generate_slots(coordinator, schedule_id=second.pk)
        CalendarDay.objects.create(country="RU", day=day(7), note="День области")
        (row,) = [row for row in days_off_ahead(clinic) if row.times]
        assert (row.day, row.name, row.times, row.booked, row.people) == (day(7), "День области", 9, 0, 2)
        assert close_days(coordinator, clinic_id=clinic.pk, days=[day(7), day(8), day(9)]) == 15
        exceptions = ScheduleException.objects.order_by("first_day")
        assert {(row.first_day, row.last_day, row.reason) for row in exceptions} == {
            (day(7), day(9), "holiday")
        }
        assert {row.practitioner_id for row in exceptions} == {
            schedule.practitioner_id,
            second.practitioner_id,
        }
        assert not [row for row in days_off_ahead(clinic) if row.times]
        # Once more: everybody is away already.
        assert close_days(coordinator, clinic_id=clinic.pk, days=[day(8)]) == 0
        assert ScheduleException.objects.count() == 2
        taken_back = exceptions.get(practitioner=schedule.practitioner)
        assert remove_exception(coordinator, exception_id=taken_back.pk) == 12

    def test_booked_times_are_named_and_nothing_changes(self, coordinator, schedule):
        publish_schedule(coordinator, schedule_id=schedule.pk)
        clinic = schedule.service.clinic
        booked = Slot.objects.filter(start__gte=make.at(day(7), 0)).order_by("start").first()
        take_place(booked.pk)
        with pytest.raises(StrandedBookings) as refused:
            close_days(coordinator, clinic_id=clinic.pk, days=[day(7)])
        assert [row["slot"] for row in refused.value.extra["slots"]] == [str(booked.pk)]
        assert not ScheduleException.objects.exists()
        assert close_days(coordinator, clinic_id=clinic.pk, days=[day(7)], keep_booked=True) == 5
        booked.refresh_from_db()
        assert (booked.state, booked.block_reason) == (SlotState.PUBLISHED, "holiday")

    def test_days_are_asked_for_and_strangers_refused(self, coordinator, schedule):
        clinic = schedule.service.clinic
        for days in ([], [day(-1)]):
            with pytest.raises(Invalid):
                close_days(coordinator, clinic_id=clinic.pk, days=days)
        with pytest.raises(Forbidden):
            close_days(make.make_actor(Role.COORDINATOR), clinic_id=clinic.pk, days=[day(1)])
