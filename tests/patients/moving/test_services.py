"""Carrying a plan out: each row by its own service, in its own transaction, once."""

from datetime import datetime

import pytest

from clinics.models import Slot
from cluster_portal.common import background
from cluster_portal.common.errors import Invalid
from cluster_portal.notifications.models import Notice
from patients.errors import AlreadyMoved
from patients.services.booking import reschedule_referral
from patients.services.moving import (
    AT_MOST,
    CALL,
    MOVE,
    WAIT,
    Move,
    move_booking,
    move_patients,
    put_on_waiting_list,
)
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = pytest.mark.django_db


def booking_of(referral):
    return active_bookings(referral)[0]


def row(referral, slot=None, act=MOVE):
    return Move(booking_of(referral).pk, act, slot and slot.pk)


def test_rows_are_moved_and_the_referring_clinic_hears_of_each(ward):
    one, two = ward.booked(at(2, 9)), ward.booked(at(2, 10))
    ward.fall_ill()
    here, there = ward.slot(at(3, 9), ward.colleague), clinics.make_slot(start=at(4, 9))
    old = booking_of(one).slot
    outcomes = move_patients(
        ward.coordinator, moves=[row(one, here), row(two, there)], comment="Врач заболел, просим извинить"
    )
    assert [outcome.done for outcome in outcomes] == [True, True]
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.state, one.appointment_at) == ("booked", here.start)
    assert (two.appointment_clinic, two.target_organization) == (there.clinic, there.organization)
    assert taken_and_occupied(old) == (0, 0)
    assert Slot.objects.get(pk=old.pk).state == "blocked"
    assert one.steps.last().comment == "Врач заболел, просим извинить"
    while background.relay():
        pass
    assert Notice.objects.filter(user=ward.referrer.user_id, kind="patients.reschedule").count() == 2


def test_a_row_that_lost_its_race_stops_no_other(ward):
    one, two = ward.booked(at(2, 9)), ward.booked(at(2, 10))
    ward.fall_ill()
    slot, other = ward.slot(at(3, 9), ward.colleague), ward.slot(at(3, 10), ward.colleague)
    patients.make_booking(patients.make_referral(state="accepted", service=ward.service), slot)
    lost, won = move_patients(ward.coordinator, moves=[row(one, slot), row(two, other)])
    assert (lost.error.code, won.done) == ("slot_taken", True)
    one.refresh_from_db()
    assert (one.state, one.appointment_at) == ("booked", at(2, 9))
    assert taken_and_occupied(slot) == (1, 1)


def test_whoever_confirms_second_moves_nobody_twice(ward):
    referral = ward.booked()
    ward.fall_ill()
    first, second = ward.slot(at(3, 9), ward.colleague), ward.slot(at(3, 10), ward.colleague)
    seen = row(referral, first)
    assert move_patients(ward.coordinator, moves=[seen])[0].done
    for slot in (first, second):
        again = move_patients(ward.referrer, moves=[Move(seen.booking_id, MOVE, slot.pk)])[0]
        assert isinstance(again.error, AlreadyMoved)
        assert datetime.fromisoformat(again.error.extra["start"]) == first.start
    late = move_patients(ward.coordinator, moves=[Move(seen.booking_id, WAIT)])[0]
    assert isinstance(late.error, AlreadyMoved)
    referral.refresh_from_db()
    assert referral.appointment_at == first.start
    assert referral.steps.filter(action="reschedule").count() == 1


@pytest.mark.parametrize(
    ("closed_for", "reason", "comment"),
    [
        ("sick", "practitioner_away", ""),
        ("repair", "equipment", ""),
        ("Прорвало трубу", "other", "Прорвало трубу"),
    ],
)
def test_the_waiting_list_instead_of_a_time(ward, closed_for, reason, comment):
    referral = ward.booked()
    ward.fall_ill(closed_for)
    outcome = move_patients(ward.coordinator, moves=[row(referral, act=WAIT)])[0]
    assert outcome.done
    referral.refresh_from_db()
    assert (referral.state, referral.appointment_at) == ("waitlisted", None)
    steps = list(referral.steps.values_list("action", "reason", "comment"))
    assert steps == [("cancel_booking", reason, comment), ("wait", "", "")]
    assert referral.waitlist.get().ended_at is None


def test_left_for_a_call_changes_nothing(ward):
    referral = ward.booked()
    ward.fall_ill()
    outcome = move_patients(ward.coordinator, moves=[row(referral, act=CALL)])[0]
    assert (outcome.done, outcome.error) == (False, None)
    assert not referral.steps.exists()


def test_late_ones_keep_the_reason_and_the_others_none(ward):
    late, early = ward.booked(at(2, 9), due=2), ward.booked(at(2, 10), due=30)
    ward.fall_ill()
    slots = ward.slot(at(5, 9), ward.colleague), ward.slot(at(5, 10), ward.colleague)
    rows = [row(late, slots[0]), row(early, slots[1])]
    assert move_patients(ward.coordinator, moves=rows)[0].error.code == "late_reason_required"
    assert move_patients(ward.coordinator, moves=rows[:1], late_reason="Врач заболел")[0].done
    late.refresh_from_db(), early.refresh_from_db()
    assert (late.late_reason, early.late_reason) == ("Врач заболел", "")


def test_strangers_move_nobody(ward):
    referral = ward.booked()
    ward.fall_ill()
    slot = ward.slot(at(3, 9), ward.colleague)
    for act in (MOVE, WAIT):
        outcome = move_patients(clinics.make_actor("manager"), moves=[row(referral, slot, act)])[0]
        assert outcome.error.code == "not_found"
    referral.refresh_from_db()
    assert referral.appointment_at == at(2, 9)


def test_a_plan_has_an_end(ward):
    referral = ward.booked()
    with pytest.raises(Invalid):
        move_patients(ward.coordinator, moves=[row(referral)] * (AT_MOST + 1))


def test_each_row_is_a_service_of_its_own(ward):
    one, two = ward.booked(at(2, 9)), ward.booked(at(2, 10))
    ward.fall_ill()
    slot = ward.slot(at(3, 9), ward.colleague)
    seen = booking_of(one)
    assert move_booking(ward.coordinator, booking_id=seen.pk, slot_id=slot.pk).slot == slot
    with pytest.raises(AlreadyMoved):
        reschedule_referral(ward.coordinator, referral_id=one.pk, slot_id=slot.pk, booking_id=seen.pk)
    assert put_on_waiting_list(ward.referrer, booking_id=booking_of(two).pk).state == "waitlisted"
