"""Presence, results and certificates by REST."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def test_an_intake_is_followed_to_its_certificates(client, hospital):
    client.force_login(make.make_member("training", organization=hospital))
    intake = rows.make_intake(begins=-1, days=2, state="running")
    session, elsewhere = rows.make_session(intake), rows.make_session(rows.make_intake(begins=-1))
    nomination = rows.make_nomination(rows.make_specialist(hospital), intake, "in_progress")
    address, one = f"/api/v1/intakes/{intake.pk}/", f"/api/v1/nominations/{nomination.pk}/"
    here = {"session": str(session.pk), "present": [str(nomination.pk)]}
    assert (
        client.post(f"{address}attendance/", here | {"session": str(elsewhere.pk)}, **JSON).status_code == 404
    )
    checks = client.post(f"{address}attendance/", here, **JSON).json()
    assert checks == client.get(f"{address}attendance/").json()
    assert [row["nomination"] for row in checks] == [str(nomination.pk)]
    today = timezone.localdate().isoformat()
    day = client.post(f"{one}journal/", {"day": today, "minutes": 360, "text": "Обход"}, **JSON)
    assert day.status_code == 201, day.content
    confirmed = client.post(f"{one}confirm-journal/", {"entries": [day.json()["id"]]}, **JSON).json()
    assert confirmed[0]["confirmed_at"]
    assert client.post(f"{address}finish/", **JSON).status_code == 200
    standing = client.get(f"{one}standing/").json()
    assert (standing["share"], list(standing["obstacles"])) == (100, ["not_assessed"])
    refused = client.post(f"{one}certify/", **JSON)
    assert (refused.status_code, refused.json()["obstacles"]) == (409, ["not_assessed"])
    said = {"kind": "final", "is_passed": True, "text": "Сдал", "assessor": "Проф. Ли", "assessed_on": today}
    assert client.post(f"{one}assessments/", said, **JSON).status_code == 201
    assert client.post(f"{address}certificates/", **JSON).status_code == 202
    certified = client.post(f"{one}certify/", **JSON).json()
    assert (certified["state"], certified["available_actions"]) == ("certified", ["revoke"])
    found = client.get("/api/v1/certificates/", {"intake": str(intake.pk)}).json()["results"]
    assert [row["content"]["presence"] for row in found] == [100]
    sheet = client.get(f"/api/v1/certificates/{found[0]['id']}/sheet/", {"language": "kk"})
    assert sheet["Content-Type"] == "application/pdf"
    line = client.post(f"{address}expenses/", {"kind": "fee", "title": "Обучение", "planned": "1000"}, **JSON)
    assert line.status_code == 201 and client.get(f"{address}expenses/").json() == [line.json()]
