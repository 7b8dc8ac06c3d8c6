"""Moving a booking, and giving its time back."""

from datetime import datetime, timedelta

import pytest

from clinics.errors import LicenceLapsed, SlotTaken
from clinics.states import BookingMode
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid
from patients.errors import NeedsTriage, WrongService
from patients.services.booking import (
    cancel_booking,
)
from tests.factories import clinics
from tests.factories.patients import taken_and_occupied
from tests.patients.services.booking.support import book, fill, move, refused

pytestmark = pytest.mark.django_db


class TestReschedule:
    def test_to_another_time(self, pair, referral, slot):
        old = book(pair.referrer, referral, slot)
        later = pair.slot(clinics.at(2))
        new = move(pair.coordinator, referral, later, comment="Врач занят")
        old.refresh_from_db(), referral.refresh_from_db()
        assert (old.state, old.end_reason) == ("cancelled", "rescheduled")
        assert (new.state, new.slot) == ("booked", later)
        assert (referral.state, referral.appointment_at) == ("booked", later.start)
        assert (taken_and_occupied(slot), taken_and_occupied(later)) == ((0, 0), (1, 1))
        step = referral.steps.get(action="reschedule")
        assert step.comment == "Врач занят"
        assert datetime.fromisoformat(step.details["from"]["at"]) == slot.start
        assert step.details["from"]["clinic"] == step.details["clinic"] == str(slot.clinic_id)
        assert datetime.fromisoformat(step.details["at"]) == later.start

    def test_to_another_clinic_the_first_one_goes_on_seeing_it(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        elsewhere = clinics.make_slot(start=clinics.at(2))
        move(pair.referrer, referral, elsewhere)
        referral.refresh_from_db()
        assert referral.target_organization_id == elsewhere.organization_id
        assert referral.appointment_clinic == elsewhere.clinic
        assert referral.past_targets == [pair.target.organization_id]
        with pytest.raises(Forbidden):
            cancel_booking(pair.coordinator, referral_id=referral.pk, reason="equipment")

    def test_to_a_time_that_overlaps_the_old_one(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        overlapping = pair.slot(slot.start + timedelta(minutes=5))
        move(pair.referrer, referral, overlapping)
        assert (taken_and_occupied(slot), taken_and_occupied(overlapping)) == ((0, 0), (1, 1))

    def test_to_the_same_time_changes_nothing(self, pair, referral, slot):
        booking = book(pair.referrer, referral, slot)
        assert move(pair.referrer, referral, slot).pk == booking.pk
        assert referral.steps.count() == 1
        assert taken_and_occupied(slot) == (1, 1)

    def test_a_full_one_keeps_the_old_one(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        full = pair.slot(clinics.at(2))
        fill(full)
        with refused(SlotTaken, slot, full):
            move(pair.referrer, referral, full)
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at) == ("booked", slot.start)

    def test_another_clinic_refuses_by_its_own_rules(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        for error, service in (
            (NeedsTriage, clinics.make_service(booking_mode=BookingMode.TRIAGE)),
            (LicenceLapsed, clinics.make_service(licensed=False)),
            (WrongService, clinics.make_service(service_type="mri")),
        ):
            other = clinics.make_slot(service, start=clinics.at(3))
            with refused(error, slot, other):
                move(pair.referrer, referral, other)

    @pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "in_care", "completed", "cancelled"])
    def test_only_what_is_booked_is_moved(self, pair, slot, state):
        other = pair.referral(state)
        with refused(IllegalTransition, slot):
            move(pair.referrer, other, slot)


class TestCancel:
    @pytest.mark.parametrize("side", ["referrer", "coordinator"])
    def test_either_side_gives_the_time_back(self, pair, referral, slot, side):
        booking = book(pair.referrer, referral, slot)
        cancel_booking(getattr(pair, side), referral_id=referral.pk, reason="transport", comment="Шторм")
        booking.refresh_from_db(), referral.refresh_from_db()
        assert (booking.state, booking.end_reason, booking.end_comment) == ("cancelled", "transport", "Шторм")
        assert (referral.state, referral.appointment_at, referral.appointment_clinic) == (
            "accepted",
            None,
            None,
        )
        assert taken_and_occupied(slot) == (0, 0)
        assert book(pair.referrer, referral, slot).state == "booked"

    @pytest.mark.parametrize(("reason", "comment"), [("", ""), ("because", ""), ("other", "  ")])
    def test_with_a_coded_reason(self, pair, referral, slot, reason, comment):
        book(pair.referrer, referral, slot)
        with refused(Invalid, slot):
            cancel_booking(pair.referrer, referral_id=referral.pk, reason=reason, comment=comment)

    def test_only_what_is_booked(self, pair, referral):
        with pytest.raises(IllegalTransition):
            cancel_booking(pair.referrer, referral_id=referral.pk, reason="transport")
