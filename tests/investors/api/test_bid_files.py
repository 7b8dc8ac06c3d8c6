"""Files in the envelopes of bids, by REST and by the pages."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from cluster_portal.api.models import IdempotencyRecord
from investors.models import SealedFile
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.files import samples
from tests.investors.api.test_bids import BIDS, api_of, company, in_state
from tests.investors.services.test_bids import ELIGIBILITY, OFFER, everything_in_the_database

__all__ = ["company"]

pytestmark = pytest.mark.django_db

NAME = "Расчёт Ноготкова.pdf"


@pytest.fixture
def bid(company, site):
    return rows.make_bid(in_state(site, "bidding", 12), company)


def paper(name=NAME):
    return samples.upload(name, samples.pdf(b"/Title (Kedrovy Stlanik) "))


def test_a_file_is_added_read_and_taken_out_by_its_company_alone(company, bid):
    own = f"{BIDS}{bid.pk}/"
    key = {"Idempotency-Key": "once"}
    sent = company.api.post(f"{own}files/", {"envelope": "offer", "file": paper()}, headers=key)
    assert sent.status_code == 200, sent.content
    assert sent.json()["digest"] != bid.digest and "files" in sent.json()["available_actions"]
    again = company.api.post(f"{own}files/", {"envelope": "offer", "file": paper()}, headers=key)
    assert again.content == sent.content and IdempotencyRecord.objects.count() == 1
    # The same without a key: one file, not two.
    assert company.api.post(f"{own}files/", {"envelope": "offer", "file": paper()}).status_code == 200
    [file] = company.api.get(f"{own}files/").json()
    assert (file["name"], file["envelope"], file["format"]) == (NAME, "offer", "pdf")
    dump = everything_in_the_database()
    for word in ("Ноготков", "Kedrovy", file["sha256"]):
        assert word not in dump and word.encode().hex() not in dump and word not in sent.content.decode()
    got = company.api.get(f"{own}files/{file['id']}/content/")
    content = b"".join(got.streaming_content)
    assert hashlib.sha256(content).hexdigest() == file["sha256"] and int(got["Content-Length"]) == len(
        content
    )
    assert (
        got["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%A0")
        and "no-store" in got["Cache-Control"]
    )
    told = company.api.get(f"{own}contents/").json()["offer"]["files"]
    assert [one["id"] for one in told] == [file["id"]]
    administrator = make.make_user(is_staff=True, is_superuser=True)
    for stranger in (make.make_member("land"), make.make_member("office"), administrator):
        other = api_of(stranger)
        for address in ("files/", f"files/{file['id']}/", f"files/{file['id']}/content/"):
            assert other.get(own + address).status_code in (403, 404)
        assert other.delete(f"{own}files/{file['id']}/").status_code in (403, 404)
    assert company.api.delete(f"{own}files/{file['id']}/").status_code == 204
    assert company.api.get(f"{own}files/").json() == [] and not SealedFile.objects.exists()


def test_what_is_wrong_with_a_file_stands_at_its_field(company, bid):
    address = f"{BIDS}{bid.pk}/files/"
    for body, field in (
        ({"envelope": "offer", "file": samples.upload("a.exe", b"MZ")}, "file"), ({"envelope": "offer"}, "file"),
        ({"envelope": "third", "file": paper()}, "envelope"),
        ({"envelope": "offer", "file": paper(), "colour": "red"}, "colour"),
    ):  # fmt: skip
        refused = company.api.post(address, body)
        assert refused.status_code == 400 and {one["field"] for one in refused.json()["errors"]} == {field}
    assert company.api.post(address, {}, format="json").status_code == 415


def test_files_come_with_the_bid_by_its_page(company, site):
    tender = in_state(site, "bidding", 12)
    browser = Client()
    browser.force_login(company.members.get().user)
    address = f"/tenders/{tender.pk}/bid/"
    body = {"investor": str(company.pk), **ELIGIBILITY, **OFFER}
    refused = browser.post(address, body | {"offer_files": [paper(), samples.upload("x.pdf", b"%PDF-")]})
    assert refused.status_code == 422 and not SealedFile.objects.exists()
    assert set(refused.context["form"].errors) == {"offer_files"} and "x.pdf" in str(
        refused.context["form"].errors
    )
    files = {"eligibility_files": [paper("право.pdf")], "offer_files": [paper(), paper("план.pdf")]}
    for _double_click in range(2):
        for one in (*files["eligibility_files"], *files["offer_files"]):
            one.seek(0)
        sent = browser.post(address, body | files)
        assert sent.status_code == 303
    page = browser.get(sent["Location"])
    assert [one.name for one in page.context["files"]] == ["право.pdf", NAME, "план.pdf"]
    assert SealedFile.objects.count() == 3
    [first, *_rest] = page.context["files"]
    assert b"".join(browser.get(f"/tenders/bids/files/{first.id}/").streaming_content).startswith(b"%PDF")
    assert browser.post(f"/tenders/bids/files/{first.id}/remove/").status_code == 303
    more = browser.post(f"{sent['Location']}files/", {"envelope": "eligibility", "files": [paper("ещё.pdf")]})
    assert more.status_code == 303
    names = {one.name for one in browser.get(sent["Location"]).context["files"]}
    assert names == {NAME, "план.pdf", "ещё.pdf"}
    for row in SealedFile.objects.all():
        assert b"Kedrovy" not in default_storage.open(row.path).read()
