"""Presence, results and certificates by REST."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import clinics as make
from tests.factories import training as rows
from tests.files.samples import pdf

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


def refusal(response):
    return response.status_code, [error["field"] for error in response.json()["errors"]]


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


def test_an_expense_is_planned_paid_and_proved(client, hospital):
    client.force_login(make.make_member("training", organization=hospital))
    nomination, stranger = rows.make_nomination(state="confirmed"), rows.make_nomination(state="confirmed")
    expense = rows.make_expense(nomination.intake)
    line = f"/api/v1/training-expenses/{expense.pk}/"
    paid = {"spent": "950.50", "spent_on": "2026-01-12", "nomination": str(nomination.pk)}
    refused = client.patch(line, paid | {"nomination": str(stranger.pk)}, **JSON)
    assert refusal(refused) == (400, ["nomination"])
    seen = client.get(line)["ETag"]
    changed = client.patch(line, paid, headers={"If-Match": seen}, **JSON)
    assert (changed.status_code, changed.json()["spent"]) == (200, "950.50"), changed.content
    assert client.patch(line, paid, headers={"If-Match": seen}, **JSON).status_code == 412
    found = client.get("/api/v1/training-expenses/", {"nomination": str(nomination.pk), "spent": "true"})
    assert found.json()["results"] == [changed.json()]
    sent = client.post(f"{line}receipts/", {"file": SimpleUploadedFile("чек.pdf", pdf())})
    assert sent.status_code == 201, sent.content
    assert client.get(f"{line}receipts/").json() == [sent.json()]
    assert b"".join(client.get(sent["Location"]).streaming_content).startswith(b"%PDF")
    bad = client.post(f"{line}receipts/", {"file": SimpleUploadedFile("чек.pdf", b"no pdf")})
    assert refusal(bad) == (400, ["file"])
    assert client.delete(line).status_code == 409
    planned = rows.make_expense(nomination.intake)
    assert client.delete(f"/api/v1/training-expenses/{planned.pk}/").status_code == 204


def test_a_target_is_set_corrected_and_closed(client, hospital):
    client.force_login(make.make_member("training", organization=hospital))
    address, key = "/api/v1/training-targets/", {"Idempotency-Key": "target-1"}
    aimed = {"title_ru": "Врачи за рубежом", "people": 300, "first_year": 2027, "last_year": 2026}
    refused = client.post(address, aimed, **JSON)
    assert refusal(refused) == (400, ["last_year"])
    aimed |= {"first_year": 2025, "where": "abroad"}
    made = client.post(address, aimed, headers=key, **JSON)
    assert client.post(address, aimed, headers=key, **JSON).json() == made.json()
    assert made.json()["reached"]["completed"] == 0
    changed = client.patch(made["Location"], {"people": 320}, headers={"If-Match": made["ETag"]}, **JSON)
    assert (changed.json()["people"], changed.json()["where"]) == (320, "abroad")
    stale = client.delete(made["Location"], headers={"If-Match": made["ETag"]})
    assert stale.status_code == 412 and client.delete(made["Location"]).status_code == 204
    assert client.get(made["Location"]).status_code == 404
