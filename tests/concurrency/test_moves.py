"""Two people act at the same moment: one of them is first, the other is told so, and nothing is stuck or lost."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from clinics.models import Slot
from clinics.services import places
from clinics.services.slots import block_slots
from cluster_portal.audit.models import Entry
from cluster_portal.common.models import OutboxMessage
from patients.models import Booking, Referral, ReferralStep
from patients.services import occupancy
from patients.services.booking import book_referral, cancel_booking, hold_slot, reschedule_referral
from patients.services.decisions import accept_referral, cancel_referral
from patients.services.moving import MOVE, Move, move_patients
from patients.services.visits import complete_referral
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics, patients
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

ROUNDS = 8


@pytest.fixture
def pair():
    return patients.make_pair()


def someone(pair, state="accepted", **fields):
    """A referral of a patient of its own, without a deadline."""
    patient = patients.make_patient(pair.source.organization)
    patients.make_consent(patient)
    return pair.referral(state, patient=patient, due_on=None, **fields)


def booker(pair, referral, slot):
    return lambda: book_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)


def mover(pair, referral, slot):
    return lambda: reschedule_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)


def days(*numbers, hour=9):
    return [clinics.at(number, hour) for number in numbers]


def test_the_last_place(pair):
    for n in range(ROUNDS):
        slot = pair.slot(clinics.at(2 + n))
        outcome = together(*(booker(pair, someone(pair), slot) for _ in range(2)))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (1, {"slot_taken": 1}, [])
        assert taken_and_occupied(slot) == (1, 1)


def test_the_same_referral_booked_twice(pair):
    for n in range(ROUNDS):
        referral = someone(pair)
        here, there = pair.slot(clinics.at(2 + n)), pair.slot(clinics.at(2 + n, 15))
        outcome = together(booker(pair, referral, here), booker(pair, referral, there))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (
            1,
            {"illegal_transition": 1},
            [],
        )
        assert len(active_bookings(referral)) == 1
        assert taken_and_occupied(here)[0] + taken_and_occupied(there)[0] == 1


def test_the_same_button_pressed_twice(pair):
    for n in range(ROUNDS):
        referral, slot = someone(pair), pair.slot(clinics.at(2 + n))
        outcome = together(*[booker(pair, referral, slot)] * 2)
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (
            1,
            {"illegal_transition": 1},
            [],
        )
        assert taken_and_occupied(slot) == (1, 1)


def test_the_same_patient_in_two_places(pair):
    """The exclusion constraint decides; where a deadlock must be broken, the loser is tried again and told the same."""
    for n in range(ROUNDS):
        patient = patients.make_patient(pair.source.organization)
        one, two = (pair.referral("accepted", patient=patient, due_on=None) for _ in range(2))
        here, there = (clinics.make_slot(pair.service, start=clinics.at(2 + n, 9, m)) for m in (0, 10))
        outcome = together(booker(pair, one, here), booker(pair, two, there))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (1, {"patient_busy": 1}, [])
        assert Booking.objects.filter(patient=patient, state="booked").count() == 1
        assert taken_and_occupied(here)[0] + taken_and_occupied(there)[0] == 1


def test_two_move_past_each_other_into_full_slots(pair):
    before = deadlocks()
    for n in range(ROUNDS):
        a, b = pair.slot(clinics.at(2 + n)), pair.slot(clinics.at(2 + n, 15))
        one, two = someone(pair, "booked", slot=a), someone(pair, "booked", slot=b)
        outcome = together(mover(pair, one, b), mover(pair, two, a))
        assert (outcome.results, outcome.refused, outcome.unexpected) == ([], {"slot_taken": 2}, [])
        assert taken_and_occupied(a) == taken_and_occupied(b) == (1, 1)
    assert deadlocks() == before


def test_two_move_past_each_other_where_there_is_room(pair):
    before = deadlocks()
    for n in range(ROUNDS):
        a, b = pair.slot(clinics.at(2 + n), capacity=2), pair.slot(clinics.at(2 + n, 15), capacity=2)
        one, two = someone(pair, "booked", slot=a), someone(pair, "booked", slot=b)
        outcome = together(mover(pair, one, b), mover(pair, two, a))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (2, {}, [])
        one.refresh_from_db(), two.refresh_from_db()
        assert (one.appointment_at, two.appointment_at) == (b.start, a.start)
        assert taken_and_occupied(a) == taken_and_occupied(b) == (1, 1)
    assert deadlocks() == before


def test_many_move_around_in_a_circle(pair):
    before = deadlocks()
    ring = [pair.slot(clinics.at(3, 8 + n), capacity=8) for n in range(6)]
    booked = [someone(pair, "booked", slot=ring[n % 6]) for n in range(12)]
    for turn in range(1, 5):
        outcome = together(
            *(
                mover(pair, referral, ring[(n + (turn if n % 2 else -turn)) % 6])
                for n, referral in enumerate(booked)
            )
        )
        assert (outcome.refused, outcome.unexpected) == ({}, [])
        assert all(taken_and_occupied(slot)[0] == taken_and_occupied(slot)[1] for slot in ring)
        assert sum(taken_and_occupied(slot)[0] for slot in ring) == 12
    assert deadlocks() == before


def test_a_hold_and_a_booking_want_one_place(pair):
    for n in range(ROUNDS):
        slot, one, two = pair.slot(clinics.at(2 + n)), someone(pair), someone(pair)
        outcome = together(
            lambda one=one, slot=slot: hold_slot(pair.referrer, referral_id=one.pk, slot_id=slot.pk),
            booker(pair, two, slot),
        )
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (1, {"slot_taken": 1}, [])
        assert taken_and_occupied(slot) == (1, 1)


def test_a_lapsed_hold_is_confirmed_while_somebody_takes_its_place(pair):
    """Either the hold's owner or the other one gets it; never both, never nobody."""
    winners = set()
    for n in range(ROUNDS):
        slot, owner, other = pair.slot(clinics.at(2 + n)), someone(pair), someone(pair)
        patients.make_booking(owner, slot, "held", held_until=timezone.now() - timedelta(minutes=1))
        outcome = together(booker(pair, owner, slot), booker(pair, other, slot))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (1, {"slot_taken": 1}, [])
        assert taken_and_occupied(slot) == (1, 1)
        winners.add(outcome.results[0].referral_id == owner.pk)
    assert winners


