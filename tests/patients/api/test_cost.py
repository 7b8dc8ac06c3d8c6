"""What a booking costs the database, sign-in included. Committed for real: a test's own savepoints would be counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster_portal.audit.models import Entry
from cluster_portal.common.models import OutboxMessage
from patients.models import Booking, ReferralStep
from tests.api.support import Caller
from tests.factories import clinics as make
from tests.patients.views.conftest import sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)

BUDGET = 10


def cost(send) -> tuple[object, int]:
    """The answer and how many statements it took, the ends of transactions aside."""
    cache.clear()
    with CaptureQueriesContext(connection) as seen:
        answer = send()
    statements = [query["sql"] for query in seen.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert not [text for text in statements if text.startswith(("SAVEPOINT", "RELEASE"))]
    return answer, len(statements)


def assert_whole(referral, slot) -> None:
    """Nothing that a booking promises was saved on."""
    referral.refresh_from_db()
    slot.refresh_from_db()
    assert (referral.state, slot.taken) == ("booked", 1)
    assert Booking.objects.get(referral=referral).state == "booked"
    step = ReferralStep.objects.get(referral=referral, action="book")
    message = OutboxMessage.objects.get(payload__step=step.pk)
    assert message.payload["referral"] == str(referral.pk)
    assert (message.done_at, message.attempts, message.error) == (None, 0, "")
    assert message.due_at <= timezone.now()
    lines = Entry.objects.filter(
        table_name__in=("patients_referral", "patients_booking", "patients_referralstep"),
        action="book_referral",
    )
    assert {line.table_name for line in lines} == {
        "patients_referral", "patients_booking", "patients_referralstep"
    }  # fmt: skip
    assert {line.organization_id for line in lines} == {referral.source_organization_id}


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "night-push-1"}])
def test_a_program_books(pair, key) -> None:
    caller = Caller(pair.source.organization)
    referral, slot = pair.referral("accepted"), pair.slot(make.at(2))
    address = f"/api/v1/referrals/{referral.pk}/book/"
    answer, statements = cost(lambda: caller.post(address, {"slot": str(slot.pk)}, headers=key))
    assert answer.status_code == 200
    assert statements <= BUDGET - (0 if key else 2)
    assert_whole(referral, slot)
    again = caller.get(f"/api/v1/referrals/{referral.pk}/")
    assert again.json() == answer.json(), "the answer is made of what the service holds; it is what is stored"
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_a_person_books_by_the_api(pair, sign_in) -> None:  # noqa: F811
    client = sign_in(pair.referrer)
    referral, slot = pair.referral("accepted"), pair.slot(make.at(2))
    answer, statements = cost(
        lambda: client.post(
            f"/api/v1/referrals/{referral.pk}/book/", {"slot": str(slot.pk)}, "application/json",
            headers={"Idempotency-Key": "one"},
        )
    )  # fmt: skip
    assert (answer.status_code, statements <= BUDGET) == (200, True)
    assert_whole(referral, slot)


@pytest.mark.parametrize("held", [False, True])
def test_a_person_books_on_the_page(pair, sign_in, held) -> None:  # noqa: F811
    client = sign_in(pair.referrer)
    referral, slot = pair.referral("accepted"), pair.slot(make.at(2))
    address = f"/referrals/{referral.pk}/time/"
    if held:
        assert client.post(address, {"slot": str(slot.pk)}).status_code == 303
    answer, statements = cost(lambda: client.post(address, {"slot": str(slot.pk), "book": "1"}))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/referrals/{referral.pk}/")
    assert statements <= BUDGET
    assert_whole(referral, slot)


def test_a_lapsed_hold_of_the_patient_still_makes_way(pair) -> None:
    """The look for what is in the way goes with the slot; it must find another referral's hold too."""
    caller = Caller(pair.source.organization)
    start = make.at(2)
    first, second = pair.referral("accepted"), pair.referral("accepted")
    old, slot = pair.slot(start), make.make_slot(pair.service, start=start)
    hold = {"referral": str(first.pk), "slot": str(old.pk)}
    assert caller.post("/api/v1/holds/", hold).status_code == 201
    Booking.objects.filter(referral=first).update(held_until=timezone.now() - timedelta(minutes=1))
    answer, _statements = cost(
        lambda: caller.post(f"/api/v1/referrals/{second.pk}/book/", {"slot": str(slot.pk)})
    )
    assert answer.status_code == 200, answer.content
    old.refresh_from_db()
    assert old.taken == 0
    assert Booking.objects.get(referral=first).end_reason == "replaced"


def test_a_refusal_with_a_key_leaves_no_trace_but_its_answer(pair) -> None:
    caller = Caller(pair.source.organization)
    referral, slot = pair.referral("accepted", due_on=timezone.now().date()), pair.slot(make.at(9))
    address, key = f"/api/v1/referrals/{referral.pk}/book/", {"Idempotency-Key": "late-1"}
    before = Entry.objects.count()
    refused = caller.post(address, {"slot": str(slot.pk)}, headers=key)
    again = caller.post(address, {"slot": str(slot.pk)}, headers=key)
    assert refused.status_code == again.status_code
    assert 400 <= refused.status_code < 500
    assert Entry.objects.count() == before
    assert not Booking.objects.exists()
    assert caller.post(address, {"slot": str(slot.pk), "late_reason": "Просит пациент"},
                       headers={"Idempotency-Key": "late-2"}).status_code == 200  # fmt: skip
