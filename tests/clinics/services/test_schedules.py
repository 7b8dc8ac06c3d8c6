"""Patterns and exceptions: nothing that changes leaves a booked patient without a time."""

from datetime import date, time, timedelta

import pytest
import time_machine

from clinics.errors import PractitionerBusy, StrandedBookings
from clinics.models import Schedule, Slot
from clinics.services.places import give_back_place, take_place
from clinics.services.schedules import (
    Hours,
    add_exception,
    create_schedule,
    end_schedule,
    publish_schedule,
    remove_exception,
    update_schedule,
)
from clinics.states import REPLACED, Audience, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    """So many days after that Monday."""
    return MONDAY.date() + timedelta(days=number)


NINE_TO_TEN = [Hours(1, time(9), time(10))]


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def service():
    return make.make_service()


@pytest.fixture
def person(service):
    return make.make_practitioner(service.clinic)


@pytest.fixture
def coordinator(service):
    return make.make_actor(Role.COORDINATOR, organization=service.clinic.organization)


@pytest.fixture
def data(service, person):
    return {
        "service": service.pk, "practitioner": person.pk, "room": "312", "slot_minutes": 20, "capacity": 1,
        "share_own": 34, "share_cluster": 33, "share_urgent": 33, "release_hours": 24,
        "valid_from": day(-30), "valid_to": None, "works_on_holidays": False,
    }  # fmt: skip


@pytest.fixture
def published(coordinator, data):
    schedule = create_schedule(coordinator, data=data, hours=NINE_TO_TEN)
    publish_schedule(coordinator, schedule_id=schedule.pk)
    return schedule


def next_monday(hour=9, minute=0):
    return make.at(day(7), hour, minute)


def slot_at(hour=9, minute=0) -> Slot:
    return Slot.objects.get(start=next_monday(hour, minute))