def test_two_take_the_place_of_one_lapsed_hold(pair):
    for n in range(ROUNDS):
        slot = pair.slot(clinics.at(2 + n))
        patients.make_booking(someone(pair), slot, "held", held_until=timezone.now() - timedelta(minutes=1))
        outcome = together(*(booker(pair, someone(pair), slot) for _ in range(3)))
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (1, {"slot_taken": 2}, [])
        assert taken_and_occupied(slot) == (1, 1)


def test_a_booking_is_cancelled_while_it_is_moved(pair):
    for n in range(ROUNDS):
        a, b = pair.slot(clinics.at(2 + n)), pair.slot(clinics.at(2 + n, 15))
        referral = someone(pair, "booked", slot=a)
        outcome = together(
            mover(pair, referral, b),
            lambda referral=referral: cancel_booking(
                pair.coordinator, referral_id=referral.pk, reason="equipment"
            ),
        )
        assert outcome.unexpected == []
        assert set(outcome.refused) <= {"illegal_transition"}
        referral.refresh_from_db()
        assert referral.state == "accepted"
        assert taken_and_occupied(a) == taken_and_occupied(b) == (0, 0)


def test_a_slot_is_closed_while_it_is_booked(pair):
    for n in range(ROUNDS):
        slot, referral = pair.slot(clinics.at(2 + n)), someone(pair)

        def close(slot=slot):
            from django.db import transaction

            with transaction.atomic():
                places.lock_slots([slot.pk])
                Slot.objects.filter(pk=slot.pk, taken=0).update(state="blocked", block_reason="ремонт")

        outcome = together(booker(pair, referral, slot), close)
        slot.refresh_from_db()
        assert outcome.unexpected == []
        assert set(outcome.refused) <= {"slot_taken", "slot_closed"}
        assert taken_and_occupied(slot) == ((0, 0) if slot.state == "blocked" else (1, 1))


def test_one_decision_of_two(pair):
    pair = patients.make_pair(triage=True)
    for _ in range(ROUNDS):
        referral = someone(pair, "submitted")
        outcome = together(
            lambda referral=referral: accept_referral(pair.coordinator, referral_id=referral.pk),
            lambda referral=referral: cancel_referral(
                pair.referrer, referral_id=referral.pk, reason="recovered"
            ),
        )
        referral.refresh_from_db()
        assert outcome.unexpected == []
        assert referral.state == "cancelled"
        assert set(outcome.refused) <= {"illegal_transition"}


