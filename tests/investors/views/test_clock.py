"""The clock of a tender: what each reader is told, and that neither zones nor the server's own decide anything."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from clinics.selectors.cluster import forget_cluster
from investors.errors import BiddingClosed, OpeningTooEarly
from investors.models import Tender
from investors.services import bids, opening
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.investors.services.test_bids import ELIGIBILITY, OFFER

pytestmark = pytest.mark.django_db

#: In Berlin the clocks go from 02:00 to 03:00 half an hour before this; in New York they did so two weeks ago.
DEADLINE = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kamchatka"])
def server(request):
    """A server whose own zone is this."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.fixture
def tender(site):
    tender = rows.make_tender(
        at=DEADLINE - timedelta(days=40), state="bidding", version=1, opening_at=DEADLINE,
        opening_key=rows.sealing.new_opening_key()[1],
    )  # fmt: skip
    rows.make_version(tender)
    return tender


def test_the_last_instant_is_the_same_whatever_zone_the_server_is_in(server, tender):
    company = rows.make_investor()
    actor = rows.actor_of(company)

    def bid():
        return bids.submit_bid(
            actor, tender_id=tender.pk, investor_id=company.pk, eligibility=ELIGIBILITY, offer=OFFER
        )

    with time_machine.travel(DEADLINE - timedelta(seconds=1), tick=False):
        assert bid().state == "submitted"
        with pytest.raises(OpeningTooEarly), transaction.atomic():
            Tender.objects.filter(pk=tender.pk).update(state="opening")
            opening.confirm_opening(make.make_actor("land"), tender_id=tender.pk, code="A")
    with time_machine.travel(DEADLINE + timedelta(seconds=1), tick=False):
        with pytest.raises(BiddingClosed), transaction.atomic():
            bid()


def test_everybody_reads_the_deadline_by_the_clusters_clock_their_own_and_utc(client, tender):
    make.make_cluster(time_zone="Asia/Sakhalin")
    forget_cluster()
    address = f"/tenders/{tender.pk}/"
    with time_machine.travel(DEADLINE - timedelta(hours=3), tick=False):
        visitor = client.get(address).content.decode()
        # Eleven hours ahead of UTC; the same moment in the machine's attribute.
        assert (
            'datetime="2027-03-28T12:30+11:00"' in visitor and 'datetime="2027-03-28T01:30+00:00"' in visitor
        )
        client.force_login(rows.make_investor().members.get().user)
        own = client.get(address).content.decode()
        assert 'datetime="2027-03-28T12:30+11:00"' in own and "UTC" in own