class TestCreate:
    def test_its_slots_stand_as_drafts_dealt_out_in_order(self, coordinator, data):
        schedule = create_schedule(coordinator, data=data, hours=NINE_TO_TEN)
        monday = Slot.objects.filter(start__date=day(6)).order_by("start")  # in UTC
        assert [slot.audience for slot in monday] == [Audience.OWN, Audience.CLUSTER, Audience.URGENT]
        assert {slot.state for slot in Slot.objects.all()} == {SlotState.DRAFT}
        assert schedule.published_at is None

    @pytest.mark.parametrize(
        ("changes", "hours", "field"),
        [
            ({"share_own": 40}, NINE_TO_TEN, "share_own"),
            ({"valid_to": day(-61)}, NINE_TO_TEN, "valid_to"),
            ({}, [], "hours"),
            ({}, [Hours(1, time(9), time(11)), Hours(1, time(10), time(12))], "hours"),
            ({}, [Hours(1, time(9), time(9, 10))], "hours"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, coordinator, data, changes, hours, field):
        with pytest.raises(Invalid) as caught:
            create_schedule(coordinator, data=data | changes, hours=hours)
        assert list(caught.value.errors) == [field]
        assert not Schedule.objects.exists()

    def test_a_person_of_another_site(self, coordinator, data, service):
        elsewhere = make.make_practitioner(make.make_clinic(service.clinic.organization))
        with pytest.raises(Invalid) as caught:
            create_schedule(coordinator, data=data | {"practitioner": elsewhere.pk}, hours=NINE_TO_TEN)
        assert caught.value.field == "practitioner"

    def test_a_strangers_service_is_not_there(self, coordinator, data):
        with pytest.raises(NotFound):
            create_schedule(coordinator, data=data | {"service": make.make_service().pk}, hours=NINE_TO_TEN)

    def test_two_patterns_of_one_person_do_not_overlap(self, coordinator, data, published):
        with pytest.raises(PractitionerBusy):
            create_schedule(coordinator, data=data, hours=[Hours(1, time(9, 30), time(11))])
        assert Schedule.objects.count() == 1

    def test_who_may(self, data, service):
        with pytest.raises(Forbidden):
            referrer = make.make_actor(Role.REFERRER, organization=service.clinic.organization)
            create_schedule(referrer, data=data, hours=NINE_TO_TEN)


class TestUpdate:
    def test_what_fits_stays_what_does_not_closes_what_is_new_is_a_draft(self, coordinator, data, published):
        kept = slot_at(9, 40)
        gone = slot_at(9, 0)
        later = [Hours(1, time(9, 20), time(10, 20))]
        schedule = update_schedule(coordinator, schedule_id=published.pk, data=data, hours=later)
        kept.refresh_from_db(), gone.refresh_from_db()
        assert kept.state == SlotState.PUBLISHED
        assert (gone.state, gone.block_reason) == (SlotState.BLOCKED, REPLACED)
        assert slot_at(10, 0).state == SlotState.DRAFT
        assert schedule.published_at is None

    def test_back_again_opens_what_the_change_had_closed(self, coordinator, data, published):
        before = Slot.objects.filter(state=SlotState.PUBLISHED).count()
        update_schedule(coordinator, schedule_id=published.pk, data=data, hours=[Hours(2, time(9), time(10))])
        assert not Slot.objects.filter(state=SlotState.PUBLISHED).exists()
        update_schedule(coordinator, schedule_id=published.pk, data=data, hours=NINE_TO_TEN)
        assert Slot.objects.filter(state=SlotState.PUBLISHED).count() == before
        assert not Slot.objects.filter(state=SlotState.DRAFT).exists()

    @pytest.mark.parametrize(
        ("changes", "hours"),
        [
            ({}, [Hours(2, time(9), time(10))]),
            ({"slot_minutes": 30}, NINE_TO_TEN),
            ({"valid_to": day(6)}, NINE_TO_TEN),
        ],
        ids=["another weekday", "longer visits", "ends earlier"],
    )
    def test_a_booking_in_the_way_is_listed_and_nothing_changes(
        self, coordinator, data, published, changes, hours
    ):
        booked = slot_at(9, 20)
        take_place(booked.pk)
        before = list(Slot.objects.order_by("pk").values())
        with pytest.raises(StrandedBookings) as caught:
            update_schedule(coordinator, schedule_id=published.pk, data=data | changes, hours=hours)
        assert [row["slot"] for row in caught.value.extra["slots"]] == [str(booked.pk)]
        assert list(Slot.objects.order_by("pk").values()) == before
        published.refresh_from_db()
        assert published.slot_minutes == 20

    def test_capacity_does_not_sink_below_what_is_booked(self, coordinator, data, published):
        update_schedule(coordinator, schedule_id=published.pk, data=data | {"capacity": 2}, hours=NINE_TO_TEN)
        booked = slot_at(9, 20)
        take_place(booked.pk), take_place(booked.pk)
        with pytest.raises(StrandedBookings):
            update_schedule(coordinator, schedule_id=published.pk, data=data, hours=NINE_TO_TEN)

    def test_a_booking_that_fits_keeps_its_slot_and_its_share(self, coordinator, data, published):
        booked = slot_at(9, 40)
        take_place(booked.pk)
        changed = data | {"room": "401", "share_own": 100, "share_cluster": 0, "share_urgent": 0}
        update_schedule(coordinator, schedule_id=published.pk, data=changed, hours=NINE_TO_TEN)
        booked.refresh_from_db()
        assert (booked.taken, booked.room, booked.audience) == (1, "401", Audience.URGENT)
        assert slot_at(9, 20).audience == Audience.OWN

    def test_another_person_does_not_inherit_the_patients(self, coordinator, data, published, service):
        take_place(slot_at(9, 20).pk)
        other = make.make_practitioner(service.clinic)
        with pytest.raises(StrandedBookings):
            update_schedule(
                coordinator,
                schedule_id=published.pk,
                data=data | {"practitioner": other.pk},
                hours=NINE_TO_TEN,
            )


class TestEnd:
    def test_slots_after_the_last_day_close(self, coordinator, published):
        end_schedule(coordinator, schedule_id=published.pk, last_day=day(8))
        open_days = {make.day_of(s.start) for s in Slot.objects.filter(state=SlotState.PUBLISHED)}
        assert open_days == {day(7)}

    def test_a_patient_after_the_last_day_stands_in_the_way(self, coordinator, published):
        take_place(slot_at().pk)
        with pytest.raises(StrandedBookings):
            end_schedule(coordinator, schedule_id=published.pk, last_day=day(1))


class TestException:
    @pytest.fixture
    def leave(self, service, person):
        return {
            "practitioner_id": person.pk, "clinic_id": service.clinic_id, "first_day": day(4),
            "last_day": day(10), "reason": "leave",
        }  # fmt: skip

    def test_free_slots_close_and_drafts_vanish(self, coordinator, data, published, leave):
        update_schedule(
            coordinator,
            schedule_id=published.pk,
            data=data,
            hours=[*NINE_TO_TEN, Hours(2, time(9), time(10))],
        )
        add_exception(coordinator, **leave)
        week = Slot.objects.filter(start__range=(make.at(day(4), 0), make.at(day(11), 0)))
        assert {(s.state, s.block_reason) for s in week} == {(SlotState.BLOCKED, "leave")}
        assert week.count() == 3

    def test_those_in_the_way_are_listed(self, coordinator, published, leave):
        take_place(slot_at(9, 20).pk)
        with pytest.raises(StrandedBookings) as caught:
            add_exception(coordinator, **leave)
        assert len(caught.value.extra["slots"]) == 1
        assert slot_at(9, 0).state == SlotState.PUBLISHED

    def test_kept_ones_stay_until_they_are_moved(self, coordinator, published, leave):
        booked = slot_at(9, 20)
        take_place(booked.pk)
        add_exception(coordinator, **leave, keep_booked=True)
        assert slot_at(9, 0).state == SlotState.BLOCKED
        assert slot_at(9, 20).state == SlotState.PUBLISHED
        give_back_place(booked.pk)
        assert slot_at(9, 20).state == SlotState.BLOCKED

    def test_taken_back_everything_stands_again(self, coordinator, published, leave):
        before = set(Slot.objects.values_list("start", "state"))
        exception = add_exception(coordinator, **leave)
        assert remove_exception(coordinator, exception_id=exception.pk) == 3
        assert set(Slot.objects.values_list("start", "state")) == before

    def test_wrong_order_of_days(self, coordinator, leave):
        with pytest.raises(Invalid):
            add_exception(coordinator, **leave | {"last_day": leave["first_day"] - timedelta(days=1)})

    def test_a_strangers_practitioner_is_not_there(self, leave):
        with pytest.raises(NotFound):
            add_exception(make.make_actor(Role.COORDINATOR), **leave)
