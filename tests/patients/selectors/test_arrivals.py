"""Who comes today, by the clinic's clock; who sits in a slot, as far as one may know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.selectors.arrivals import arrivals, occupants, reception_clinics, slots_with_lapsed_holds
from patients.services.occupancy import release_lapsed_holds
from patients.states import BookingState
from tests.factories import patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def test_the_day_is_the_clinics_own(pair):
    late = pair.referral("booked", slot=pair.slot(at(0, 23, 30)))
    early = pair.referral("booked", slot=pair.slot(at(0, 0, 10)))
    pair.referral("booked", slot=pair.slot(at(1, 0, 10)))
    pair.referral("booked", slot=pair.slot(at(-1, 23, 50)))
    assert [b.referral for b in arrivals(pair.coordinator, pair.target)] == [early, late]
    assert list(arrivals(pair.referrer, pair.target)) == []
    assert reception_clinics(pair.coordinator) == [pair.target]


def test_whoever_did_not_come_stays_in_the_days_list(pair):
    referral = pair.referral("accepted")
    patients.make_booking(referral, pair.slot(at(0, 8)), BookingState.NO_SHOW)
    assert [b.state for b in arrivals(pair.coordinator, pair.target)] == [BookingState.NO_SHOW]


def test_the_own_organisation_knows_who_sits_in_its_slots(pair):
    slot, held = pair.slot(), pair.slot(at(2))
    booked = pair.referral("booked", slot=slot)
    draft = pair.referral("draft")
    patients.make_booking(draft, held, BookingState.HELD)
    people = {one.slot_id: one for one in occupants(pair.coordinator, [slot.pk, held.pk])}
    assert people[slot.pk].name == pair.patient.short_name
    assert str(booked.pk) in people[slot.pk].url
    # A time kept for a draft: that somebody keeps it, not for whom.
    assert (people[held.pk].name, people[held.pk].url) == ("", "")
    assert people[held.pk].held_until
    assert list(occupants(pair.referrer, [slot.pk])) == []


def test_lapsed_holds_are_found_and_ended(pair):
    slot = pair.slot()
    past = timezone.now() - timedelta(minutes=1)
    patients.make_booking(pair.referral("accepted"), slot, BookingState.HELD, held_until=past)
    assert list(slots_with_lapsed_holds()) == [slot.pk]
    assert release_lapsed_holds(pair.coordinator, [slot.pk]) == 1
    slot.refresh_from_db()
    assert slot.taken == 0
    assert list(slots_with_lapsed_holds()) == []
