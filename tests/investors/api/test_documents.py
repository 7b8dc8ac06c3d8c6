"""Papers of plots and of tenders by REST: the land office adds them and takes them away."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from cluster_portal.api.models import IdempotencyRecord
from investors.models import PlotDocument, TenderDocument
from tests.api.support import Caller
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.files import samples
from tests.investors.api.test_bids import api_of

pytestmark = pytest.mark.django_db

SAID = {"kind": "plan", "title_ru": "План", "title_en": "Plan"}


@pytest.fixture(params=["plots", "tenders"])
def place(request, site):
    """The address of the papers of something public, and their model."""
    plot = rows.make_plot(site)
    if request.param == "plots":
        return f"/api/v1/plots/{plot.pk}/documents/", PlotDocument
    tender = rows.make_tender(plot, state="published", version=1)
    return f"/api/v1/tenders/{tender.pk}/documents/", TenderDocument


def paper(name="План.pdf", mark=b"/Title (One) "):
    return samples.upload(name, samples.pdf(mark))


def test_a_paper_is_added_once_and_is_for_everybody(place):
    address, model = place
    office, key = api_of(make.make_member("land")), {"Idempotency-Key": "once"}
    sent = office.post(address, SAID | {"file": paper()}, headers=key)
    assert sent.status_code == 201, sent.content
    again = office.post(address, SAID | {"file": paper()}, headers=key)
    assert again.content == sent.content and IdempotencyRecord.objects.count() == model.objects.count() == 1
    made, reader = sent.json(), Caller()
    assert (made["title"]["en"], made["name"], made["kind"]) == ("Plan", "План.pdf", "plan")
    assert reader.get(sent["Location"]).json() == made and reader.get(address).json() == [made]
    assert reader.get(made["url"]).getvalue()[:4] == b"%PDF"
    same = office.post(address, SAID | {"file": paper()})
    assert same.status_code == 409 and same.json()["errors"][0]["field"] == "file"
    # A program of somebody else's writes nothing.
    other = reader.post(address, SAID | {"file": paper(mark=b"/Title (Two) ")}, "multipart/form-data")
    assert other.status_code in (400, 403) and reader.delete(sent["Location"]).status_code == 403


def test_what_is_wrong_stands_at_its_field_and_leaves_nothing(place):
    address, model = place
    office = api_of(make.make_member("land"))
    for body, field in (
        (SAID | {"file": samples.upload("a.exe", b"MZ")}, "file"), (SAID, "file"),
        ({"kind": "plan", "file": paper()}, "title_ru"), (SAID | {"kind": "x", "file": paper()}, "kind"),
    ):  # fmt: skip
        refused = office.post(address, body)
        assert refused.status_code == 400, refused.content
        assert {one["field"] for one in refused.json()["errors"]} == {field}
    assert office.post(address, {}, format="json").status_code == 415
    assert not model.objects.exists()


def test_a_paper_is_taken_away_with_its_content_while_nobody_relies_on_it(site):
    office = api_of(make.make_member("land"))
    plot, draft = rows.make_plot(site), rows.make_tender(rows.make_plot(site, at=(2, 0)))
    for address, document in (
        (f"/api/v1/plots/{plot.pk}/documents/", rows.make_document(plot)),
        (f"/api/v1/tenders/{draft.pk}/documents/", rows.make_tender_document(draft)),
    ):
        assert default_storage.exists(document.path)
        assert office.delete(f"{address}{document.pk}/").status_code == 204
        assert office.get(f"{address}{document.pk}/").status_code == 404
        assert office.get(f"{address}no-uuid/").status_code == 404
    published = rows.make_tender(rows.make_plot(site, at=(4, 0)), state="published", version=1)
    document = rows.make_tender_document(published)
    kept = office.delete(f"/api/v1/tenders/{published.pk}/documents/{document.pk}/")
    assert kept.status_code == 409 and default_storage.exists(document.path)
    # A paper has one address: its own tender's.
    assert office.get(f"/api/v1/tenders/{draft.pk}/documents/{document.pk}/").status_code == 404
