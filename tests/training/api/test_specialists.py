"""Specialists by REST: an employer's system keeps its own people."""

from __future__ import annotations

import pytest

from tests.api.support import make_token
from tests.factories import clinics as make
from tests.factories.training import make_intake, make_nomination, make_specialist
from training.models import Specialist

pytestmark = pytest.mark.django_db

URL = "/api/v1/specialists/"


@pytest.fixture
def headers(hospital):
    scopes = frozenset({"training:read", "training:write"})
    program = make.make_client(hospital, allowed_scopes=sorted(scopes))
    return {"Authorization": f"Bearer {make_token(program, scopes)}"}


def test_a_system_enters_corrects_and_lists_its_people(client, headers, hospital):
    make.make_specialty()
    make_specialist()
    body = {
        "family": "Сон", "given": "Ольга", "position": "Врач", "specialty": "cardiology", "languages": {"en": "B2"},
    }  # fmt: skip
    ask = {"headers": headers, "content_type": "application/json"}
    made = client.post(URL, body, **ask)
    assert made.status_code == 201, made.content
    one = made.json()
    assert (one["organization"], one["available_actions"]) == (str(hospital.pk), ["leave"])
    address = f"{URL}{one['id']}/"
    assert client.patch(address, {"position": "Заведующая"}, **ask).json()["position"] == "Заведующая"
    assert [
        row["id"] for row in client.get(f"{URL}?q=сон&grade=doctor", headers=headers).json()["results"]
    ] == [one["id"]]
    paper = client.post(f"{address}papers/", {"kind": "visa", "country": "KR"}, **ask)
    assert paper.status_code == 201
    assert client.get(f"{address}papers/", headers=headers).json() == [paper.json()]
    left = client.post(f"{address}leave/", {"reason": "Переезд"}, **ask)
    assert (left.json()["state"], left.json()["available_actions"]) == ("left", ["return"])
    assert client.post(f"{address}leave/", {"reason": "ещё"}, **ask).json()["code"] == "illegal_transition"
    assert client.post(f"{address}return/", **ask).json()["state"] == "active"


def test_errors_name_their_field(client, headers, hospital):
    make.make_specialty()
    body = {"family": "Сон", "given": "Ольга", "position": "Врач", "specialty": "cardiology"}
    for wrong, field in (
        ({"languages": {"en": "fluent"}}, "languages.en"), ({"languages": {"xx": "B1"}}, "languages"),
        ({"specialty": "magic"}, "specialty"), ({"salary": 1}, "salary"),
    ):  # fmt: skip
        answer = client.post(URL, body | wrong, headers=headers, content_type="application/json")
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    other = make.make_organization()
    refused = client.post(
        URL, body | {"organization": str(other.pk)}, headers=headers, content_type="application/json"
    )
    assert refused.status_code == 403
    assert not Specialist.objects.exists()


def test_preferences_are_put_in_order(client, headers, hospital):
    person = make_specialist(hospital)
    a, b = (str(make_nomination(person, make_intake(), choice=n).pk) for n in (1, 2))
    address = f"{URL}{person.pk}/preferences/"
    ask = {"headers": headers, "content_type": "application/json"}
    assert [row["id"] for row in client.get(address, headers=headers).json()] == [a, b]
    ranked = client.post(address, {"order": [b]}, **ask)
    assert [(row["id"], row["choice"]) for row in ranked.json()] == [(b, 1), (a, 2)]
    wrong = client.post(address, {"order": [b, b]}, **ask)
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "order"
    assert client.get(f"{URL}{make_specialist().pk}/preferences/", headers=headers).status_code == 404
