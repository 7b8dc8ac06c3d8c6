"""Pages of nominations: the employer's list, the board with its bulk acts, the person's own page; constant costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import Nomination

pytestmark = pytest.mark.django_db

LIST = "/nominations/"


@pytest.fixture
def staff(client, hospital):
    client.force_login(make.make_member("manager", organization=hospital))
    return client


@pytest.fixture
def person(hospital):
    return rows.make_specialist(hospital, user=make.make_member("specialist", organization=hospital))


def many(intake, hospital, number, state="endorsed"):
    for _n in range(number):
        rows.make_nomination(rows.make_specialist(hospital), intake, state)


def cost(client, address):
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address)
    return len(queries), len((page.context.get("board") or page.context)["page"].items)


def test_a_manager_nominates_and_follows(staff, hospital):
    intake = rows.make_intake(rows.make_programme(audience=["doctor"]))
    person, nurse = rows.make_specialist(hospital), rows.make_specialist(hospital, grade="nurse")
    rows.make_nomination(intake=intake)  # a stranger's
    address = f"/programmes/intakes/{intake.pk}/nominate/"
    assert address in staff.get(f"/programmes/{intake.programme_id}/").text
    form = {"specialist": str(nurse.pk), "choice": "1"}
    assert list(staff.post(address, form).context["form"].errors) == ["specialist"]
    assert staff.post(address, form | {"specialist": str(person.pk)}).status_code == 303
    page = staff.get(LIST)
    assert [row["nomination"].specialist for row in page.context["page"].items] == [person]
    assert [tab["count"] for tab in page.context["tabs"]] == [1, 1]
    made = Nomination.objects.get(specialist=person)
    detail = staff.get(f"{LIST}{made.pk}/")
    names = [detail.context["main"], *detail.context["more"]]
    for name, _act in filter(None, names):
        assert staff.get(f"{LIST}{made.pk}/{name}/").status_code == 200
    assert staff.post(f"{LIST}{made.pk}/withdraw/", {"reason": ""}).status_code == 422
    assert staff.post(f"{LIST}{made.pk}/withdraw/", {"reason": "Заболел"}).status_code == 303
    assert staff.get(f"{LIST}?state=withdrawn").context["page"].items
    assert staff.get(f"{LIST}{made.pk}/shortlist/").status_code == 403


def test_lists_cost_the_same_however_long_they_are(staff, hospital, client):
    intake = rows.make_intake(seats=100)
    many(intake, hospital, 1)
    board = f"/training/intakes/{intake.pk}/?state=endorsed"
    office = make.make_member("training")
    manager = make.make_member("manager", organization=hospital)
    costs = {}
    for number in (1, 30):
        for user, address in ((manager, LIST), (office, board)):
            client.force_login(user)
            client.get(address)
            costs[address, number] = cost(client, address)
        many(intake, hospital, 29) if number == 1 else None
    for address in (LIST, board):
        assert costs[address, 1] == (costs[address, 30][0], 1) and costs[address, 30][1] == 30


def test_the_office_acts_on_many_and_is_told_of_each_that_was_left(client, hospital):
    client.force_login(make.make_member("training"))
    intake = rows.make_intake(seats=2)
    people = [rows.make_nomination(rows.make_specialist(hospital), intake, "shortlisted") for _n in range(3)]
    bulk = f"/training/intakes/{intake.pk}/bulk/"
    page = client.get(f"/training/intakes/{intake.pk}/")
    assert page.context["board"]["state"] == "shortlisted"
    assert [name for name, _act in page.context["board"]["bulk"]] == ["offer", "wait", "reject"]
    answer = client.post(
        bulk, {"act": "offer", "row": [one.pk for one in people], "state": "shortlisted"}, follow=True
    )
    assert sorted(Nomination.objects.values_list("state", flat=True)) == ["offered", "offered", "shortlisted"]
    assert len(list(answer.context["messages"])) == 2
    for wrong in (
        {"act": "offer"},
        {"act": "explode", "row": people[0].pk},
        {"act": "reject", "row": people[2].pk},
    ):
        assert client.post(bulk, wrong).status_code == 303
    assert Nomination.objects.filter(state="shortlisted").count() == 1
    client.post(bulk, {"act": "reject", "row": [people[2].pk], "reason": "Мест нет"})
    assert Nomination.objects.get(pk=people[2].pk).end_reason == "Мест нет"


def test_the_own_page_has_offers_papers_and_what_is_to_come(client, hospital, person):
    client.force_login(person.user)
    need = rows.make_programme(required_papers=["passport"])
    offered = rows.make_nomination(person, rows.make_intake(), "offered")
    rows.make_nomination(person, rows.make_intake(need, begins=100), "accepted")
    rows.make_nomination(person, rows.make_intake(begins=200), "waitlisted")
    rows.make_nomination(person, rows.make_intake(begins=-300), "certified")
    page = client.get("/my-training/")
    file = page.context["files"][0]
    assert [len(file["coming"]), len(file["waiting"]), len(file["own"].offers), len(file["own"].past)] == [
        1,
        1,
        1,
        1,
    ]
    assert len(file["coming"][0]["missing"]) == 1
    accept = f"{LIST}{offered.pk}/accept/"
    assert accept in page.text and client.get(accept).status_code == 200
    assert client.post(accept).url == "/my-training/"
    assert Nomination.objects.get(pk=offered.pk).state == "accepted"
    assert client.get(LIST).status_code == 403
    client.force_login(make.make_member("referrer"))
    assert client.get("/my-training/").context["files"] == []
    assert client.get(f"{LIST}{offered.pk}/").status_code == 404
