"""The waiting list by REST: joining with wishes, reading the place, answering an offer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories import patients as make_people
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def ok(response) -> dict:
    assert response.status_code == 200, response.content
    return response.json()


def waiting(pair):
    person = make_people.make_patient(pair.source.organization)
    make_people.make_consent(person)
    return pair.referral("waitlisted", patient=person)


def test_a_referral_waits_with_its_wishes(pair, sender):
    referral = pair.referral("accepted")
    body = {"weekdays": [1, 2], "parts": ["morning"], "clinics": [str(pair.target.pk)], "notice_hours": 6}
    answer = ok(sender.post(f"/api/v1/referrals/{referral.pk}/wait/", body))
    assert answer["state"] == "waitlisted" and answer["offer_until"] is None
    assert {"change_preferences", "stop_waiting", "book"} <= set(answer["available_actions"])
    assert "accept_offer" not in answer["available_actions"]
    [entry] = ok(sender.get(f"/api/v1/waitlist/?referral={referral.pk}"))["results"]
    assert body.items() <= entry.items()
    assert (entry["place"], entry["offer"], entry["ended_at"]) == (1, None, None)
    ok(sender.post(f"/api/v1/referrals/{referral.pk}/change_preferences/", {"notice_hours": 0}))
    assert ok(sender.get(f"/api/v1/waitlist/{entry['id']}/"))["weekdays"] == []
    ok(sender.post(f"/api/v1/referrals/{referral.pk}/stop_waiting/", {}))
    entry = ok(sender.get(f"/api/v1/waitlist/{entry['id']}/"))
    assert (entry["place"], entry["end_reason"]) == (None, "stopped")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"weekdays": [0]}, "weekdays"), ({"parts": ["night"]}, "parts"), ({"notice_hours": 1000}, "notice_hours"),
        ({"clinics": ["019e0000-0000-7000-8000-000000000000"]}, "clinics"), ({"wish": 1}, "wish"),
        ({"earliest_on": "2030-02-02", "latest_on": "2030-02-01"}, "latest_on"),
    ],
)  # fmt: skip
def test_refusals_name_the_field(pair, sender, body, field):
    referral = pair.referral("accepted")
    answer = sender.post(f"/api/v1/referrals/{referral.pk}/wait/", body)
    assert answer.status_code == 400
    assert any(field in error["field"] for error in answer.json()["errors"])


def test_an_offer_is_read_and_answered(pair, sender, receiver):
    referral, slot = waiting(pair), make.make_slot(pair.service, start=at(3, 10))
    make_people.make_offer(referral, slot)
    seen = ok(sender.get(f"/api/v1/referrals/{referral.pk}/"))
    assert {"accept_offer", "decline_offer"} <= set(seen["available_actions"])
    [entry] = ok(sender.get("/api/v1/waitlist/?offered=true"))["results"]
    assert entry["offer"]["slot"] == str(slot.pk) and entry["offer"]["until"] == seen["offer_until"]
    assert ok(sender.get("/api/v1/waitlist/?offered=false"))["results"] == []
    assert receiver.post(f"/api/v1/referrals/{referral.pk}/accept_offer/", {}).status_code == 403
    assert ok(sender.post(f"/api/v1/referrals/{referral.pk}/accept_offer/", {}))["state"] == "booked"
    assert_problem(
        sender.post(f"/api/v1/referrals/{referral.pk}/accept_offer/", {}), 409, "illegal_transition"
    )
    assert ok(sender.get("/api/v1/waitlist/?waiting=true"))["results"] == []


def test_an_offer_that_is_gone_is_said(pair, sender):
    referral = waiting(pair)
    body = {"reason": "time"}
    answer = sender.post(f"/api/v1/referrals/{referral.pk}/decline_offer/", body)
    assert_problem(answer, 409, "offer_gone")


def test_others_have_no_entry(pair):
    referral = waiting(pair)
    stranger = Caller(make.make_organization())
    assert stranger.get(f"/api/v1/waitlist/{referral.waitlist.get().pk}/").status_code == 404
    assert ok(stranger.get("/api/v1/waitlist/"))["results"] == []


def test_thirty_rows_cost_what_one_does(pair, sender):
    waiting(pair)
    sender.get("/api/v1/waitlist/")
    with CaptureQueriesContext(connection) as one:
        ok(sender.get("/api/v1/waitlist/"))
    for _ in range(29):
        waiting(pair)
    with CaptureQueriesContext(connection) as thirty:
        rows = ok(sender.get("/api/v1/waitlist/"))["results"]
    assert len(thirty) == len(one)
    assert sorted(row["place"] for row in rows) == list(range(1, 31))