def test_one_conclusion_of_two(pair):
    for n in range(4):
        referral = someone(pair, "in_care", slot=pair.slot(clinics.at(2 + n)))
        outcome = together(
            *[
                lambda referral=referral: complete_referral(
                    pair.coordinator, referral_id=referral.pk, text="Данных за острую патологию нет.",
                    diagnosis_code="I48.0",
                )
            ] * 2
        )  # fmt: skip
        assert (len(outcome.results), outcome.refused, outcome.unexpected) == (
            1,
            {"illegal_transition": 1},
            [],
        )


class TestKilled:
    """The server loses the connection in the middle: nothing of the transaction is left."""

    def counts(self):
        return [model.objects.count() for model in (Booking, ReferralStep, OutboxMessage, Entry)]

    @pytest.mark.parametrize("moment", ["before the place", "after the place"])
    def test_a_connection_dies(self, pair, monkeypatch, moment):
        referral, slot = someone(pair), pair.slot()
        before, really = self.counts(), occupancy.take_place

        def die(slot_id):
            if moment == "after the place":
                assert really(slot_id)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        monkeypatch.setattr(occupancy, "take_place", die)
        outcome = together(booker(pair, referral, slot))
        assert [type(error).__name__ for error in outcome.unexpected] == ["OperationalError"]
        assert self.counts() == before
        assert Referral.objects.get(pk=referral.pk).state == "accepted"
        assert taken_and_occupied(slot) == (0, 0)
        monkeypatch.setattr(occupancy, "take_place", really)
        booker(pair, referral, slot)()
        assert taken_and_occupied(slot) == (1, 1)

    def test_others_go_on(self, pair, monkeypatch):
        slot, really, once = pair.slot(capacity=5), occupancy.take_place, threading.Event()

        def die_once(slot_id):
            if not once.is_set():
                once.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return really(slot_id)

        monkeypatch.setattr(occupancy, "take_place", die_once)
        outcome = together(*(booker(pair, someone(pair), slot) for _ in range(6)))
        assert (len(outcome.results), len(outcome.unexpected)) == (5, 1)
        assert taken_and_occupied(slot) == (5, 5)


def test_holds_lapse_for_everybody_at_once(pair):
    slot = pair.slot(capacity=4)
    for _ in range(4):
        referral = someone(pair)
        hold_slot(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        outcome = together(*(booker(pair, someone(pair), slot) for _ in range(8)))
    assert (len(outcome.results), outcome.refused, outcome.unexpected) == (4, {"slot_taken": 4}, [])
    assert taken_and_occupied(slot) == (4, 4)


def test_two_people_confirm_the_same_plan(pair):
    """Each patient is moved once, whoever comes first to a row; the other is told so, and no place is lost."""
    before = deadlocks()
    ill = clinics.make_practitioner(pair.target)
    slots = [
        clinics.make_slot(pair.service, start=clinics.at(2, 8) + timedelta(minutes=20 * n), practitioner=ill)
        for n in range(12)
    ]
    people = [someone(pair, "booked", slot=slot) for slot in slots]
    free = clinics.make_slots(pair.service, 16, first=clinics.at(3, 8))
    block_slots(pair.coordinator, slot_ids=[slot.pk for slot in slots], reason="sick", keep_booked=True)

    def confirm(actor, number):
        rows = [
            Move(active_bookings(one)[0].pk, MOVE, free[(n + number * 2) % len(free)].pk)
            for n, one in enumerate(people)
        ]
        return lambda: move_patients(actor, moves=rows[::-1] if number else rows)

    outcome = together(confirm(pair.coordinator, 0), confirm(pair.referrer, 1))
    assert outcome.unexpected == []
    moved = [row for rows in outcome.results for row in rows if row.done]
    refused = {row.error.code for rows in outcome.results for row in rows if row.error}
    for one in people:
        assert ReferralStep.objects.filter(referral=one, action="reschedule").count() <= 1
        assert len(active_bookings(one)) == 1
    assert len({row.move.booking_id for row in moved}) == len(moved)
    assert ReferralStep.objects.filter(action="reschedule").count() == len(moved) >= len(people) - 4
    assert refused <= {"already_moved", "slot_taken"}
    for slot in (*slots, *free):
        taken, occupied = taken_and_occupied(slot)
        assert taken == occupied <= 1
    assert deadlocks() == before
