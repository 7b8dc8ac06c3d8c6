"""Programmes and intakes by REST: read by all, written by the training office."""

from __future__ import annotations

import pytest

from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db

PROGRAMMES, INTAKES = "/api/v1/programmes/", "/api/v1/intakes/"
JSON = {"content_type": "application/json"}


def test_the_training_office_writes_and_everybody_reads(client, hospital):
    client.force_login(make.make_member("training"))
    body = {
        "title_ru": "Управление качеством", "host_ru": "Университет Утрехта", "country": "NL", "city_ru": "Утрехт",
        "format": "seminar", "language": "en", "hours": 16, "credits": 16, "audience": ["chief"],
    }  # fmt: skip
    refused = client.post(PROGRAMMES, body | {"credits": 20}, **JSON)
    assert [error["field"] for error in refused.json()["errors"]] == ["credits"]
    made = client.post(PROGRAMMES, body, **JSON)
    assert made.status_code == 201 and made.json()["available_actions"] == ["publish"]
    address = f"{PROGRAMMES}{made.json()['id']}/"
    assert client.patch(address, {"hours": 18}, **JSON).json()["hours"] == 18
    assert client.post(f"{address}publish/", **JSON).json()["state"] == "published"
    dates = {
        "starts_on": "2030-04-26", "ends_on": "2030-04-27", "time_zone": "Europe/Moscow", "seats": 24,
        "nominate_by": "2030-03-26T10:00:00+03:00",
    }  # fmt: skip
    planned = client.post(f"{address}intakes/", dates, **JSON)
    assert planned.status_code == 201
    own = f"{INTAKES}{planned.json()['id']}/"
    assert client.get(own).json()["available_actions"] == ["open", "cancel"]
    assert client.patch(own, {"seats": 20}, **JSON).json()["seats"] == 20
    assert client.post(f"{own}open/", **JSON).json()["state"] == "open"

    client.force_login(make.make_member("referrer"))
    assert [row["id"] for row in client.get(f"{INTAKES}?accepts=true").json()["results"]] == [
        planned.json()["id"]
    ]
    assert client.get(f"{INTAKES}?accepts=false").json()["results"] == []
    assert len(client.get(f"{PROGRAMMES}?format=seminar&format=conference").json()["results"]) == 1
    assert client.get(f"{PROGRAMMES}?format=internship").json()["results"] == []
    one = client.get(address).json()
    assert (one["title"]["ru"], one["available_actions"]) == ("Управление качеством", [])
    assert client.post(f"{own}close/", **JSON).status_code == 403


def test_an_agenda_is_read_by_time(client, hospital):
    client.force_login(make.make_member("referrer"))
    intake = rows.make_intake()
    rows.make_session(intake, 14, is_break=True)
    rows.make_session(intake, 9)
    found = client.get(f"{INTAKES}{intake.pk}/sessions/").json()
    assert [(row["title"]["ru"], row["is_break"]) for row in found] == [
        ("Занятие в 9", False),
        ("Занятие в 14", True),
    ]
    hidden = rows.make_intake(state="planned")
    assert client.get(f"{INTAKES}{hidden.pk}/").status_code == 404
