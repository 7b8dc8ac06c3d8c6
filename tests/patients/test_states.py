"""The state tables of referrals and bookings: as designed, and guarded by the database."""

import itertools

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cluster_portal.common.errors import IllegalTransition
from cluster_portal.common.ids import uuid7
from patients.models import Booking, Referral
from patients.selectors.reasons import choices
from patients.states import (
    ACTIVE_BOOKING,
    ADVICE,
    ADVICE_REASONS,
    BOOKING,
    CLOSED,
    GIVES_TIME_BACK,
    MAY_BE_REASONED,
    OCCUPYING,
    OPEN,
    REASONED,
    RECEIVING,
    REFERRAL,
    REFERRING,
    BookingState,
    ReasonKind,
    ReferralState,
)
from tests.factories import clinics, patients

#: The table of the design, once more and by hand: action, from, to, who.
DESIGNED = {
    ("submit", "draft", "submitted"): {REFERRING},
    ("submit", "draft", "accepted"): {REFERRING},
    ("submit", "returned", "submitted"): {REFERRING},
    ("submit", "returned", "accepted"): {REFERRING},
    ("accept", "submitted", "accepted"): {RECEIVING},
    ("change_priority", "submitted", "submitted"): {RECEIVING},
    ("change_priority", "accepted", "accepted"): {RECEIVING},
    ("change_priority", "waitlisted", "waitlisted"): {RECEIVING},
    ("change_priority", "booked", "booked"): {RECEIVING},
    ("return_for_info", "submitted", "returned"): {RECEIVING},
    ("reject", "submitted", "rejected"): {RECEIVING},
    ("reject", "accepted", "rejected"): {RECEIVING},
    ("reject", "booked", "rejected"): {RECEIVING},
    ("redirect", "submitted", "submitted"): {RECEIVING},
    ("redirect", "accepted", "submitted"): {RECEIVING},
    ("book", "accepted", "booked"): {REFERRING, RECEIVING},
    ("book", "waitlisted", "booked"): {REFERRING, RECEIVING},
    ("reschedule", "booked", "booked"): {REFERRING, RECEIVING},
    ("wait", "accepted", "waitlisted"): {REFERRING, RECEIVING},
    ("accept_offer", "waitlisted", "booked"): {REFERRING},
    ("decline_offer", "waitlisted", "waitlisted"): {REFERRING},
    ("change_preferences", "waitlisted", "waitlisted"): {REFERRING, RECEIVING},
    ("stop_waiting", "waitlisted", "accepted"): {REFERRING, RECEIVING},
    ("cancel_booking", "booked", "accepted"): {REFERRING, RECEIVING},
    ("no_show", "booked", "accepted"): {RECEIVING},
    ("hand_back", "accepted", "returned"): {RECEIVING},
    ("record_call", "accepted", "accepted"): {REFERRING, RECEIVING},
    ("record_call", "waitlisted", "waitlisted"): {REFERRING, RECEIVING},
    ("record_call", "booked", "booked"): {REFERRING, RECEIVING},
    ("arrive", "booked", "in_care"): {RECEIVING},
    ("complete", "in_care", "completed"): {RECEIVING},
} | {
    ("cancel", state, "cancelled"): {REFERRING}
    for state in ("draft", "submitted", "returned", "accepted", "waitlisted", "booked")
}


class Paper:
    """A referral without a database."""

    class _state:
        db = None

    def __init__(self, state):
        self.state = state


def test_the_table_is_the_designed_one():
    table = {
        (line.action, source, line.target): set(line.sides)
        for line in REFERRAL.transitions
        for source in line.sources
    }
    assert table == DESIGNED


@pytest.mark.django_db
@pytest.mark.parametrize("action", REFERRAL.actions)
def test_every_action_from_every_state_to_every_state(action):
    for before, after in itertools.product(ReferralState.values, repeat=2):
        paper = Paper(before)
        if (action, before, after) in DESIGNED:
            REFERRAL.move(paper, action, after)
            assert paper.state == after
        else:
            with pytest.raises(IllegalTransition):
                REFERRAL.move(paper, action, after)
            assert paper.state == before


