"""A clinic closes at the very moment in which somebody sends a referral there, or gives a time there back."""

from functools import partial
from threading import Event

import pgtrigger
import pytest

from clinics.services import sites
from patients.selectors.closing import waiting_for
from patients.services.booking import book_referral, cancel_booking
from patients.services.drafts import submit_referral
from tests.concurrency.support import together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]
TRIGGER = "patients.Referral:sent_to_open"


@pytest.fixture
def unguarded(transactional_db):
    pgtrigger.disable(TRIGGER)
    yield
    pgtrigger.enable(TRIGGER)


@pytest.fixture
def close_amid_sending(monkeypatch):
    """Sends a referral after the closing has looked twice who waits there, and gives it so many seconds to arrive.

    Returns who was refused, and whether somebody waits at the clinic in the end.
    """
    looked, sent = Event(), Event()

    def send(pair):
        looked.wait(10)
        try:
            submit_referral(pair.referrer, referral_id=pair.referral("draft").pk)
        finally:
            sent.set()

    def race(seconds):
        def move(*arguments, original=sites._move):
            looked.set()
            sent.wait(seconds)
            return original(*arguments)

        monkeypatch.setattr(sites, "_move", move)
        clinics.make_cluster()
        pair = patients.make_pair()
        close = partial(
            sites.close_clinic, clinics.make_actor("office"), clinic_id=pair.target.pk, closed_on=clinics.today(),
            reason="Переезд",
        )  # fmt: skip
        outcome = together(close, partial(send, pair))
        assert outcome.unexpected == []
        return outcome.refused, waiting_for(pair.target.pk).exists()

    return race


def test_a_referral_that_comes_too_late_is_told(close_amid_sending):
    assert close_amid_sending(0.1) == ({"clinic_closed": 1}, False)


@pytest.fixture
def close_amid_giving_back(monkeypatch):
    """The only booked patient's time is given back after the closing has looked who waits, before it locks the times.

    Returns who was refused, whether the clinic is closed, and whether somebody waits there.
    """
    looked, given = Event(), Event()

    def give_back(pair, referral):
        looked.wait(10)
        try:
            cancel_booking(pair.referrer, referral_id=referral.pk, reason="patient_asked")
        finally:
            given.set()

    def race():
        def lock_slots(ids, original=sites.lock_slots):
            looked.set()
            given.wait(10)
            return original(ids)

        monkeypatch.setattr(sites, "lock_slots", lock_slots)
        clinics.make_cluster()
        pair = patients.make_pair()
        referral = pair.referral("accepted")
        slot = clinics.make_slot(pair.service)
        book_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
        close = partial(
            sites.close_clinic, clinics.make_actor("office"), clinic_id=pair.target.pk, closed_on=clinics.today(),
            reason="Переезд", return_waiting=True,
        )  # fmt: skip
        outcome = together(close, partial(give_back, pair, referral))
        assert outcome.unexpected == []
        pair.target.refresh_from_db()
        return outcome.refused, pair.target.status, waiting_for(pair.target.pk).exists()

    return race


def test_who_gives_a_time_back_meanwhile_is_shown_to_those_who_close(close_amid_giving_back):
    assert close_amid_giving_back() == ({"waiting_referrals": 1}, "open", True)


def test_without_the_second_look_the_referral_would_wait_at_a_closed_clinic(
    close_amid_giving_back, monkeypatch
):
    monkeypatch.setattr(sites, "waiting_at", lambda clinic_id: [])
    assert close_amid_giving_back() == ({}, "closed", True)


def test_without_the_lock_it_would_wait_at_a_closed_clinic(unguarded, close_amid_sending):
    assert close_amid_sending(20) == ({}, True)
