"""The day of the visit: who came, who did not, and what came back."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.models import Slot
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from patients.errors import TooEarly
from patients.models import Booking, Conclusion
from patients.policies import referral_policy
from patients.services.booking import book_referral
from patients.services.visits import complete_referral, mark_arrived, mark_no_show, read_conclusion
from tests.factories import clinics, patients
from tests.factories.patients import taken_and_occupied

pytestmark = pytest.mark.django_db

TEXT = "Данных за острую патологию нет."


@pytest.fixture
def pair():
    return patients.make_pair()


@pytest.fixture
def slot(pair):
    """Tomorrow at half past eight, when it is still today by UTC."""
    return pair.slot(clinics.at(1, 8, 30))


@pytest.fixture
def booked(pair, slot):
    return pair.referral("booked", slot=slot)


@pytest.fixture
def in_care(pair, slot):
    return pair.referral("in_care", slot=slot)


def arrive(actor, referral):
    return mark_arrived(actor, referral_id=referral.pk)


def complete(actor, referral, **fields):
    data = {"text": TEXT, "diagnosis_code": "I48.0"} | fields
    return complete_referral(actor, referral_id=referral.pk, **data)


def booking_of(referral):
    return Booking.objects.get(referral=referral)


class TestArrive:
    @pytest.mark.parametrize("hour", [0, 8, 23])
    def test_at_any_hour_of_the_clinic_s_day(self, pair, slot, booked, hour):
        with time_machine.travel(clinics.at(1, hour, 5)):
            arrive(pair.coordinator, booked)
        booked.refresh_from_db()
        assert (booked.state, booking_of(booked).state) == ("in_care", "arrived")
        assert booked.appointment_at == slot.start
        assert taken_and_occupied(slot) == (1, 1)

    @pytest.mark.parametrize(("day", "hour"), [(0, 23), (2, 0)])
    def test_on_no_other_day(self, pair, booked, day, hour):
        with time_machine.travel(clinics.at(day, hour, 30)), pytest.raises(TooEarly):
            arrive(pair.coordinator, booked)
        booked.refresh_from_db()
        assert booked.state == "booked"

    def test_a_registrar_at_the_desk_marks_it_and_the_other_side_does_not(self, pair, slot, booked):
        registrar = clinics.make_actor("referrer", organization=pair.target.organization)
        with time_machine.travel(slot.start):
            with pytest.raises(Forbidden):
                arrive(pair.referrer, booked)
            with pytest.raises(NotFound):
                arrive(clinics.make_actor("coordinator"), booked)
            arrive(registrar, booked)
            with pytest.raises(IllegalTransition):
                arrive(registrar, booked)


class TestNoShow:
    def test_counted_and_waiting_again(self, pair, slot, booked):
        with time_machine.travel(slot.start + timedelta(minutes=20)):
            mark_no_show(pair.coordinator, referral_id=booked.pk, comment="Не дозвонились")
        booked.refresh_from_db()
        assert (booked.state, booked.no_shows, booked.appointment_at) == ("accepted", 1, None)
        assert booking_of(booked).state == "no_show"
        assert taken_and_occupied(slot) == (0, 0)
        later = pair.slot(clinics.at(3))
        with time_machine.travel(slot.start + timedelta(hours=3)):
            book_referral(pair.referrer, referral_id=booked.pk, slot_id=later.pk)
        with time_machine.travel(later.start + timedelta(minutes=20)):
            mark_no_show(pair.coordinator, referral_id=booked.pk)
        booked.refresh_from_db()
        assert booked.no_shows == 2
        assert Booking.objects.filter(referral=booked, state="no_show").count() == 2

    def test_not_before_the_visit_begins(self, pair, slot, booked):
        with time_machine.travel(slot.start - timedelta(minutes=1)), pytest.raises(TooEarly):
            mark_no_show(pair.coordinator, referral_id=booked.pk)

    def test_the_referring_side_does_not_say_so(self, pair, slot, booked):
        with time_machine.travel(slot.start + timedelta(minutes=20)), pytest.raises(Forbidden):
            mark_no_show(pair.referrer, referral_id=booked.pk)

    def test_who_came_did_not_stay_away(self, pair, slot, in_care):
        with time_machine.travel(slot.start + timedelta(hours=1)), pytest.raises(IllegalTransition):
            mark_no_show(pair.coordinator, referral_id=in_care.pk)


class TestComplete:
    def test_the_conclusion_goes_back_at_once(self, pair, slot, in_care):
        conclusion = complete(
            pair.coordinator,
            in_care,
            text=f" {TEXT} ",
            diagnosis_code=" i48.0 ",
            recommendations="Наблюдение",
        )
        in_care.refresh_from_db()
        assert (in_care.state, in_care.conclusion_unread) == ("completed", True)
        assert in_care.completed_at is not None
        assert (conclusion.text, conclusion.diagnosis_code) == (TEXT, "I48.0")
        assert conclusion.author_id == pair.coordinator.user_id
        assert conclusion.practitioner_name == pair.coordinator.name
        assert booking_of(in_care).state == "fulfilled"
        assert taken_and_occupied(slot) == (1, 1)  # the visit used its place
        assert referral_policy.allows(pair.referrer, "read_conclusion", in_care)

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"text": "Ок"}, {"text"}),
            ({"diagnosis_code": ""}, {"diagnosis_code"}),
            ({"diagnosis_code": "48"}, {"diagnosis_code"}),
            ({"diagnosis_code": "I48.0'; --", "text": " "}, {"diagnosis_code", "text"}),
        ],
    )
    def test_it_says_something(self, pair, in_care, fields, wrong):
        with pytest.raises(Invalid) as caught:
            complete(pair.coordinator, in_care, **fields)
        assert set(caught.value.errors) == wrong
        assert not Conclusion.objects.exists()

    def test_only_by_those_who_decide_there(self, pair, in_care):
        registrar = clinics.make_actor("referrer", organization=pair.target.organization)
        for actor in (pair.referrer, registrar):
            with pytest.raises(Forbidden):
                complete(actor, in_care)
        with pytest.raises(NotFound):
            complete(clinics.make_actor("manager"), in_care)

    @pytest.mark.parametrize("state", ["accepted", "booked", "completed"])
    def test_only_who_came(self, pair, state):
        with pytest.raises(IllegalTransition):
            complete(pair.coordinator, pair.referral(state))

    def test_twice_is_once(self, pair, in_care):
        complete(pair.coordinator, in_care)
        with pytest.raises(IllegalTransition):
            complete(pair.coordinator, in_care)
        assert Conclusion.objects.count() == 1


class TestRead:
    def test_the_referring_side_has_read_it(self, pair):
        referral = pair.referral("completed")
        conclusion = read_conclusion(pair.referrer, referral_id=referral.pk)
        referral.refresh_from_db()
        assert not referral.conclusion_unread
        assert conclusion.read_by_id == pair.referrer.user_id
        assert conclusion.read_at is not None
        assert referral.steps.get().action == "read"
        again = read_conclusion(pair.referrer, referral_id=referral.pk)
        assert again.read_at == conclusion.read_at
        assert referral.steps.count() == 1

    def test_nobody_else_has(self, pair):
        referral = pair.referral("completed")
        with pytest.raises(Forbidden):
            read_conclusion(pair.coordinator, referral_id=referral.pk)
        with pytest.raises(NotFound):
            read_conclusion(clinics.make_actor("referrer"), referral_id=referral.pk)

    def test_there_has_to_be_one(self, pair, in_care):
        with pytest.raises(NotFound):
            read_conclusion(pair.referrer, referral_id=in_care.pk)


def test_a_visit_may_be_marked_while_the_slot_was_closed_behind_it(pair, slot, booked):
    Slot.objects.filter(pk=slot.pk).update(block_reason="ремонт")
    with time_machine.travel(slot.start):
        arrive(pair.coordinator, booked)
        complete(pair.coordinator, booked)
    booked.refresh_from_db()
    assert booked.state == "completed"
    assert timezone.now() < slot.start
