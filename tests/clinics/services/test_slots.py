"""Publishing, closing and reopening slots."""

from datetime import timedelta

import pytest

from clinics.errors import PractitionerBusy, SlotClosed, StrandedBookings
from clinics.models import Slot
from clinics.services.places import give_back_place, take_place
from clinics.services.slots import block_slots, publish_slots, reopen_slots
from clinics.states import SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.selectors import history
from cluster_portal.common.errors import Forbidden, Invalid, NotFound, constraint_errors
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return make.make_service()


@pytest.fixture
def coordinator(service):
    return make.make_actor(Role.COORDINATOR, organization=service.clinic.organization)


def state_of(slot: Slot) -> tuple[str, str]:
    slot.refresh_from_db()
    return slot.state, slot.block_reason


class TestPublish:
    def test_the_drafts_of_these_days_and_no_others(self, service, coordinator):
        make.make_slots(service, 3, state=SlotState.DRAFT)
        later = make.make_slot(service, start=make.at(3), state=SlotState.DRAFT)
        past = make.make_slot(service, start=make.at(-1), state=SlotState.DRAFT)
        elsewhere = make.make_slot(make.make_service(), state=SlotState.DRAFT)
        day = make.day_of(make.at(1))
        published = publish_slots(
            coordinator, clinic_id=service.clinic_id, first_day=make.day_of(make.at(-2)), last_day=day
        )
        assert published == 3
        assert {state_of(slot)[0] for slot in (later, past, elsewhere)} == {SlotState.DRAFT}

    def test_one_person_only(self, service, coordinator):
        person = make.make_practitioner(service.clinic)
        make.make_slot(service, state=SlotState.DRAFT, practitioner=person)
        make.make_slot(service, state=SlotState.DRAFT)
        day = make.day_of(make.at(1))
        days = {"clinic_id": service.clinic_id, "first_day": day, "last_day": day}
        assert publish_slots(coordinator, **days, practitioner_ids=[person.pk]) == 1
        assert publish_slots(coordinator, **days) == 1

    def test_who_may(self, service):
        day = make.day_of(make.at(1))
        days = {"clinic_id": service.clinic_id, "first_day": day, "last_day": day}
        with pytest.raises(Forbidden):
            publish_slots(make.make_actor(Role.REFERRER, organization=service.clinic.organization), **days)
        with pytest.raises(NotFound):
            publish_slots(make.make_actor(Role.COORDINATOR), **days)


class TestBlock:
    def test_free_ones_close_with_the_reason_and_the_journal_knows_who(self, service, coordinator):
        slots = make.make_slots(service, 2)
        assert block_slots(coordinator, slot_ids=[s.pk for s in slots], reason="ремонт кабинета") == 2
        assert state_of(slots[0]) == (SlotState.BLOCKED, "ремонт кабинета")
        entry = history(slots[0]).last()
        assert (entry.user_id, entry.action) == (coordinator.user_id, "block_slots")
        assert entry.after["state"] == "blocked"

    def test_a_booked_one_stands_in_the_way_of_all(self, service, coordinator):
        slots = make.make_slots(service, 3)
        take_place(slots[1].pk)
        with pytest.raises(StrandedBookings) as caught:
            block_slots(coordinator, slot_ids=[s.pk for s in slots], reason="leave")
        (row,) = caught.value.extra["slots"]
        assert (row["slot"], row["booked"]) == (str(slots[1].pk), 1)
        assert {state_of(slot)[0] for slot in slots} == {SlotState.PUBLISHED}

    def test_keeping_the_booked_ones_lets_nobody_else_in_and_closes_behind_the_last(
        self, service, coordinator
    ):
        slot = make.make_slot(service, capacity=3)
        take_place(slot.pk), take_place(slot.pk)
        assert block_slots(coordinator, slot_ids=[slot.pk], reason="leave", keep_booked=True) == 0
        assert state_of(slot) == (SlotState.PUBLISHED, "leave")
        with pytest.raises(SlotClosed), constraint_errors():
            take_place(slot.pk)

    def test_the_last_to_leave_closes_the_door(self, service, coordinator):
        slot = make.make_slot(service, capacity=3)
        take_place(slot.pk), take_place(slot.pk)
        block_slots(coordinator, slot_ids=[slot.pk], reason="leave", keep_booked=True)
        give_back_place(slot.pk)
        assert state_of(slot) == (SlotState.PUBLISHED, "leave")
        give_back_place(slot.pk)
        assert state_of(slot) == (SlotState.BLOCKED, "leave")

    def test_lapsed_holds_are_let_go_first(self, service, coordinator, bookings):
        slot = make.make_slot(service)
        take_place(slot.pk)
        asked = []

        def release(_actor, slot_ids):
            asked.extend(slot_ids)
            give_back_place(slot.pk)
            return 1

        bookings(release=release)
        assert block_slots(coordinator, slot_ids=[slot.pk], reason="leave") == 1
        assert asked == [slot.pk]
        assert state_of(slot)[0] == SlotState.BLOCKED

    def test_part_of_a_persons_day(self, service, coordinator):
        person = make.make_practitioner(service.clinic)
        slots = make.make_slots(service, 4, practitioner=person)
        make.make_slot(service)
        closed = block_slots(
            coordinator, practitioner_id=person.pk, starts=slots[1].start, ends=slots[3].start, reason="учёба"
        )
        assert closed == 2
        assert [state_of(s)[0] for s in slots] == ["published", "blocked", "blocked", "published"]

    def test_a_reason_is_asked_for(self, service, coordinator):
        with pytest.raises(Invalid) as caught:
            block_slots(coordinator, slot_ids=[make.make_slot(service).pk], reason="  ")
        assert caught.value.field == "reason"

    def test_who_may(self, service, coordinator):
        own, foreign = make.make_slot(service), make.make_slot(make.make_service())
        with pytest.raises(NotFound):
            block_slots(coordinator, slot_ids=[own.pk, foreign.pk], reason="x")
        with pytest.raises(Forbidden):
            referrer = make.make_actor(Role.REFERRER, organization=service.clinic.organization)
            block_slots(referrer, slot_ids=[own.pk], reason="x")
        assert state_of(own)[0] == SlotState.PUBLISHED

    def test_the_past_is_left_alone(self, service, coordinator):
        slot = make.make_slot(service, start=make.at(-1))
        assert block_slots(coordinator, slot_ids=[slot.pk], reason="x") == 0


class TestReopen:
    def test_blocked_and_closing_ones_take_bookings_again(self, service, coordinator):
        free, booked = make.make_slots(service, 2, capacity=2)
        take_place(booked.pk)
        ids = [free.pk, booked.pk]
        block_slots(coordinator, slot_ids=ids, reason="leave", keep_booked=True)
        assert reopen_slots(coordinator, slot_ids=ids) == 2
        assert state_of(free) == state_of(booked) == (SlotState.PUBLISHED, "")
        assert take_place(free.pk)
        assert take_place(booked.pk)

    def test_not_over_another_slot_of_the_same_person(self, service, coordinator):
        person = make.make_practitioner(service.clinic)
        slot = make.make_slot(service, practitioner=person)
        block_slots(coordinator, slot_ids=[slot.pk], reason="x")
        make.make_slot(service, practitioner=person, start=slot.start + timedelta(minutes=10))
        with pytest.raises(PractitionerBusy):
            reopen_slots(coordinator, slot_ids=[slot.pk])
