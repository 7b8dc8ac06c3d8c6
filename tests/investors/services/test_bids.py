"""Sealed bids: read by their owners alone, taken until the last instant, opened by two officials after the time."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils.translation import override

from cluster_portal.audit.models import Entry
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.errors import (
    BiddingClosed,
    CodeDoesNotFit,
    KeyPartMissing,
    KeyPartTaken,
    OpeningTooEarly,
    TenderIncomplete,
)
from investors.models import Bid
from investors.papers.minutes import opening_minutes
from investors.policies import bid_policy
from investors.selectors.bids import opening_of
from investors.services import bids, opening
from investors.services import tenders as services
from investors.states import BID
from tests.documents.support import text_of
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

PLANTED = ("Клиника Кедровый Стланик", "41234567.89", "2099-03-14", "Ноготков")
ELIGIBILITY = {"statement": f"Право участвовать есть у общества {PLANTED[3]}"}
OFFER = {
    "price": PLANTED[1], "investment": "900000000", "jobs": 321, "starts_on": PLANTED[2],
    "plan": f"{PLANTED[0]}, 90 коек",
}  # fmt: skip


@pytest.fixture
def officials(site):
    return [make.make_actor("land"), make.make_actor("office"), make.make_actor("land")]


@pytest.fixture
def tender(site, officials):
    """A published tender, and the codes of its officials."""
    tender = rows.make_tender()
    tender.codes = [opening.take_key_part(official, tender_id=tender.pk)[1] for official in officials]
    codes = tender.codes
    tender = services.publish_tender(officials[0], tender_id=tender.pk)
    tender.codes = codes
    return tender


@pytest.fixture
def company(db):
    investor = rows.make_investor()
    investor.actor = rows.actor_of(investor)
    return investor


def submit(company, tender, **offer):
    return bids.submit_bid(
        company.actor,
        tender_id=tender.pk,
        investor_id=company.pk,
        eligibility=ELIGIBILITY,
        offer=OFFER | offer,
    )


def during_bids(tender):
    return time_machine.travel(tender.questions_until + timedelta(days=1), tick=False)


def everything_in_the_database():
    """Every table as text, the journal and the outbox too; bytes as hexadecimal and as they are."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_table_of_bids():
    assert {(line.action, state, line.target, *line.sides) for line in BID.transitions for state in line.sources} == {
        ("replace", "submitted", "submitted", "company"), ("replace", "stale", "submitted", "company"),
        ("replace", "withdrawn", "submitted", "company"), ("confirm", "stale", "submitted", "company"),
        ("withdraw", "submitted", "withdrawn", "company"), ("withdraw", "stale", "withdrawn", "company"),
        ("outdate", "submitted", "stale", "portal"), ("qualify", "submitted", "qualified", "land_office"),
        ("qualify", "disqualified", "qualified", "land_office"),
        ("disqualify", "submitted", "disqualified", "land_office"),
        ("disqualify", "qualified", "disqualified", "land_office"),
    }  # fmt: skip


def test_nothing_of_a_bid_is_in_the_database_and_only_its_owner_reads_it(company, tender, officials, caplog):
    with during_bids(tender):
        bid = submit(company, tender)
        bid = submit(company, tender, jobs=322)
    dump = everything_in_the_database()
    for word in PLANTED:
        assert word not in dump and word.encode().hex() not in dump and word not in caplog.text
    _bid, texts = bids.read_bid(company.actor, bid.pk)
    said = bids.said_in(texts["offer"])
    assert (said["price"], said["jobs"], said["starts_on"]) == (PLANTED[1], 322, PLANTED[2])
    whole = "\n".join((texts["eligibility"], texts["offer"]))
    assert hashlib.sha256(whole.encode()).hexdigest() == bid.digest
    other = rows.make_investor()
    for actor in (*officials, rows.actor_of(other), make.make_actor("manager")):
        assert not bid_policy.queryset(actor).exists()
        with pytest.raises(NotFound):
            bids.read_bid(actor, bid.pk)
    with during_bids(tender), pytest.raises(Forbidden), transaction.atomic():
        bids.submit_bid(
            officials[0], tender_id=tender.pk, investor_id=company.pk, eligibility=ELIGIBILITY, offer=OFFER
        )


def test_a_bid_is_taken_until_the_last_instant_whatever_the_recorded_state(company, tender):
    for moment, taken in (
        (tender.questions_until - timedelta(microseconds=1), False), (tender.questions_until, True),
        (tender.bids_until - timedelta(microseconds=1), True), (tender.bids_until, False),
        (tender.bids_until + timedelta(seconds=1), False),
    ):  # fmt: skip
        with time_machine.travel(moment, tick=False):
            if taken:
                submit(company, tender)
                continue
            for late in (
                lambda: submit(company, tender),
                *(
                    [lambda: bids.withdraw_bid(company.actor, bid_id=Bid.objects.get().pk)]
                    if Bid.objects.exists()
                    else []
                ),
            ):
                with pytest.raises(BiddingClosed), transaction.atomic():
                    late()


