"""The roadmap by REST: the office plans and moves it on, everybody's program reads what is published."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import ClusterTarget
from tests.api.support import Caller
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

URL = "/api/v1/roadmap/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def office(client, site):
    client.force_login(make.make_member("office"))
    return client


def test_the_office_plans_an_item_and_takes_it_to_its_end(office):
    day, awaited = make.today(), rows.make_roadmap_item(is_public=False)
    body = {
        "title_ru": "Корпус", "section": "facilities", "owner": str(make.make_organization().pk), "post": "Директор",
        "begins_on": f"{day}", "ends_on": f"{day + timedelta(days=9)}", "funding": ["veb"],
        "needs": [str(awaited.pk)],
    }  # fmt: skip
    wrong = office.post(URL, body | {"ends_on": f"{day - timedelta(days=1)}"}, **JSON)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "begins_on")
    made = office.post(URL, body, **JSON)
    assert made.status_code == 201, made.content
    item = made.json()
    assert item["available_actions"] == ["start", "postpone", "drop"] and item["needs"] == [str(awaited.pk)]
    address, etag = f"{URL}{item['id']}/", made.headers["ETag"]
    until = {"reason": "Проект", "ends_on": f"{day + timedelta(days=20)}"}
    moved = office.post(f"{address}postpone/", until, **JSON, headers={"If-Match": etag})
    assert [(one["was"], one["becomes"]) for one in moved.json()["moves"]] == [
        (body["ends_on"], until["ends_on"])
    ]
    assert office.patch(address, {"post": "Зам"}, **JSON, headers={"If-Match": etag}).status_code == 412
    assert office.patch(address, {"ends_on": body["ends_on"]}, **JSON).status_code == 400
    corrected = office.patch(address, {"post": "Зам"}, **JSON).json()
    assert (corrected["post"], corrected["needs"]) == ("Зам", [str(awaited.pk)])
    assert office.post(f"{address}finish/", **JSON).status_code == 409
    office.post(f"{address}start/", **JSON)
    assert office.post(f"{address}finish/", **JSON).json()["available_actions"] == []
    seen = Caller().get(address).json()
    assert (seen["state"], seen["needs"], seen["available_actions"]) == ("done", [], [])


def test_readers_filter_what_is_published_with_as_many_queries(site):
    day, reader = make.today(), Caller()
    late = rows.make_roadmap_item(begins_on=day - timedelta(days=60))
    rows.make_roadmap_item(is_public=False)
    found = reader.get(f"{URL}?is_late=true").json()["results"]
    assert [(one["id"], one["is_late"]) for one in found] == [(str(late.pk), True)]
    counts = []
    for more in (0, 29):
        for _n in range(more):
            rows.make_roadmap_item()
        with CaptureQueriesContext(connection) as asked:
            assert len(reader.get(f"{URL}?limit=50").json()["results"]) == 1 + more
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_figures_tell_of_the_promise(site):
    reader = Caller()
    rows.make_roadmap_item(state="done", finished_on=make.today())
    assert reader.get(f"{URL}figures/").json() == {"whole": 1, "done": 1, "late": 0, "facilities": None}
    ClusterTarget.objects.create(code="facilities", name_ru="Объекты", value=60, due_year=2025)
    make.make_clinic(is_programme=True, opened_on=make.today() - timedelta(days=400))
    told = reader.get(f"{URL}figures/").json()["facilities"]
    assert (told["promised"], told["opened"], told["due"]) == (60, 1, "2025-12-31")
    assert told["years"][0]["opened"] == 1
