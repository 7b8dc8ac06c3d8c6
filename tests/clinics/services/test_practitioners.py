"""People of an organisation: entered, changed, qualified; when they leave, nobody who is booked is lost."""

from datetime import date, timedelta

import pytest
import time_machine

from clinics.errors import QualificationExists, StillPlanned, StrandedBookings
from clinics.models import Practitioner, Slot
from clinics.selectors.practitioners import kept_people, status_of
from clinics.services.places import take_place
from clinics.services.practitioners import (
    add_qualification,
    create_practitioner,
    dismiss_practitioner,
    end_employments,
    remove_qualification,
    take_back,
    update_practitioner,
)
from clinics.services.schedules import publish_schedule
from clinics.states import LEFT, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Conflict, Forbidden, Invalid, NotFound
from tests.clinics.services.test_generation import MONDAY
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

PERSON = {"family": " Нам ", "given": "Ольга", "position_ru": "Кардиолог", "specialties": ["cardiology"]}
PAPER = {
    "specialty": "cardiology", "document": "Диплом", "number": "ДВС 7", "country": "RU", "institution": "ДВГМУ",
    "year": 2009,
}  # fmt: skip


@pytest.fixture
def service():
    make.make_cluster()
    return make.make_service()


@pytest.fixture
def clinic(service):
    return service.clinic


@pytest.fixture
def manager(clinic):
    return make.make_actor(Role.MANAGER, organization=clinic.organization)


def enter(actor, clinic, **fields):
    places = fields.pop("clinic_ids", [clinic.pk])
    return create_practitioner(
        actor, organization_id=clinic.organization_id, data=PERSON | fields, clinic_ids=places
    )


class TestRecord:
    def test_is_entered_and_changed(self, clinic, manager):
        person = enter(manager, clinic)
        assert (person.family, list(person.clinics.all()), person.is_active) == ("Нам", [clinic], True)
        second = make.make_clinic(clinic.organization)
        both = {"data": {"languages": ["ru", "ko"]}, "clinic_ids": [clinic.pk, second.pk]}
        update_practitioner(manager, practitioner_id=person.pk, **both)
        person.refresh_from_db()
        assert (set(person.clinics.all()), person.languages) == ({clinic, second}, ["ru", "ko"])
        with pytest.raises(Forbidden):
            enter(make.make_actor(Role.MANAGER, organization=make.make_organization()), clinic)

    @pytest.mark.parametrize(
        ("fields", "at"),
        [
            ({"family": " "}, "family"),
            ({"specialties": []}, "specialties"),
            ({"specialties": ["alchemy"]}, "specialties"),
            ({"languages": ["xx"]}, "languages"),
            ({"clinic_ids": []}, "clinics"),
            ({"clinic_ids": ["no id"]}, "clinics"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, clinic, manager, fields, at):
        with pytest.raises(Invalid) as caught:
            enter(manager, clinic, **fields)
        assert set(caught.value.errors) == {at}
        assert not Practitioner.objects.exists()

    def test_works_at_clinics_of_the_organisation_alone_and_leaves_none_with_plans(
        self, service, clinic, manager
    ):
        person = enter(manager, clinic)
        with pytest.raises(Invalid):
            enter(manager, clinic, clinic_ids=[make.make_clinic().pk])
        make.make_schedule(service, person)
        second = make.make_clinic(clinic.organization)
        with pytest.raises(StillPlanned):
            update_practitioner(manager, practitioner_id=person.pk, data={}, clinic_ids=[second.pk])
        assert list(person.clinics.all()) == [clinic]


class TestQualification:
    def test_is_entered_once_and_removed(self, clinic, manager):
        person = enter(manager, clinic)
        made = add_qualification(manager, practitioner_id=person.pk, data=PAPER)
        with pytest.raises(QualificationExists):
            add_qualification(manager, practitioner_id=person.pk, data=PAPER)
        at = {"practitioner_id": person.pk, "qualification_id": made.pk}
        with pytest.raises(NotFound):
            remove_qualification(manager, **at | {"practitioner_id": make.make_practitioner(clinic).pk})
        remove_qualification(manager, **at)
        assert not person.qualifications.exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("specialty", "alchemy"),
            ("country", "XX"),
            ("year", 2099),
            ("year", 1900),
            ("number", ""),
            ("document", " "),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, clinic, manager, name, value):
        person = enter(manager, clinic)
        with pytest.raises(Invalid) as caught:
            add_qualification(manager, practitioner_id=person.pk, data=PAPER | {name: value})
        assert set(caught.value.errors) == {name}


class TestLeaving:
    @pytest.fixture(autouse=True)
    def on_monday(self):
        with time_machine.travel(MONDAY, tick=False):
            yield

    @pytest.fixture
    def schedule(self, service):
        schedule = make.make_schedule(service, hours=((2, "09:00", "10:00"),), works_on_holidays=True)
        publish_schedule(SYSTEM, schedule_id=schedule.pk)
        return schedule

    def test_closes_what_comes_after_the_last_day(self, schedule, manager):
        person, last = schedule.practitioner, MONDAY.date() + timedelta(days=8)
        slots = Slot.objects.filter(schedule=schedule).order_by("start")
        before = [slot.pk for slot in slots if slot.start.date() <= last]
        assert 0 < len(before) < len(slots)
        booked = slots.last()
        take_place(booked.pk)
        at = {"practitioner_id": person.pk, "last_day": last}
        with pytest.raises(StrandedBookings) as caught:
            dismiss_practitioner(manager, **at)
        assert [row["slot"] for row in caught.value.extra["slots"]] == [str(booked.pk)]
        dismiss_practitioner(manager, **at, keep_booked=True)
        schedule.refresh_from_db()
        assert (schedule.valid_to, schedule.is_active) == (last, True)
        states = {slot.pk: (slot.state, slot.block_reason) for slot in slots.all()}
        assert {states.pop(pk) for pk in before} == {(SlotState.PUBLISHED, "")}
        assert states.pop(booked.pk) == (SlotState.PUBLISHED, LEFT)
        assert set(states.values()) == {(SlotState.BLOCKED, LEFT)}
        with pytest.raises(Conflict):
            dismiss_practitioner(manager, **at)
        assert kept_people(manager, state="leaving").get() == person

    def test_works_to_the_end_of_the_last_day_and_may_come_back(self, schedule, manager):
        person = schedule.practitioner
        dismiss_practitioner(manager, practitioner_id=person.pk, last_day=MONDAY.date())
        person.refresh_from_db()
        assert (person.is_active, end_employments(SYSTEM)) == (True, 0)
        with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
            assert (end_employments(SYSTEM), end_employments(SYSTEM)) == (1, 0)
        assert kept_people(manager, state="left").get() == person
        take_back(manager, practitioner_id=person.pk)
        assert kept_people(manager, state="working").get() == person
        with pytest.raises(Conflict):
            take_back(manager, practitioner_id=person.pk)

    def test_leave_is_said_of_the_days_of_leave(self, schedule, clinic, manager):
        person = schedule.practitioner
        today = MONDAY.date()
        person.exceptions.create(clinic=clinic, first_day=today, last_day=today, reason="leave")
        assert status_of(kept_people(manager, state="on_leave").get())[0] == "info"
        person.exceptions.update(reason="training", last_day=date(2100, 1, 1))
        assert status_of(kept_people(manager).get())[0] == "good"
