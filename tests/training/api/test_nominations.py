"""Nominations by REST: an employer's system nominates and withdraws; actions follow the table."""

from __future__ import annotations

import pytest

from tests.api.support import make_token
from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db

URL = "/api/v1/nominations/"
JSON = {"content_type": "application/json"}


def test_the_way_by_rest(client, hospital):
    scopes = frozenset({"training:read", "training:write"})
    program = make.make_client(hospital, allowed_scopes=sorted(scopes))
    system = {"headers": {"Authorization": f"Bearer {make_token(program, scopes)}"}}
    person, intake = rows.make_specialist(hospital), rows.make_intake(seats=1)
    body = {"specialist": str(person.pk), "intake": str(intake.pk)}
    made = client.post(URL, body, **system, **JSON)
    assert made.status_code == 201, made.content
    one = made.json()
    assert (one["state"], one["available_actions"]) == ("endorsed", ["withdraw"])
    assert client.post(URL, body, **system, **JSON).json()["code"] == "already_nominated"
    address = f"{URL}{one['id']}/"
    assert client.post(f"{address}shortlist/", **system, **JSON).status_code == 403

    client.force_login(make.make_member("training"))
    assert client.get(address).json()["available_actions"] == ["shortlist", "wait", "reject", "withdraw"]
    client.post(f"{address}shortlist/", **JSON)
    offered = client.post(f"{address}offer/", **JSON).json()
    assert (offered["state"], bool(offered["offer_until"])) == ("offered", True)
    other = rows.make_nomination(intake=intake, state="shortlisted")
    assert client.post(f"{URL}{other.pk}/offer/", **JSON).json()["code"] == "no_seat"
    client.logout()

    taken = client.post(f"{address}accept/", **system, **JSON).json()
    assert (taken["state"], taken["available_actions"]) == ("accepted", ["withdraw"])
    left = client.post(f"{address}withdraw/", {"reason": "Заболел"}, **system, **JSON).json()
    assert (left["state"], left["end_reason"]) == ("withdrawn", "Заболел")
    story = client.get(f"{address}history/", **system).json()
    assert [step["to_state"] for step in story][:2] == ["withdrawn", "accepted"]
    listed = client.get(f"{URL}?state=withdrawn&intake={intake.pk}", **system).json()["results"]
    assert [row["number"] for row in listed] == [one["number"]]
