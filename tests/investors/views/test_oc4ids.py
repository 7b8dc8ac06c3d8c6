"""Projects as open data: packages by the Open Contracting for Infrastructure Data Standard."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft4Validator, FormatChecker

from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects

pytestmark = pytest.mark.django_db

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "oc4ids-project-schema-0.9.json").read_text(encoding="utf-8")
)
# Later editions of 0.9 let a release have several tags, as in OCDS.
_tag = SCHEMA["definitions"]["LinkedRelease"]["properties"]["tag"]
_tag |= {"type": "array", "items": {"type": "string", "enum": _tag.pop("enum")}}
#: What later editions of 0.9 add to the schema of 0.9.0, and titles in other languages.
LATER = {"identifiers", "milestones", "forecasts", "metrics", "title_en", "description_en"}
REGISTER = "/projects/oc4ids.json"


def faults(package):
    """What the standard finds wrong with a package: by its schema, by words that it lacks, by its own references."""
    check, found = Draft4Validator(SCHEMA, format_checker=FormatChecker()), []
    assert (
        set(package) == {"uri", "version", "publishedDate", "publisher", "projects"} and package["projects"]
    )
    for project in package["projects"]:
        found += [f"{list(one.absolute_path)}: {one.message}" for one in check.iter_errors(project)]
        found += strangers(project, SCHEMA, "project")
        known = {one["id"] for one in project["parties"]}
        named = [one["sourceParty"]["id"] for one in project["budget"].get("budgetBreakdown", ())]
        named += [
            one["id"] for process in project.get("contractingProcesses", ()) for one in process["summary"]["suppliers"]
        ]  # fmt: skip
        found += [f"no such party: {one}" for one in named if one not in known]
    return found


def strangers(value, schema, path):
    """Words that the schema does not have, and empty values."""
    while "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if value in ("", None, [], {}):
        return [f"{path} is empty"]
    if isinstance(value, list):
        return [one for item in value for one in strangers(item, schema.get("items", {}), path)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{path}.{name}" for name in value if name not in schema["properties"] and name not in LATER]
    for name, inner in schema["properties"].items():
        if name in value:
            found += strangers(value[name], inner, f"{path}.{name}")
    return found


@pytest.fixture
def project(site):
    """Being built on the land of a tender, with every kind of row."""
    tender = rows.make_tender(rows.make_plot(site, state="in_tender"), state="complete", version=1)
    rows.make_version(tender)
    plot = rows.make_plot(site, state="allocated")
    agreement = rows.make_agreement(rows.make_investor(), plot, state="in_force", tender=tender)
    return fill(projects.make_project(agreement, state="implementation", title_en="A hospital"))


def fill(project):
    projects.make_milestone(project)
    projects.make_milestone(project, title_ru="Котлован", due_on=make.today() - timedelta(days=9))
    projects.make_figure(project, confirmed=True)
    projects.make_figure(project, counted_on=make.today() - timedelta(days=1), investment=99)
    projects.make_funding(project)
    projects.make_funding(project, kind="regional", organization="Область", amount=40_000_000)
    return project


def test_a_project_under_way(client, project):
    package = client.get(f"/projects/{project.pk}/oc4ids.json").json()
    assert not faults(package)
    assert package["version"] == "0.9" and package["uri"].endswith(f"/projects/{project.pk}/oc4ids.json")
    (shown,) = package["projects"]
    assert shown["id"] == f"oc4ids-bu3kcz-{project.number}" and shown["title_en"] == "A hospital"
    assert (shown["status"], shown["sector"], shown["type"]) == ("implementation", ["health"], "construction")
    assert shown["locations"][0]["geometry"]["type"] == "Polygon"
    assert shown["budget"]["amount"] == {"amount": 100_000_000.0, "currency": "RUB"}
    assert [one["amount"]["amount"] for one in shown["budget"]["budgetBreakdown"]] == [6e7, 4e7]
    assert [one["status"] for one in shown["milestones"]] == ["notMet", "scheduled"]
    # What the office has not confirmed is nobody's.
    money, jobs = (one["observations"] for one in shown["metrics"])
    assert [one["value"]["amount"] for one in money] == [25_000_000.0] and jobs[0]["measure"] == 20
    (process,) = shown["contractingProcesses"]
    tender = client.get(process["releases"][0]["url"].replace("http://testserver", "")).json()
    assert (tender["releases"][0]["ocid"], tender["releases"][0]["id"]) == (
        process["id"],
        process["releases"][0]["id"],
    )
    assert "completion" not in shown


def test_a_completed_and_a_cancelled_one_without_a_tender(client, site):
    agreement = rows.make_agreement(
        rows.make_investor(), rows.make_plot(site, state="allocated"), state="in_force"
    )
    done = projects.make_project(
        agreement, state="completed", completed_on=make.today(), direction="educational"
    )
    projects.make_figure(done, confirmed=True, investment=101_000_000)
    projects.make_project(agreement, state="cancelled", reason="Нет сетей")
    package = client.get(REGISTER).json()
    assert not faults(package)
    cancelled, shown = package["projects"]
    assert (cancelled["status"], shown["sector"]) == ("cancelled", ["health", "education"])
    assert shown["completion"]["finalValue"]["amount"] == 101_000_000.0
    assert "contractingProcesses" not in shown and "metrics" not in cancelled
    # The check sees what is wrong.
    shown["status"], shown["colour"] = "lost", 1
    assert len(faults(package)) == 2


def test_what_is_not_public_is_nobodys_data(client, land, site, project):
    draft = projects.make_project(rows.make_agreement(rows.make_investor(), rows.make_plot(site)))
    assert client.get(f"/projects/{draft.pk}/oc4ids.json").status_code == 404
    assert draft.number not in client.get(REGISTER).text
    assert f"/projects/{project.pk}/oc4ids.json" in client.get(f"/projects/{project.pk}/").text
    assert REGISTER in client.get("/projects/").text


def test_an_empty_register_is_no_package(client, site):
    assert client.get(REGISTER).status_code == 404


def test_a_register_of_any_length_takes_as_many_queries(client, site, project):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(REGISTER).status_code == 200
        return len(queries)

    count()
    one = count()
    for number in range(29):
        tender = rows.make_tender(rows.make_plot(site, state="in_tender"), state="complete", version=1)
        rows.make_version(tender)
        plot = rows.make_plot(site, state="allocated")
        agreement = rows.make_agreement(rows.make_investor(), plot, state="in_force", tender=tender)
        fill(projects.make_project(agreement, title_ru=f"Корпус {number}"))
    assert count() == one
    assert len(client.get(REGISTER).json()["projects"]) == 30
