"""Eight companies bid in the last second while the land office changes the terms: no bid is lost, none is late, and
none stands for terms that it never saw.
"""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from investors.models import Bid, Tender
from investors.policies import tender_policy
from investors.services import bids as services
from investors.services import tenders
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

BIDDERS = 8
ENVELOPES = {
    "eligibility": {"statement": "Есть"},
    "offer": {"price": "1", "investment": "1", "jobs": 1, "starts_on": "2027-06-01", "plan": "Клиника"},
}


@pytest.fixture
def tender(db):
    make.make_cluster()
    key = rows.sealing.new_opening_key()[1]
    tender = rows.make_tender(
        at=timezone.now() - timedelta(days=39), state="bidding", version=1, opening_key=key
    )
    rows.make_opening(tender)
    return tender


@pytest.fixture
def submits(tender):
    companies = [rows.make_investor() for _ in range(BIDDERS)]

    def submit(company):
        actor = rows.actor_of(company)
        own = {"tender_id": tender.pk, "investor_id": company.pk}
        return lambda: services.submit_bid(actor, **own, **ENVELOPES)

    return [submit(company) for company in companies]


@pytest.fixture
def change(tender):
    """New terms, with more time for bids."""
    land, later = make.make_actor("land"), tender.bids_until + timedelta(days=9)
    data = {
        "guarantee": 7_000_000, "bids_until": later, "opening_at": later,
        "evaluation_until": later + timedelta(days=20),
    }  # fmt: skip
    return lambda: tenders.change_terms(
        land, tender_id=tender.pk, data=data, reason_ru="Срок", reason_en="Time"
    )


def blind():
    """How many bids stand for terms that are no longer those of their tender."""
    version = Tender.objects.get().version
    return Bid.objects.filter(state="submitted").exclude(version=version).count()


def test_what_was_taken_in_the_last_second_is_kept_and_in_time(tender, submits):
    before = deadlocks()
    with time_machine.travel(tender.bids_until - timedelta(milliseconds=150), tick=True):
        outcome = together(*submits)
    assert outcome.unexpected == [] and deadlocks() == before
    assert Bid.objects.count() == len(outcome.results) == BIDDERS - outcome.refused["bidding_closed"]
    assert not Bid.objects.filter(submitted_at__gte=tender.bids_until).exists()
    assert all(bid.envelopes.count() == 2 for bid in Bid.objects.all())


def test_new_terms_at_the_same_moment_leave_no_bid_that_has_not_seen_them(tender, submits, change):
    before = deadlocks()
    with time_machine.travel(tender.bids_until - timedelta(seconds=20), tick=True):
        outcome = together(*submits, change)
    assert outcome.unexpected == [] and not outcome.refused and deadlocks() == before
    assert Bid.objects.count() == BIDDERS and Tender.objects.get().version == 2
    assert blind() == 0
    for bid in Bid.objects.all():
        assert (bid.version, bid.state) in {(1, "stale"), (2, "submitted")}


def test_without_the_lock_a_bid_stands_for_terms_it_never_saw(tender, submits, change, monkeypatch):
    """The negative control: the race is a real one."""
    changed = threading.Event()

    def unlocked(actor, action, tender_id):
        found = tender_policy.get(actor, action, tender_id)
        assert changed.wait(30)
        return found, timezone.now()

    def change_first():
        change()
        changed.set()

    monkeypatch.setattr(services, "lock_tender", unlocked)
    with time_machine.travel(tender.bids_until - timedelta(seconds=20), tick=True):
        together(*submits[:2], change_first)
    assert blind() > 0
