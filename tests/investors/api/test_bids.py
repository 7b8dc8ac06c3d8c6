"""Questions, sealed bids and awards by REST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from cluster_portal.api.models import IdempotencyRecord
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.investors.services.test_bids import ELIGIBILITY, OFFER, PLANTED, everything_in_the_database

pytestmark = pytest.mark.django_db

BIDS = "/api/v1/bids/"


def api_of(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def company(site):
    investor = rows.make_investor()
    investor.api = api_of(investor.members.get().user)
    return investor


def in_state(site, state, days):
    return rows.make_tender(
        rows.make_plot(site, at=(days % 10, 3), state="in_tender"), state=state, version=1,
        at=rows.timezone.now() - timedelta(days=days), opening_key=rows.sealing.new_opening_key()[1],
    )  # fmt: skip


def test_a_bid_is_sealed_replaced_and_withdrawn_and_nothing_of_it_is_kept_in_clear(company, site):
    tender = in_state(site, "bidding", 12)
    body = {"tender": str(tender.pk), "investor": str(company.pk), "eligibility": ELIGIBILITY, "offer": OFFER}
    sent = company.api.post(BIDS, body, format="json", headers={"Idempotency-Key": "first"})
    assert sent.status_code == 201, sent.content
    bid = sent.json()
    assert bid["available_actions"] == ["replace", "withdraw", "files"] and len(bid["digest"]) == 64
    again = company.api.post(BIDS, body, format="json", headers={"Idempotency-Key": "first"})
    assert again.json() == bid and IdempotencyRecord.objects.count() == 1
    dump = everything_in_the_database()
    for word in PLANTED:
        assert word not in dump and word.encode().hex() not in dump and word not in sent.content.decode()
    own = f"{BIDS}{bid['id']}/"
    assert company.api.get(f"{own}contents/").json()["offer"]["price"] == PLANTED[1]
    for stranger in (make.make_member("land"), make.make_member("office"), make.make_user()):
        other = api_of(stranger)
        assert other.get(f"{own}contents/").status_code == 404 and other.get(own).status_code == 404
        assert not other.get(BIDS).json()["results"]
    assert APIClient().get(own).status_code == 401
    replaced = company.api.post(
        f"{own}replace/", {"eligibility": ELIGIBILITY, "offer": OFFER | {"jobs": 9}}, format="json"
    )
    assert replaced.status_code == 200 and replaced.json()["digest"] != bid["digest"]
    wrong = company.api.post(f"{own}replace/", {"eligibility": {}, "offer": OFFER}, format="json")
    assert wrong.status_code == 400 and wrong["Content-Type"].startswith("application/problem+json")
    assert company.api.post(f"{own}withdraw/").json()["state"] == "withdrawn"
    late = in_state(site, "bidding", 41)
    refused = company.api.post(BIDS, body | {"tender": str(late.pk)}, format="json")
    assert refused.status_code == 409 and refused.json()["code"] == "bidding_closed"


def test_questions_are_asked_and_answered(company, site):
    tender = in_state(site, "questions", 2)
    asked = company.api.post(
        "/api/v1/questions/", {"tender": str(tender.pk), "text": "Когда?"}, format="json"
    )
    assert asked.status_code == 201 and "asker" not in asked.json()
    assert not company.api.get("/api/v1/questions/").json()["results"]
    land = api_of(make.make_member("land"))
    one = land.get("/api/v1/questions/", {"unanswered": "true"}).json()["results"][0]["id"]
    answer = {"answer_ru": "Весной", "answer_en": "In spring"}
    assert land.post(f"/api/v1/questions/{one}/answer/", answer, format="json").status_code == 200
    assert company.api.get("/api/v1/questions/", {"tender": str(tender.pk)}).json()["results"][0]["answer"][
        "en"
    ] == ("In spring")


def test_lists_cost_the_same_and_awards_are_public(company, site, django_assert_max_num_queries):
    tender = in_state(site, "evaluation", 45)
    first = rows.make_opened_bid(tender, company)
    land = api_of(make.make_member("land"))
    for _ in range(6):
        rows.make_opened_bid(tender)
    for path in (BIDS, "/api/v1/awards/"):
        with django_assert_max_num_queries(8):
            assert land.get(path).status_code == 200
    for value in (70, 80):
        rows.make_marks(rows.make_evaluator(tender), value)
    grounds = {"reasons_ru": "Лучшее", "reasons_en": "The best"}
    awarded = land.post(f"/api/v1/tenders/{tender.pk}/award/", grounds, format="json")
    assert awarded.status_code == 200, awarded.content
    assert awarded.json()["available_actions"] == ["cancel"]
    (award,) = api_of(make.make_user()).get("/api/v1/awards/", {"tender": str(tender.pk)}).json()["results"]
    assert (award["bid"], award["winner"]["en"]) == (str(first.pk), company.name_en)
    assert company.api.get(f"{BIDS}{first.pk}/").json()["rank"] == 1
    declined = company.api.post(f"/api/v1/awards/{award['id']}/decline/", {"reason": "Нет"}, format="json")
    assert declined.json()["state"] == "declined"
