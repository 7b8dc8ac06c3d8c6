"""What programs read of tenders: releases and a record by the Open Contracting Data Standard."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from jsonschema import Draft4Validator, FormatChecker

from investors.services import awards
from investors.services import tenders as services
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "ocds-release-schema-1.1.5.json").read_text(encoding="utf-8")
)
#: What the portal publishes beyond the schema; names in other languages are patterns of it.
EXTENSIONS = {"bids"}
#: Of the standard's open codelists, which its schema does not spell out, the codes that the portal says.
CODES = {
    "awardCriteria.csv": {"ratedCriteria"},
    "submissionMethod.csv": {"electronicSubmission"},
    "milestoneType.csv": {"assessment"},
    "documentType.csv": {"biddingDocuments", "contractDraft", "illustration", "technicalSpecifications"},
    "partyRole.csv": {"buyer", "procuringEntity", "supplier", "tenderer"},
    "unitClassificationScheme.csv": {"UNCEFACT"},
}


def faults(package):
    """What the standard finds wrong with a package of releases: by its schema, and what its schema does not know."""
    check = Draft4Validator(SCHEMA, format_checker=FormatChecker())
    found = [
        f"{release['id']} {list(error.absolute_path)}: {error.message}"
        for release in package["releases"]
        for error in check.iter_errors(release)
    ]
    found += [unknown for release in package["releases"] for unknown in strangers(release, SCHEMA, "release")]
    ids = [release["id"] for release in package["releases"]]
    dates = [release["date"] for release in package["releases"]]
    return found + ([] if len(set(ids)) == len(ids) and dates == sorted(dates) else [f"{ids} {dates}"])


def strangers(value, schema, path):
    """Fields that the schema has no word for, that are empty, or whose code is in no codelist."""
    if value in ("", None, [], {}):
        return [f"{path} is empty"]
    if schema.get("openCodelist"):
        codes = value if isinstance(value, list) else [value]
        return [f"{path}: {code}" for code in codes if code not in CODES.get(schema["codelist"], ())]
    while "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        return [one for item in value for one in strangers(item, schema.get("items", {}), path)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    patterns = [re.compile(pattern) for pattern in schema.get("patternProperties", {})]
    found = []
    for name, inner in value.items():
        if name in schema["properties"]:
            found += strangers(inner, schema["properties"][name], f"{path}.{name}")
        elif name not in EXTENSIONS and not any(pattern.match(name) for pattern in patterns):
            found.append(f"{path}.{name}")
    return found


@pytest.fixture
def judged(site, land):
    """In evaluation since yesterday: two ranked bids and one that was not admitted."""
    tender = rows.make_tender(
        rows.make_plot(site, state="in_tender"), state="evaluation", version=1,
        at=timezone.now() - timedelta(days=45),
    )  # fmt: skip
    rows.make_version(tender, published_at=tender.questions_from)
    rows.make_opening(tender)
    for price in ("50", "40"):
        rows.make_opened_bid(tender, price=price)
    rows.make_opened_bid(tender, state="disqualified")
    for value in (70, 80):
        rows.make_marks(rows.make_evaluator(tender), value)
    return tender


def give(land, tender):
    data = {"reasons_ru": "Лучшее предложение", "reasons_en": "The best offer"}
    return awards.award_tender(land, tender_id=tender.pk, data=data)


def package_of(client, tender):
    return client.get(f"/tenders/{tender.pk}/ocds.json").json()


def test_a_complete_tender_from_its_terms_to_its_award(client, land, judged):
    opened = package_of(client, judged)["releases"][-1]
    assert opened["tender"]["numberOfTenderers"] == 3 and opened["bids"]["statistics"][0]["value"] == 3
    # Whose they are is told with the award.
    assert "tenderers" not in opened["tender"] and len(opened["parties"]) == 1
    first = give(land, judged)
    awards.decline_award(rows.actor_of(first.bid.investor), award_id=first.pk, reason="Передумали")
    second = give(land, judged)
    type(second).objects.filter(pk=second.pk).update(standstill_until=timezone.now() - timedelta(seconds=1))
    services.complete_tender(land, tender_id=judged.pk)
    package = package_of(client, judged)
    assert not faults(package)
    assert [one["tag"] for one in package["releases"]] == [
        ["tender"], ["tenderUpdate"], ["award"], ["awardUpdate"], ["award"], ["tenderUpdate", "awardUpdate"],
    ]  # fmt: skip
    last = package["releases"][-1]
    assert last["tender"]["status"] == "complete"
    assert [one["status"] for one in last["awards"]] == ["cancelled", "active"]
    won = last["awards"][1]
    assert won["value"] == {"amount": 40.0, "currency": "RUB"} and won["description_en"] == "The best offer"
    assert won["suppliers"][0]["id"] in {
        party["id"] for party in last["parties"] if "supplier" in party["roles"]
    }
    assert [one["status"] for one in package["releases"][2]["awards"]] == ["pending"]
    assert [one["id"] for one in last["tender"]["milestones"]] == ["opening", "evaluation"]
    assert len(last["tender"]["tenderers"]) == 3
    (record,) = client.get(f"/tenders/{judged.pk}/ocds-record.json").json()["records"]
    assert not faults({"releases": [record["compiledRelease"]]})


def test_what_came_of_nothing(client, land, judged, tender):
    assert not faults(package_of(client, tender))
    services.fail_tender(land, tender_id=judged.pk, reason="Никто не прошёл")
    package = package_of(client, judged)
    assert not faults(package) and "awards" not in package["releases"][-1]
    assert package["releases"][-1]["tender"]["status"] == "unsuccessful"
    # The check sees what is wrong.
    package["releases"][0]["tender"]["status"] = "lost"
    package["releases"][0]["tender"]["colour"] = 1
    assert len(faults(package)) == 2


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
        and "documents" not in first["tender"]
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