def test_what_a_bid_has_to_say(company, tender):
    with during_bids(tender):
        with pytest.raises(Invalid) as refused:
            bids.submit_bid(
                company.actor, tender_id=tender.pk, investor_id=company.pk, eligibility={"statement": " "},
                offer={"price": "-1", "investment": "x", "jobs": 1.5, "starts_on": "soon", "plan": "", "colour": 1},
            )  # fmt: skip
        assert set(refused.value.errors) == {
            "statement",
            "price",
            "investment",
            "jobs",
            "starts_on",
            "plan",
            "colour",
        }
        company.state = "suspended"
        company.save()
        with pytest.raises(Forbidden):
            submit(company, tender)


def test_new_terms_outdate_bids_until_they_are_confirmed(company, tender, officials):
    with during_bids(tender):
        bid = submit(company, tender)
        later = tender.bids_until + timedelta(days=9)
        services.change_terms(
            officials[0], tender_id=tender.pk, reason_ru="Срок", reason_en="Time",
            data={"bids_until": later, "opening_at": later, "evaluation_until": later + timedelta(days=20)},
        )  # fmt: skip
        bid.refresh_from_db()
        assert (bid.state, bid.version) == ("stale", 1)
        entry = Entry.objects.filter(table_name="investors_bid", row_id=str(bid.pk)).latest("id")
        assert (entry.before["state"], entry.after["state"]) == ("submitted", "stale")
        assert (entry.user_id, entry.action) == (officials[0].user_id, "change_terms")
        relay()
        told = Notice.objects.get(kind="investors.terms_changed")
        assert told.user_id == company.actor.user_id
        digest = bid.digest
        bid = bids.confirm_bid(company.actor, bid_id=bid.pk)
        assert (bid.state, bid.version, bid.digest) == ("submitted", 2, digest)
        bids.withdraw_bid(company.actor, bid_id=bid.pk)
        with pytest.raises(IllegalTransition), transaction.atomic():
            bids.confirm_bid(company.actor, bid_id=bid.pk)
        assert submit(company, tender).state == "submitted"


def test_two_officials_open_the_bids_after_the_time(company, tender, officials):
    first, second, _third = officials
    late, gone = rows.make_investor(), rows.make_investor()
    late.actor, gone.actor = rows.actor_of(late), rows.actor_of(gone)
    with during_bids(tender):
        bid, back = submit(company, tender), submit(gone, tender)
        bids.withdraw_bid(gone.actor, bid_id=back.pk)
    with (
        time_machine.travel(tender.opening_at - timedelta(seconds=1), tick=False),
        pytest.raises(OpeningTooEarly),
    ):
        opening.confirm_opening(first, tender_id=tender.pk, code=tender.codes[0])
    with time_machine.travel(tender.opening_at, tick=False):
        for actor, code, error in (
            (first, tender.codes[1], CodeDoesNotFit), (make.make_actor("land"), tender.codes[0], KeyPartMissing),
            (make.make_actor("manager"), tender.codes[0], Forbidden),
        ):  # fmt: skip
            with pytest.raises(error), transaction.atomic():
                opening.confirm_opening(actor, tender_id=tender.pk, code=code)
        for _again in range(2):
            # One official alone opens nothing, however often.
            assert (
                opening.confirm_opening(first, tender_id=tender.pk, code=tender.codes[0]).state == "opening"
            )
        assert not bid_policy.queryset(first).exists() and PLANTED[1] not in everything_in_the_database()
        with pytest.raises(NotFound):
            opening_of(first, tender.pk)
        opened = opening.confirm_opening(second, tender_id=tender.pk, code=tender.codes[1].lower())
    assert opened.state == "evaluation" and not tender.key_parts.filter(released__isnull=False).exists()
    assert list(bid_policy.queryset(first)) == [bid]
    assert bid.envelopes.get(kind="offer").opened["price"] == PLANTED[1]
    assert back.envelopes.get(kind="offer").opened is None
    with pytest.raises(Exception, match="opened"), transaction.atomic():
        bid.envelopes.update(opened={"price": "1"})
    # What it offers is told once it is admitted.
    with override("en"):
        said = text_of(opening_minutes(opening_of(first, tender.pk)))
        assert "not opened" in said and "41,234,567.89" not in said
        Bid.objects.filter(pk=bid.pk).update(state="qualified", judged="Yes", judged_at=tender.opening_at)
        said = text_of(opening_minutes(opening_of(first, tender.pk)))
    for words in (
        tender.number, first.name, second.name, company.name_en, bid.digest, "41,234,567.89", "321",
        "1 bid was withdrawn",
    ):  # fmt: skip
        assert words in said


def test_parts_of_the_key_are_taken_in_a_draft_by_two_at_least(site, officials):
    tender = rows.make_tender()
    opening.take_key_part(officials[0], tender_id=tender.pk)
    with pytest.raises(KeyPartTaken), transaction.atomic():
        opening.take_key_part(officials[0], tender_id=tender.pk)
    with pytest.raises(TenderIncomplete) as refused, transaction.atomic():
        services.publish_tender(officials[0], tender_id=tender.pk)
    assert set(refused.value.errors) == {"officials"}
    opening.take_key_part(officials[1], tender_id=tender.pk)
    opening.give_up_key_part(officials[1], tender_id=tender.pk)
    assert tender.key_parts.get().official == officials[0].name
