"""Pages of programmes: what is open to everybody, and how the training office writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import Intake, Programme

pytestmark = pytest.mark.django_db

OFFER, OFFICE = "/programmes/", "/training/programmes/"


@pytest.fixture
def staff(client, hospital):
    client.force_login(make.make_member("training"))
    return client


def shown(page):
    return [row["intake"].pk for row in page.context["page"].items]


def test_visitors_see_what_is_open_and_filters_narrow(client, hospital):
    abroad = rows.make_intake()
    home = rows.make_intake(
        rows.make_programme(country="RU", format="simulation", language="ru", specialties=["cardiology"]),
        begins=40,
    )
    make.make_specialty()
    later = rows.make_intake(abroad.programme, begins=90, state="closed")
    past = rows.make_intake(abroad.programme, begins=-400, state="finished")
    rows.make_intake(abroad.programme, begins=120, state="planned")
    rows.make_intake(rows.make_programme(state="draft"))
    rows.make_intake(begins=20, nominate_by=timezone.now() - timedelta(hours=1))
    for query, expected in (
        ("", [home, abroad]), ("where=home", [home]), ("where=abroad", [abroad]), ("format=simulation", [home]),
        ("specialty=cardiology", [home, abroad]), ("language=ru", [home]), ("intake=past", [past]),
        ("format=seminar&intake=past", [past]), ("intake=coming&where=abroad", [abroad, later]),
        ("where=moon", [home, abroad]),
    ):  # fmt: skip
        found = shown(client.get(f"{OFFER}?{query}"))
        if query == "intake=coming&where=abroad":
            found = [pk for pk in found if pk in {abroad.pk, later.pk}]
        assert found == [row.pk for row in expected], query
    summary = client.get(OFFER).context["open"]
    assert summary == {"intakes": 2, "seats": 20}


def test_the_cost_of_the_public_list_does_not_grow(client, hospital):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(OFFER)
        return len(queries), len(shown(page))

    first = rows.make_intake()
    client.get(OFFER)
    one, number = cost()
    same = {
        name: getattr(first, name)
        for name in ("starts_on", "ends_on", "time_zone", "seats", "nominate_by", "state")
    }
    Intake.objects.bulk_create(Intake(programme=rows.make_programme(), **same) for _n in range(29))
    assert (number, cost()) == (1, (one, 30))


def test_the_page_of_a_programme_shows_the_next_intake_or_the_named_one(client, hospital):
    programme = rows.make_programme(
        goals_ru="первое\n\nвторое", audience=["chief"], required_papers=["passport"]
    )
    soon = rows.make_intake(programme, begins=30)
    rows.make_intake(programme, begins=90)
    past = rows.make_intake(programme, begins=-400, state="finished")
    planned = rows.make_intake(programme, begins=300, state="planned")
    rows.make_session(soon, 9)
    page = client.get(f"{OFFER}{programme.pk}/")
    assert page.context["intake"] == soon and page.context["goals"] == ["первое", "второе"]
    assert [len(day.sessions) for day in page.context["found"].days] == [1]
    assert client.get(f"{OFFER}{programme.pk}/?intake={past.pk}").context["intake"] == past
    assert client.get(f"{OFFER}{programme.pk}/?intake={planned.pk}").status_code == 404
    assert client.get(f"{OFFER}{programme.pk}/?intake=x").status_code == 404
    # A programme without an intake still has a page; a draft has none.
    assert client.get(f"{OFFER}{rows.make_programme().pk}/").context["intake"] is None
    assert client.get(f"{OFFER}{rows.make_programme(state='draft').pk}/").status_code == 404


def test_the_office_writes_a_programme_an_intake_and_an_agenda(staff):
    form = {
        "title_ru": "Управление качеством", "host_ru": "Университет Утрехта", "country": "NL", "city_ru": "Утрехт",
        "format": "seminar", "language": "en", "hours": "16", "credits": "17", "payer": "cluster",
        "audience": ["chief", "deputy"], "presence_share": "80", "presence_minutes": "600",
    }  # fmt: skip
    wrong = staff.post(f"{OFFICE}new/", form)
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["credits"]
    assert staff.post(f"{OFFICE}new/", form | {"credits": "16"}).status_code == 303
    programme = Programme.objects.get()
    assert programme.audience == ["chief", "deputy"] and programme.state == "draft"
    address = f"{OFFICE}{programme.pk}/"
    assert staff.get(f"{address}edit/").context["form"].initial["hours"] == 16
    assert staff.post(f"{address}edit/", form | {"credits": "8"}).status_code == 303
    assert staff.post(f"{address}publish/").status_code == 303
    dates = {
        "starts_on": "2030-04-26", "ends_on": "2030-04-27", "time_zone": "Europe/Moscow", "seats": "24",
        "nominate_on": "2030-04-26", "nominate_at": "10:00",
    }  # fmt: skip
    late = staff.post(f"{address}intakes/new/", dates)
    assert late.status_code == 422 and list(late.context["form"].errors) == ["nominate_on"]
    assert staff.post(f"{address}intakes/new/", dates | {"nominate_on": "2030-03-26"}).status_code == 303
    intake = Intake.objects.get()
    assert intake.nominate_by.isoformat() == "2030-03-26T07:00:00+00:00"
    own = f"/training/intakes/{intake.pk}/"
    assert str(staff.get(f"{own}edit/").context["form"].initial["nominate_at"]) == "10:00:00"
    lesson = {"day": "2030-04-26", "starts": "09:30", "ends": "11:00", "title_ru": "Что такое качество"}
    assert staff.post(f"{own}sessions/new/", lesson | {"ends": "09:00"}).status_code == 422
    assert staff.post(f"{own}sessions/new/", lesson).status_code == 303
    session = intake.sessions.get()
    assert staff.get(f"/training/sessions/{session.pk}/").context["form"].initial["starts"].hour == 9
    for name, _act in staff.get(own).context["acts"]:
        assert staff.get(f"{own}{name}/").status_code == 200
    assert staff.post(f"{own}open/").status_code == 303
    assert shown(staff.get(OFFER)) == [intake.pk]
    assert staff.post(f"{own}cancel/", {"reason": ""}).status_code == 422
    assert staff.post(f"/training/sessions/{session.pk}/remove/").status_code == 303
    assert not intake.sessions.exists()


def test_the_cost_of_the_offices_list_does_not_grow(staff):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(OFFICE)
        return len(queries), len(page.context["page"].items)

    rows.make_intake()
    staff.get(OFFICE)
    one, number = cost()
    for _n in range(29):
        rows.make_programme()
    assert (number, cost()) == (1, (one, 30))
