"""Keeping a time for ten minutes while the patient is asked."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.errors import SlotClosed, SlotReserved, SlotTaken
from clinics.states import Audience
from cluster_portal.common.errors import IllegalTransition, NotFound
from patients.errors import NeedsTriage
from patients.services.booking import (
    release_hold,
)
from tests.factories import clinics, patients
from tests.factories.patients import active_bookings, taken_and_occupied
from tests.patients.services.booking.support import book, fill, hold, refused

pytestmark = pytest.mark.django_db


class TestHold:
    def test_it_keeps_the_place_for_ten_minutes(self, pair, referral, slot, settings):
        before = timezone.now()
        held = hold(pair.referrer, referral, slot)
        assert held.state == "held"
        assert held.held_by_id == pair.referrer.user_id
        minutes = (held.held_until - before).total_seconds() / 60
        assert settings.HOLD_MINUTES <= minutes < settings.HOLD_MINUTES + 0.1
        assert taken_and_occupied(slot) == (1, 1)
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at) == ("accepted", None)
        with refused(SlotTaken, slot):
            book(pair.referrer, pair.referral("accepted", patient=patients.make_patient()), slot)

    @pytest.mark.parametrize("state", ["draft", "returned", "accepted", "waitlisted"])
    def test_it_is_possible_before_the_referral_is_sent(self, pair, slot, state):
        assert hold(pair.referrer, pair.referral(state), slot).state == "held"

    @pytest.mark.parametrize(
        "state", ["submitted", "booked", "in_care", "completed", "rejected", "cancelled"]
    )
    def test_it_is_not_possible_later(self, pair, slot, state):
        other = pair.referral(state)
        with refused(IllegalTransition, slot):
            hold(pair.referrer, other, slot)

    @pytest.mark.parametrize("state", ["draft", "returned"])
    def test_nobody_holds_what_the_clinic_has_not_decided(self, state):
        pair = patients.make_pair(triage=True)
        slot = pair.slot()
        with refused(NeedsTriage, slot):
            hold(pair.referrer, pair.referral(state), slot)

    def test_asked_again_it_lasts_longer(self, pair, referral, slot):
        first = hold(pair.referrer, referral, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            second = hold(pair.referrer, referral, slot)
        assert second.pk == first.pk
        assert second.held_until > first.held_until
        assert taken_and_occupied(slot) == (1, 1)

    def test_another_time_lets_the_first_one_go(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.slot(clinics.at(2))
        hold(pair.referrer, referral, other)
        assert (taken_and_occupied(slot), taken_and_occupied(other)) == ((0, 0), (1, 1))

    def test_a_full_one_leaves_the_first_hold_alone(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        full = pair.slot(clinics.at(2))
        fill(full)
        with refused(SlotTaken, slot, full):
            hold(pair.referrer, referral, full)
        assert active_bookings(referral)[0].slot == slot

    def test_it_becomes_the_booking(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        booking = book(pair.coordinator, referral, slot)
        assert booking.pk == held.pk
        booking.refresh_from_db()
        assert (booking.state, booking.held_until) == ("booked", None)
        assert booking.booked_by_id == pair.coordinator.user_id
        assert taken_and_occupied(slot) == (1, 1)

    def test_booking_another_time_lets_it_go(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.slot(clinics.at(2))
        book(pair.referrer, referral, other)
        assert (taken_and_occupied(slot), taken_and_occupied(other)) == ((0, 0), (1, 1))

    def test_it_lapses_by_time_alone_when_somebody_needs_the_place(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        other = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
        with refused(SlotTaken, slot):
            book(pair.referrer, other, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert book(pair.referrer, other, slot).state == "booked"
        held.refresh_from_db()
        assert (held.state, held.end_reason) == ("cancelled", "lapsed")
        assert taken_and_occupied(slot) == (1, 1)

    def test_nobody_needed_it_so_it_is_booked_after_all(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert book(pair.referrer, referral, slot).pk == held.pk
        assert taken_and_occupied(slot) == (1, 1)

    def test_somebody_needed_it_so_it_is_gone(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            book(pair.referrer, other, slot)
            with refused(SlotTaken, slot):
                book(pair.referrer, referral, slot)

    def test_all_lapsed_holds_of_a_full_slot_go_at_once(self, pair):
        slot = pair.slot(capacity=3)
        for _ in range(3):
            patient = patients.make_patient(pair.source.organization)
            hold(pair.referrer, pair.referral("accepted", patient=patient), slot)
        assert taken_and_occupied(slot) == (3, 3)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            book(pair.referrer, pair.referral("accepted"), slot)
        assert taken_and_occupied(slot) == (1, 1)

    def test_it_can_be_released_and_releasing_nothing_is_nothing(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        release_hold(pair.referrer, referral_id=referral.pk)
        assert taken_and_occupied(slot) == (0, 0)
        release_hold(pair.referrer, referral_id=referral.pk)
        book(pair.referrer, referral, slot)
        release_hold(pair.referrer, referral_id=referral.pk)
        assert taken_and_occupied(slot) == (1, 1)

    def test_strangers_hold_and_release_nothing(self, pair, referral, slot):
        stranger = clinics.make_actor("referrer")
        with refused(NotFound, slot):
            hold(stranger, referral, slot)
        hold(pair.referrer, referral, slot)
        with refused(NotFound, slot):
            release_hold(stranger, referral_id=referral.pk)

    def test_what_booking_refuses_holding_refuses_too(self, pair, referral):
        past = pair.slot(timezone.now() - timedelta(minutes=5))
        with refused(SlotClosed, past):
            hold(pair.referrer, referral, past)
        kept = pair.slot(clinics.at(2), audience=Audience.OWN)
        with refused(SlotReserved, kept):
            hold(pair.referrer, referral, kept)
        full = pair.slot(clinics.at(3))
        fill(full)
        with refused(SlotTaken, full) as caught:
            hold(pair.referrer, referral, full)
        assert "alternatives" in caught.value.extra
