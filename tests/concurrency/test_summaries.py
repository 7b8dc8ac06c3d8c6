"""A refresh beside people at work loses nothing, whichever of them commits first."""

import threading

import pytest
from django.db import connection, transaction

from clinics.models import PlacesDay
from cluster_portal.common import summaries
from patients.models import DecisionDay, FlowDay, VisitDay, WaitDay
from patients.services.booking import book_referral
from patients.services.decisions import accept_referral
from tests.concurrency.support import together
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
TABLES = (FlowDay, WaitDay, DecisionDay, VisitDay, PlacesDay)


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair(triage=True)


def sent(pair, state="submitted"):
    patient = patients.make_patient(pair.source.organization)
    patients.make_consent(patient)
    return pair.referral(state, patient=patient, submitted_at=at(-3, 12))


def refresh_all():
    for name in summaries.names():
        summaries.refresh(name)


def lines():
    return {
        table: sorted(map(str, table.objects.values_list("month", "day", *table.KEYS, *table.SUMS)))
        for table in TABLES
    }


def test_change_that_commits_after_the_count_is_in_the_next_one(pair):
    referral = sent(pair)
    refresh_all()
    changed, counted = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            accept_referral(pair.coordinator, referral_id=referral.pk)
            changed.set()
            assert counted.wait(30)

    def meanwhile():
        assert changed.wait(30)
        days = summaries.refresh("referrals")
        counted.set()
        return days

    outcome = together(slow, meanwhile)
    assert not outcome.unexpected
    # The uncommitted change neither blocks the refresh nor is seen by it.
    assert FlowDay.objects.filter(month=False).get().submitted == 1
    assert summaries.refresh("referrals") == 1
    assert FlowDay.objects.filter(month=False).get().accepted == 1


def test_one_refreshes_and_the_others_pass_by(pair):
    sent(pair)
    refresh_all()
    refresh_all()
    held, tried = threading.Event(), threading.Event()

    def holder():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM common_summarystate WHERE name = 'referrals' FOR UPDATE")
            held.set()
            assert tried.wait(30)

    def other():
        assert held.wait(30)
        try:
            return summaries.refresh("referrals")
        finally:
            tried.set()

    outcome = together(holder, other)
    assert not outcome.unexpected
    assert outcome.results == [None, None]
    assert summaries.refresh("referrals") == 0


def test_bookings_and_refreshes_at_once_end_in_a_true_count(pair):
    refresh_all()
    referrals = [sent(pair, "accepted") for _ in range(24)]
    slots = [pair.slot(at(2 + n % 5, 8 + n // 5)) for n in range(24)]
    work = list(zip(referrals, slots, strict=True))

    def books(part):
        def run():
            for referral, slot in work[part::3]:
                book_referral(pair.coordinator, referral_id=referral.pk, slot_id=slot.pk)

        return run

    def refreshes():
        for _ in range(15):
            refresh_all()

    outcome = together(*(books(n) for n in range(3)), refreshes, refreshes)
    assert not outcome.unexpected and not outcome.refused
    refresh_all()
    kept = lines()
    assert sum(row.booked for row in FlowDay.objects.filter(month=False)) == 24
    assert sum(row.ahead for row in VisitDay.objects.filter(month=False)) == 24
    assert sum(row.used for row in PlacesDay.objects.filter(month=False)) == 24
    for name in summaries.names():
        summaries.rebuild(name)
    assert lines() == kept
