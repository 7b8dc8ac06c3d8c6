"""What programs read of tenders: releases and a record by the Open Contracting Data Standard."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from investors.services import tenders as services
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(site, land):
    """Published, its terms changed in the time for bids, called off at last."""
    tender = rows.make_tender()
    rows.appoint(tender)
    services.publish_tender(land, tender_id=tender.pk)
    rows.make_tender_document(tender)
    with time_machine.travel(tender.questions_until + timedelta(days=1), tick=False):
        services.change_terms(
            land, tender_id=tender.pk, data={"terms_ru": "Иные условия", "terms_en": "Other terms"},
            reason_ru="Сети", reason_en="Utilities",
        )  # fmt: skip
        services.cancel_tender(land, tender_id=tender.pk, reason="Нет сетей")
    tender.refresh_from_db()
    return tender


def test_a_release_for_each_thing_said(client, tender):
    package = client.get(f"/tenders/{tender.pk}/ocds.json").json()
    first, changed, ended = package["releases"]
    ocid = f"ocds-213czf-{tender.number}"
    assert package["version"] == "1.1" and package["uri"].endswith(f"/tenders/{tender.pk}/ocds.json")
    assert [one["tag"] for one in package["releases"]] == [
        ["tender"],
        ["tenderAmendment"],
        ["tenderCancellation"],
    ]
    assert {one["ocid"] for one in package["releases"]} == {ocid}
    assert len({one["id"] for one in package["releases"]}) == 3
    assert first["tender"]["description"] == "Условия конкурса" and "amendments" not in first["tender"]
    assert changed["tender"]["description_en"] == "Other terms"
    (amendment,) = changed["tender"]["amendments"]
    assert (amendment["rationale"], amendment["rationale_en"], amendment["date"]) == (
        "Сети", "Utilities", changed["date"],
    )  # fmt: skip
    assert [one["tender"]["status"] for one in package["releases"]] == ["active", "active", "cancelled"]
    assert (
        ended["tender"]["documents"][0]["documentType"] == "contractDraft"
        and not first["tender"]["documents"]
    )
    (item,) = first["tender"]["items"]
    assert item["unit"]["id"] == "HAR" and item["quantity"] == float(tender.plots.get().area)
    assert first["buyer"]["id"] == first["parties"][0]["id"]
    periods = {name: first["tender"][name] for name in ("enquiryPeriod", "tenderPeriod", "awardPeriod")}
    assert periods["enquiryPeriod"]["endDate"] == periods["tenderPeriod"]["startDate"]


def test_the_record_is_the_last_release_with_all_before(client, tender):
    (record,) = client.get(f"/tenders/{tender.pk}/ocds-record.json").json()["records"]
    compiled = record["compiledRelease"]
    assert (compiled["tag"], compiled["tender"]["status"], len(record["releases"])) == (
        ["compiled"],
        "cancelled",
        3,
    )
    assert compiled["tender"]["amendments"][0]["id"] == "2"


def test_a_draft_is_nobodys_data(client, tender):
    draft = rows.make_tender()
    for name in ("ocds", "ocds-record"):
        assert client.get(f"/tenders/{draft.pk}/{name}.json").status_code == 404
