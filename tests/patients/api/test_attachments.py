"""Files of a referral by REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.client import MULTIPART_CONTENT

from patients.models import Attachment
from tests.api.support import PROBLEM, Caller
from tests.factories import clinics, patients
from tests.files import samples as s
from tests.files.test_hostile import HOSTILE

pytestmark = pytest.mark.django_db


def upload(
    caller: Caller, referral: Any, name: str = "Холтер.pdf", content: bytes | None = None, **more: Any
) -> Any:
    body = {"file": s.upload(name, s.pdf() if content is None else content), "kind": "examination"}
    address = f"/api/v1/referrals/{referral.pk}/attachments/"
    return caller.post(address, body, content_type=MULTIPART_CONTENT, **more)


def test_from_upload_to_removal(pair, sender, receiver) -> None:
    referral = pair.referral("booked")
    made = upload(sender, referral)
    assert made.status_code == 201, made.content
    file = made.json()
    assert (file["name"], file["kind"], file["format"], file["size"]) == (
        "Холтер.pdf", "examination", "pdf", len(s.pdf()),
    )  # fmt: skip
    assert file["content_type"] == "application/pdf" and file["removable"] and not file["seen_at"]
    assert "path" not in file
    place = made["Location"].partition("testserver")[2]
    assert sender.get(place).json() == file

    [listed] = receiver.get(f"/api/v1/referrals/{referral.pk}/attachments/").json()
    assert listed["id"] == file["id"] and not listed["removable"]
    content = receiver.get(f"{place}file/")
    assert content.getvalue() == s.pdf()
    assert content["Content-Disposition"].startswith("attachment; ")
    assert content["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sender.get(place).json()["seen_at"]

    kept = sender.delete(place, headers={"Authorization": f"Bearer {sender.token}", "Accept-Language": "en"})
    assert (kept.status_code, kept.json()["code"]) == (409, "file_seen")


def test_own_unseen_files_go(pair, sender) -> None:
    referral = pair.referral("booked")
    place = upload(sender, referral)["Location"].partition("testserver")[2]
    answer = sender.delete(place, headers={"Authorization": f"Bearer {sender.token}"})
    assert answer.status_code == 204 and not Attachment.objects.exists()
    assert sender.get(place).status_code == 404


def test_sent_twice_it_is_there_once(pair, sender) -> None:
    referral = pair.referral("booked")
    headers = {"Idempotency-Key": "file-1"}
    first, again = upload(sender, referral, headers=headers), upload(sender, referral, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    other = upload(sender, referral, content=s.pdf(b"/Other true "), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert Attachment.objects.count() == 1
    # Without the key the same content is told apart by what it is.
    twice = upload(sender, referral)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_attached")


@pytest.mark.parametrize("case", ["svg", "svg as png", "empty", "document with macros", "pdf as png"])
@pytest.mark.parametrize("key", [None, "k"])
def test_a_refusal_names_the_field_and_the_reason(pair, sender, case, key) -> None:
    name, content, reason = HOSTILE[case]
    answer = upload(
        sender, pair.referral("booked"), name, content, headers={"Idempotency-Key": key} if key else None
    )
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert (problem["code"], problem["reason"]) == ("file_refused", reason)
    [error] = problem["errors"]
    assert error["field"] == "file" and len(error["detail"]) >= 10
    assert not Attachment.objects.exists()


def test_what_is_missing_is_said(pair, sender) -> None:
    address = f"/api/v1/referrals/{pair.referral('booked').pk}/attachments/"
    answer = sender.post(address, {}, content_type=MULTIPART_CONTENT)
    assert {error["field"] for error in answer.json()["errors"]} == {"file", "kind"}
    answer = sender.post(address, {"kind": "other", "file": "text"}, content_type=MULTIPART_CONTENT)
    assert [error["field"] for error in answer.json()["errors"]] == ["file"]
    answer = sender.post(address, {"kind": "other"})
    assert answer.status_code == 415 and "multipart/form-data" in answer.json()["detail"]


def test_the_scanner_is_away(pair, sender, settings) -> None:
    settings.CLAMD = "tcp://127.0.0.1:9"
    answer = upload(sender, pair.referral("booked"))
    assert (answer.status_code, answer.json()["code"]) == (503, "scanner_away")
    assert answer["Retry-After"]


def test_scopes_and_strangers(pair) -> None:
    referral = pair.referral("booked")
    file = patients.make_attachment(referral)
    stranger = Caller(clinics.make_organization())
    base = f"/api/v1/referrals/{referral.pk}/attachments/"
    for address in (base, f"{base}{file.pk}/", f"{base}{file.pk}/file/", f"{base}nonsense/"):
        assert stranger.get(address).status_code == 404
    assert upload(stranger, referral).status_code == 404
    reader = Caller(pair.source.organization, frozenset({"referrals:read"}))
    assert reader.get(base).status_code == 200
    assert upload(reader, referral).json()["code"] == "insufficient_scope"


def test_a_conclusion_with_files(pair, sender, receiver) -> None:
    referral = pair.referral("in_care")
    address = f"/api/v1/referrals/{referral.pk}/complete/"
    body = {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "I48.0"}
    bad = receiver.post(
        address, {**body, "files": [s.upload("x.svg", b"<svg/>")]}, content_type=MULTIPART_CONTENT
    )
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "files")
    files = [s.upload("Эхо.pdf", s.pdf()), s.upload("снимок.png", s.png())]
    done = receiver.post(address, {**body, "files": files}, content_type=MULTIPART_CONTENT)
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    listed = sender.get(f"/api/v1/referrals/{referral.pk}/attachments/").json()
    assert {file["kind"] for file in listed} == {"conclusion"} and len(listed) == 2


def test_a_conclusion_in_json_goes_on_working(pair, receiver) -> None:
    body = {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "I48.0"}
    answer = receiver.post(f"/api/v1/referrals/{pair.referral('in_care').pk}/complete/", body)
    assert answer.status_code == 200


def test_the_schema_tells_of_binary_content(client) -> None:
    paths = client.get("/api/schema/?format=json", headers={"Accept": "application/json"}).json()["paths"]
    base = "/api/v1/referrals/{id}/attachments/"
    body = paths[base]["post"]["requestBody"]["content"]
    assert set(body) == {"multipart/form-data"}
    given = paths[base + "{attachment}/file/"]["get"]["responses"]["200"]["content"]
    assert "application/pdf" in given and "application/dicom" in given
    assert {content["schema"]["format"] for content in given.values()} == {"binary"}
    concluded = paths["/api/v1/referrals/{id}/complete/"]["post"]["requestBody"]["content"]
    assert set(concluded) == {"application/json", "multipart/form-data"}