def test_nothing_leads_out_of_a_closed_state():
    assert {"completed", "rejected", "cancelled"} == CLOSED
    assert set(ReferralState) == OPEN | CLOSED
    for state in CLOSED:
        assert REFERRAL.available(state, {REFERRING, RECEIVING}) == []
    for state in OPEN:
        assert REFERRAL.available(state, {REFERRING, RECEIVING})


def test_the_two_sides_do_different_things():
    assert REFERRAL.available("submitted", {REFERRING}) == ["cancel"]
    assert set(REFERRAL.available("submitted", {RECEIVING})) == {
        "accept", "change_priority", "return_for_info", "redirect", "reject",
    }  # fmt: skip
    assert "arrive" not in REFERRAL.available("booked", {REFERRING})
    assert "cancel" not in REFERRAL.available("in_care", {REFERRING})


@pytest.mark.django_db
def test_every_act_that_names_a_reason_has_a_dictionary_with_other():
    of_questions = set(ADVICE_REASONS.values())
    assert REASONED | MAY_BE_REASONED | of_questions | {"late", "send_outside"} == set(ReasonKind.values)
    assert set(ADVICE.actions) >= set(ADVICE_REASONS)
    assert set(REFERRAL.actions) >= REASONED | MAY_BE_REASONED
    for kind in ReasonKind.values:
        found = {reason.code: reason for reason in choices(kind)}
        assert len(found) >= 4 and found["other"].needs_comment
        assert all(reason.name_ru and reason.name_en and reason.name_kk for reason in found.values())
        assert any(reason.cancels_appointment for reason in found.values()) == (kind in GIVES_TIME_BACK)


def test_reasons_give_time_back_only_where_a_booked_referral_is_closed():
    closing = {
        line.action for line in REFERRAL.transitions if "booked" in line.sources and line.target in CLOSED
    }
    assert closing == GIVES_TIME_BACK


def test_what_a_slot_counts():
    assert {"held", "booked", "arrived"} == ACTIVE_BOOKING
    assert {"held", "booked", "arrived", "fulfilled"} == OCCUPYING


def write_every_state(raw, before, allowed):
    """Try each state past all services, and take it back."""
    for after in raw.model._meta.get_field("state").choices:
        if after[0] == before or (before, after[0]) in allowed:
            with transaction.atomic():
                raw.update(state=after[0])
                assert raw.get().state == after[0]
                transaction.set_rollback(True)
        else:
            with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                raw.update(state=after[0])
        assert raw.get().state == before


@pytest.mark.django_db
@pytest.mark.parametrize("before", ReferralState.values)
def test_the_database_guards_referrals(before):
    now = timezone.now()
    referral = patients.make_referral(state=before, submitted_at=now, appointment_at=now)
    write_every_state(Referral.objects.filter(pk=referral.pk), before, {pair[1:] for pair in DESIGNED})


@pytest.mark.django_db
@pytest.mark.parametrize("before", BookingState.values)
def test_the_database_guards_bookings(before):
    referral = patients.make_referral(state="accepted")
    slot = clinics.make_slot(referral.service)
    booking = patients.make_booking(referral, slot, before, held_until=timezone.now())
    write_every_state(Booking.objects.filter(pk=booking.pk), before, set(BOOKING.pairs))


def test_an_ended_booking_does_not_come_back():
    for state in ("fulfilled", "no_show", "cancelled"):
        assert BOOKING.available(state, {REFERRING, RECEIVING}) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "missing"),
    [
        ("submitted", "submitted_at"),
        ("accepted", "service_type"),
        ("booked", "appointment_at"),
        ("in_care", "appointment_at"),
    ],
)
def test_the_database_wants_what_a_state_needs(state, missing):
    referral = patients.make_referral(state="accepted")
    referral.appointment_at = timezone.now()
    setattr(referral, missing, None)
    referral.pk, referral.number, referral.state = uuid7(), "SKH-26-0000001-X", state
    with pytest.raises(DatabaseError, match="referral_"), transaction.atomic():
        referral.save(force_insert=True)
