"""Projects by REST: read by everybody signed in, kept by the land office, walked along the chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects as own
from tests.investors.services.test_buildings import CLINIC

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/"


@pytest.fixture
def agreement(site):
    plot = rows.make_plot(site, state="allocated")
    company = rows.make_investor(organization=make.make_organization())
    return rows.make_agreement(company, plot, state="in_force")


@pytest.fixture
def land_api(site):
    return api_of(make.make_member("land"))


def api_of(user):
    client = APIClient()
    client.force_login(user)
    return client


def test_a_project_is_begun_built_and_opened(land_api, agreement):
    body = {
        "agreement": str(agreement.pk),
        "title_ru": "Корпус",
        "direction": "clinical",
        "investment_pledged": "9",
    }
    begun = land_api.post(f"{ROOT}projects/", body, format="json")
    assert begun.status_code == 201, begun.content
    address = begun["Location"]
    assert begun.json()["available_actions"] == ["prepare", "cancel"]
    stale = land_api.patch(address, {"jobs_pledged": 5}, format="json", headers={"If-Match": '"no"'})
    assert stale.status_code == 412
    fresh = {"If-Match": begun["ETag"]}
    assert (
        land_api.patch(address, {"jobs_pledged": 5}, format="json", headers=fresh).json()["jobs_pledged"] == 5
    )
    for step in ("prepare", "implement"):
        moved = land_api.post(f"{address}{step}/", {}, format="json")
    assert moved.json()["available_actions"] == ["deliver", "open", "cancel"]
    refused = land_api.post(f"{address}open/", {}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "type")
    told = {}
    for _again in range(2):
        told = land_api.post(f"{address}open/", CLINIC, format="json").json()
        assert told["available_actions"] == ["complete"] and told["opened_on"] == str(make.today())
    clinic = land_api.get(f"{ROOT}clinics/{told['clinic']}/").json()
    assert clinic["status"] == "planned"
    [plot] = told["plots"]
    assert land_api.get(f"{ROOT}plots/{plot}/").json()["state"] == "built"
    for name in ("plot", "agreement", "resident", "clinic"):
        value = plot if name == "plot" else told[name]
        found = land_api.get(f"{ROOT}projects/", {name: value}).json()["results"]
        assert [one["id"] for one in found] == [told["id"]], name
    assert land_api.get(f"{ROOT}agreements/{agreement.pk}/").json()["projects"] == [told["id"]]


def test_milestones_are_planned_moved_and_met(land_api, agreement):
    project, day = own.make_project(agreement), make.today() + timedelta(days=9)
    body = {"project": str(project.pk), "title_ru": "Стены", "due_on": str(day)}
    address = land_api.post(f"{ROOT}milestones/", body, format="json")["Location"]
    named = land_api.patch(address, {"title_ru": "Крыша"}, format="json").json()
    assert named["available_actions"] == ["meet", "move"] and named["state"] == "scheduled"
    moved = land_api.post(
        f"{address}move/", {"due_on": str(day + timedelta(days=1)), "reason": "Зима"}, format="json"
    )
    assert [move["was"] for move in moved.json()["moves"]] == [str(day)]
    met = land_api.post(f"{address}meet/", {}, format="json").json()
    assert (met["state"], met["available_actions"]) == ("met", [])
    assert (
        len(land_api.get(f"{ROOT}milestones/", {"project": str(project.pk), "met": "true"}).json()["results"])
        == 1
    )
    assert land_api.get(f"{ROOT}milestones/", {"met": "false"}).json()["results"] == []


def test_a_company_tells_figures_that_count_once_confirmed(land_api, agreement):
    project = own.make_project(agreement)
    company = api_of(agreement.investor.members.get().user)
    body = {
        "project": str(project.pk), "counted_on": str(make.today()), "investment": "50", "jobs": 3,
        "source": "Отчёт",
    }  # fmt: skip
    sent = company.post(f"{ROOT}project-figures/", body, format="json")
    stranger = api_of(make.make_member())
    assert sent.status_code == 201 and stranger.get(sent["Location"]).status_code == 404
    assert stranger.get(f"{ROOT}projects/{project.pk}/").json()["jobs"] is None
    assert land_api.post(f"{sent['Location']}confirm/", {}, format="json").json()["confirmed_at"]
    assert stranger.get(f"{ROOT}projects/{project.pk}/").json()["jobs"] == 3
    other = company.post(
        f"{ROOT}project-figures/", body | {"counted_on": str(make.today() - timedelta(days=1))}, format="json"
    )
    reject = f"{other['Location']}reject/"
    assert land_api.post(reject, {}, format="json").json()["errors"][0]["field"] == "reason"
    assert land_api.post(reject, {"reason": "Нет отчёта"}, format="json").status_code == 204


def test_sources_of_money_are_kept(land_api, agreement):
    body = {
        "project": str(own.make_project(agreement).pk), "kind": "bank", "organization": "Банк", "amount": "5",
    }  # fmt: skip
    address = land_api.post(f"{ROOT}project-funding/", body, format="json")["Location"]
    assert land_api.patch(address, {"amount": "7"}, format="json").json()["amount"] == "7.00"
    assert land_api.post(f"{address}remove/", {}, format="json").status_code == 204
    assert land_api.get(f"{ROOT}project-funding/").json()["results"] == []


def test_lists_cost_the_same_for_one_and_for_thirty(land_api, agreement, django_assert_num_queries):
    def more(n):
        project = own.make_project(agreement)
        own.make_milestone(project)
        own.make_funding(project)
        own.make_figure(project, confirmed=True, counted_on=make.today() - timedelta(days=n))

    more(0)
    lists = [
        f"{ROOT}{name}/"
        for name in ("projects", "milestones", "project-figures", "project-funding", "agreements")
    ]
    costs = []
    for address in lists:
        land_api.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert len(land_api.get(address).json()["results"]) == 1
        costs.append(len(caught))
    for n in range(29):
        more(n + 1)
    for address, cost in zip(lists, costs, strict=True):
        with django_assert_num_queries(cost):
            land_api.get(address)
