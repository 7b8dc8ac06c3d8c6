"""Many people book against one quota at once: it is never overdrawn. With its last word taken away, it is."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinics.models import Quota
from clinics.selectors.quotas import month_after
from clinics.services.quotas import set_quota
from clinics.states import Payment
from cluster_portal.accounts.roles import Role
from patients.models import Booking
from patients.services import booking, occupancy
from patients.states import OCCUPYING
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

WORKERS, VOLUME = 12, 5
MONTH = month_after(timezone.localdate().replace(day=1))
MONTHS = (MONTH, month_after(MONTH))


class Crowd:
    """Referrals to one service, each with a free time of its own in each of two months."""

    def __init__(self) -> None:
        clinics.make_cluster()
        self.pair = pair = patients.make_pair()
        self.planner = clinics.make_actor(Role.COORDINATOR, organization=pair.target.organization)
        self.referrals, self.slots = [], {month: [] for month in MONTHS}
        for n in range(WORKERS):
            patient = patients.make_patient(pair.source.organization)
            patients.make_consent(patient)
            self.referrals.append(pair.referral("accepted", patient=patient, due_on=None))
            for month in MONTHS:
                first = clinics.at(month.replace(day=3), 8) + timedelta(minutes=20 * n)
                self.slots[month].append(pair.slot(first))

    def plan(self, month=MONTH, volume=VOLUME) -> Quota:
        return set_quota(
            self.planner, service_id=self.pair.service.pk, payment=Payment.OMS, month=month, volume=volume
        )

    def book(self, n, month=MONTH):
        return booking.book_referral(
            self.pair.referrer, referral_id=self.referrals[n].pk, slot_id=self.slots[month][n].pk
        )

    def reschedule(self, n, month):
        return booking.reschedule_referral(
            self.pair.referrer, referral_id=self.referrals[n].pk, slot_id=self.slots[month][n].pk
        )

    def cancel(self, n):
        return booking.cancel_booking(
            self.pair.referrer, referral_id=self.referrals[n].pk, reason="other", comment="Передумал"
        )


@pytest.fixture
def crowd():
    return Crowd()


def counted() -> list[tuple[int, int]]:
    """Of each quota its counter, and the bookings that it should count."""
    return [
        (row.used, Booking.objects.filter(quota=row, state__in=OCCUPYING).count())
        for row in Quota.objects.order_by("month")
    ]


def all_at_once(crowd, monkeypatch):
    """Everybody has looked at what is left before anybody takes anything."""
    really, looked = occupancy.take_place, threading.Barrier(WORKERS)

    def take(slot_id):
        looked.wait(timeout=60)
        return really(slot_id)

    monkeypatch.setattr(occupancy, "take_place", take)
    return together(*(lambda n=n: crowd.book(n) for n in range(WORKERS)))


def test_a_quota_is_never_overdrawn(crowd, monkeypatch):
    crowd.plan()
    before = deadlocks()
    outcome = all_at_once(crowd, monkeypatch)
    assert not outcome.unexpected
    assert len(outcome.results) == VOLUME
    assert outcome.refused == {"quota_used_up": WORKERS - VOLUME}
    assert counted() == [(VOLUME, VOLUME)]
    assert deadlocks() == before


def test_without_its_last_word_it_is_overdrawn(crowd, monkeypatch):
    """The control: a look before the booking alone does not keep the volume."""
    crowd.plan()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinics_quota DROP CONSTRAINT quota_volume")
    try:
        outcome = all_at_once(crowd, monkeypatch)
        assert not outcome.unexpected
        assert len(outcome.results) == WORKERS > VOLUME
    finally:
        Booking.objects.all().delete()
        Quota.objects.update(used=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE clinics_quota ADD CONSTRAINT quota_volume CHECK (volume IS NULL OR used <= volume)"
            )


def test_a_quota_that_is_planned_while_people_book_counts_all_of_them(crowd):
    jobs = [lambda n=n: crowd.book(n) for n in range(WORKERS)]
    outcome = together(*jobs, lambda: crowd.plan(volume=None), lambda: crowd.plan(volume=None))
    assert not outcome.unexpected
    assert not outcome.refused
    assert Quota.objects.count() == 1
    assert counted() == [(WORKERS, WORKERS)]


def test_moves_between_months_both_ways(crowd):
    """One half moves on while the other moves back: each transaction changes both quotas, no two wait in a ring."""
    for month in MONTHS:
        crowd.plan(month, WORKERS)
    half = WORKERS // 2
    for n in range(WORKERS):
        crowd.book(n, MONTHS[n >= half])
    before = deadlocks()

    def dance(n):
        home = n >= half
        for turn in (1, 2, 3):
            crowd.reschedule(n, MONTHS[home ^ (turn % 2)])
        if n % 3 == 0:
            crowd.cancel(n)

    outcome = together(*(lambda n=n: dance(n) for n in range(WORKERS)))
    assert not outcome.unexpected
    assert not outcome.refused
    assert deadlocks() == before
    left = WORKERS - len(range(0, WORKERS, 3))
    assert sum(used for used, _really in counted()) == left
    assert all(used == really for used, really in counted())
