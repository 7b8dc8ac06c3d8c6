"""The evaluation of bids by REST: declared conflicts, marks that nobody sees too early, ranks, the award."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.web import menu
from investors.models import Score
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.investors.api.test_bids import api_of

pytestmark = pytest.mark.django_db

PEOPLE = "/api/v1/evaluators/"
JSON = {"format": "json"}


@pytest.fixture
def tender(site):
    """In evaluation, with two opened bids; the price is computed."""
    tender = rows.make_tender(
        rows.make_plot(site, state="in_tender"), state="evaluation", version=1,
        at=rows.timezone.now() - timedelta(days=41),
    )  # fmt: skip
    rows.make_version(tender)
    tender.criteria.filter(position=1).update(figure="price")
    tender.cheap, tender.dear = (
        rows.make_opened_bid(tender, price=price, state="submitted") for price in ("1", "2")
    )
    return tender


@pytest.fixture
def office(site):
    return api_of(make.make_member("land"))


def errors_of(answer):
    return {one["field"] for one in answer.json()["errors"]}


def test_the_way_from_the_opening_to_the_award(office, tender):
    people = [make.make_user(), make.make_user()]
    named = []
    for person in people:
        made = office.post(PEOPLE, {"tender": str(tender.pk), "email": person.email}, **JSON)
        assert made.status_code == 201 and made.json()["available_actions"] == ["exclude"], made.content
        named.append(made.json()["id"])
    again = office.post(PEOPLE, {"tender": str(tender.pk), "email": people[0].email}, **JSON)
    assert again.status_code == 409 and again.json()["code"] == "evaluator_named"
    for bid in (tender.cheap, tender.dear):
        own = f"/api/v1/bids/{bid.pk}/"
        assert office.get(f"{own}contents/").json()["offer"] is None
        assert (
            office.post(f"{own}qualify/", {"reason": "Лицензия есть"}, **JSON).json()["state"] == "qualified"
        )
        assert office.get(f"{own}contents/").json()["offer"]["price"]
    criterion = str(tender.criteria.get(position=2).pk)
    for person, own, other, value in zip(people, named, named[::-1], ("80", "60"), strict=True):
        judge = api_of(person)
        address = f"{PEOPLE}{own}/"
        assert judge.get(address).json()["available_actions"] == ["declare", "recuse"]
        sheet = judge.get(f"{address}sheet/").json()
        assert len(sheet["companies"]) == 2 and sheet["bids"] == []
        assert [one["id"] for one in sheet["criteria"]] == [criterion]
        mark = {
            "bid": str(tender.cheap.pk),
            "criterion": criterion,
            "value": value,
            "comment": "Расчёты есть",
        }
        early = judge.post(f"{address}marks/", {"marks": [mark]}, **JSON)
        assert (early.status_code, early.json()["code"]) == (409, "mark_not_awaited")
        assert judge.post(f"{address}declare/").json()["available_actions"] == ["recuse", "finish", "marks"]
        assert len(judge.get(f"{address}sheet/").json()["bids"]) == 2
        wrong = judge.post(f"{address}marks/", {"marks": [mark | {"value": "101"}]}, **JSON)
        assert wrong.status_code == 400
        assert judge.post(f"{address}marks/", {"marks": [mark]}, **JSON).status_code == 200
        missing = judge.post(f"{address}finish/", {}, **JSON)
        assert missing.status_code == 400 and errors_of(missing) == {f"{tender.dear.pk}:{criterion}"}
        # Nobody sees them before all have finished: not the office, not another evaluator.
        assert judge.get(f"{PEOPLE}{other}/").status_code == 404
        last = {"marks": [mark | {"bid": str(tender.dear.pk), "value": "90"}]}
        assert judge.post(f"{address}finish/", last, **JSON).json()["state"] == "finished"
        fixed = judge.post(f"{address}marks/", {"marks": [mark]}, **JSON)
        assert fixed.status_code == 409
        if value == "80":
            assert office.get(f"{address}marks/").json() == []
            assert office.get(f"/api/v1/tenders/{tender.pk}/ranking/").json() == []
            assert judge.get(f"{address}sheet/").json()["ranking"] == []
    assert len(office.get(f"{PEOPLE}{named[0]}/marks/").json()) == 2
    ranks = office.get(f"/api/v1/tenders/{tender.pk}/ranking/").json()
    # The price weighs 60: 50 and 100 of it; the marks 40: 70 and 90.
    assert [(one["bid"], one["total"]) for one in ranks] == [
        (str(tender.dear.pk), "96.0000"), (str(tender.cheap.pk), "58.0000"),
    ]  # fmt: skip
    assert judge.get(f"{address}sheet/").json()["ranking"] == ranks
    reasons = {"reasons_ru": "Лучшее предложение", "reasons_en": "The best offer"}
    assert office.post(f"/api/v1/tenders/{tender.pk}/award/", reasons, **JSON).json()["state"] == "awarded"
    assert api_of(people[0]).get(f"{PEOPLE}{named[0]}/").json()["available_actions"] == []


def test_a_declared_conflict_makes_marks_impossible(office, tender):
    for bid in (tender.cheap, tender.dear):
        office.post(f"/api/v1/bids/{bid.pk}/qualify/", {"reason": "Есть"}, **JSON)
    person = make.make_user()
    evaluator = rows.make_evaluator(tender, person, state="named")
    judge, address = api_of(person), f"{PEOPLE}{evaluator.pk}/"
    assert errors_of(judge.post(f"{address}recuse/", {"reason": " "}, **JSON)) == {"reason"}
    gone = judge.post(f"{address}recuse/", {"reason": "Мой брат там работает"}, **JSON).json()
    assert (gone["state"], gone["available_actions"]) == ("excluded", [])
    mark = {"bid": str(tender.cheap.pk), "criterion": str(tender.criteria.get(position=2).pk), "value": "80"}
    for step, body in (("marks", {"marks": [mark]}), ("finish", {"marks": [mark]}), ("declare", {})):
        assert judge.post(f"{address}{step}/", body, **JSON).status_code == 409
    assert not Score.objects.exists() and judge.get(f"{address}sheet/").json()["bids"] == []
    assert judge.get(f"/api/v1/bids/{tender.cheap.pk}/contents/").status_code == 404


def test_the_cost_of_the_list_does_not_grow(office, tender):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            found = office.get(f"{PEOPLE}?tender={tender.pk}").json()["results"]
        return len(queries), len(found)

    rows.make_evaluator(tender)
    office.get(PEOPLE)
    one, number = cost()
    for _ in range(9):
        rows.make_evaluator(tender)
    assert (number, cost()) == (1, (one, 10))


def test_the_menu_leads_an_evaluator_to_the_bids(client, tender):
    person = make.make_user()
    client.force_login(person)
    assert b"/tenders/marks/" not in client.get("/tenders/").content
    evaluator = rows.make_evaluator(tender, person, state="named")
    rows.make_evaluator(tender)
    menu.forget_counters(rows.resolve_actor(user=person))
    page = client.get("/tenders/marks/")
    assert [task.pk for task, _tone, _waits in page.context["tasks"]] == [evaluator.pk]
    assert page.content.count(b'href="/tenders/marks/"') == 1
