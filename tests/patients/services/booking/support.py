"""Calls of the booking services as their tests write them, and a refusal that leaves no trace."""

import pytest

from patients.models import Booking
from patients.services.booking import (
    book_referral,
    hold_slot,
    reschedule_referral,
)
from tests.factories import patients
from tests.factories.patients import taken_and_occupied


def book(actor, referral, slot, **fields):
    return book_referral(actor, referral_id=referral.pk, slot_id=slot.pk, **fields)


def hold(actor, referral, slot):
    return hold_slot(actor, referral_id=referral.pk, slot_id=slot.pk)


def move(actor, referral, slot, **fields):
    return reschedule_referral(actor, referral_id=referral.pk, slot_id=slot.pk, **fields)


def fill(slot, number=None):
    """Take places of a slot for other people's referrals."""
    for _ in range(slot.capacity - slot.taken if number is None else number):
        patients.make_booking(patients.make_referral(state="accepted", service=slot.service), slot)


def refused(error, *slots, **conditions):
    """The call raises `error` and leaves every counter and booking as it was."""
    return Refused(error, slots)


class Refused:
    def __init__(self, error, slots):
        self.context, self.slots = pytest.raises(error), slots

    def __enter__(self):
        self.before = Booking.objects.count(), [taken_and_occupied(slot) for slot in self.slots]
        return self.context.__enter__()

    def __exit__(self, *exc):
        handled = self.context.__exit__(*exc)
        assert (Booking.objects.count(), [taken_and_occupied(slot) for slot in self.slots]) == self.before
        return handled
