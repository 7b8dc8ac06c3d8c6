"""Projects, milestones and money, counted against plain Python over the rows that were made; headings of all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from cluster_portal.common.errors import Invalid
from cluster_portal.reports.base import report_of
from investors.models import Project, ProjectFunding
from tests.factories import clinics as make
from tests.factories import investors as land
from tests.factories import projects as rows
from tests.investors.reports.support import CODES, cost_of, told
from tests.reports.support import NOW, made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reader():
    """Everything happens on the day on which the reports are made."""
    make.make_cluster()
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.fixture
def office():
    return make.make_actor("office")


def project(n=0, investor=None, **fields):
    agreement = land.make_agreement(
        investor or land.make_investor(), land.make_plot(at=(n, 0), state="allocated"), state="in_force"
    )
    return rows.make_project(agreement, **fields)


def test_projects_against_plan(office):
    """The last confirmed figure counts; the slip is the largest one, counted from the first plan."""
    day = make.today()
    one = project(investment_pledged=200, jobs_pledged=40, title_en="One")
    two = project(1, state="implementation", direction="educational", investment_pledged=0, jobs_pledged=0)
    rows.make_figure(one, confirmed=True, investment=50, jobs=10, counted_on=day - timedelta(days=20))
    rows.make_figure(one, confirmed=True, investment=80, jobs=9, counted_on=day - timedelta(days=10))
    rows.make_figure(one, investment=190, jobs=39)
    rows.make_milestone(one, due_on=day - timedelta(days=30), met_on=day - timedelta(days=35))
    moved = rows.make_milestone(one, due_on=day - timedelta(days=20))
    moved.due_on, moved.reason = day + timedelta(days=5), "Frost"
    moved.save()
    rows.make_milestone(one, due_on=day - timedelta(days=7), title_en="Roof")
    found = made(office, "investors.projects")
    names = (
        "number",
        "pledged",
        "made",
        "share",
        "jobs_made",
        "milestones",
        "met",
        "late",
        "slip",
        "upcoming",
    )
    assert told(found, *names) == [
        (one.number, 200, 80, Decimal("0.4"), 9, 3, 1, 1, 25, "Roof"),
        (two.number, 0, 0, None, 0, 0, 0, 0, None, ""),
    ]
    assert found[0]["counted_on"] == day - timedelta(days=10)
    assert found[0]["due_on"] == day - timedelta(days=7)
    assert told(made(office, "investors.projects", state="implementation"), "number") == [(two.number,)]
    assert told(made(office, "investors.projects", direction="clinical"), "number") == [(one.number,)]


def test_milestones_of_projects_and_roadmap(office):
    day = make.today()
    one, over = project(title_en="One"), project(1, state="cancelled", reason="No money")
    rows.make_milestone(over)
    early = rows.make_milestone(
        one, title_en="Early", due_on=day - timedelta(days=9), met_on=day - timedelta(days=12)
    )
    rows.make_milestone(one, title_en="Late", due_on=day - timedelta(days=4))
    ahead = rows.make_milestone(one, title_en="Ahead", due_on=day + timedelta(days=1))
    ahead.due_on, ahead.reason = day + timedelta(days=8), "Frost"
    ahead.save()
    begins = day - timedelta(days=60)
    land.make_roadmap_item(
        title_en="Hall", begins_on=begins, ends_on=day - timedelta(days=2), is_public=False
    )
    land.make_roadmap_item(title_en="Gone", begins_on=begins, state="dropped", reason="Not wanted")
    land.make_roadmap_item(
        title_en="Done", begins_on=begins, ends_on=day - timedelta(days=10), state="done",
        finished_on=day - timedelta(days=6),
    )  # fmt: skip
    names = ("title", "slip", "late", "state")
    projects = [("Early", -3, False, "Met"), ("Late", 4, True, "Not met"), ("Ahead", 7, False, "Scheduled")]
    roadmap = [("Hall", 2, True, "Planned"), ("Done", 4, False, "Done"), ("Gone", None, False, "Dropped")]
    assert told(made(office, "investors.milestones", of="projects"), *names) == projects
    assert sorted(told(made(office, "investors.milestones", of="roadmap"), *names)) == sorted(roadmap)
    assert len(made(office, "investors.milestones")) == 6
    assert told(made(office, "investors.milestones", shown="late"), "title") == [("Late",), ("Hall",)]
    assert told(made(office, "investors.milestones", shown="reached"), "title") == [("Early",), ("Done",)]
    assert {row["title"] for row in made(office, "investors.milestones", shown="awaited")} == {
        "Late",
        "Ahead",
        "Hall",
    }
    assert made(office, "investors.milestones")[0]["met_on"] == early.met_on
    # An analyst reads what is public.
    assert {row["title"] for row in made(make.make_actor("analyst"), "investors.milestones", of="roadmap")} == {
        "Gone", "Done",
    }  # fmt: skip


def test_money_by_project_resident_direction_and_source(office):
    """One currency at a time; what was cancelled counts nowhere."""
    two = land.make_investor(name_en="Two")
    for n in range(6):
        one = project(
            n, two if n < 2 else None, direction="clinical" if n % 2 else "educational",
            investment_pledged=1000 * (n + 1), jobs_pledged=n, currency="CNY" if n == 4 else "RUB",
            state="cancelled" if n == 5 else "implementation", reason="Why" if n == 5 else "",
        )  # fmt: skip
        if n:
            rows.make_figure(one, confirmed=True, investment=100 * n, jobs=n - 1)
        if n < 3:
            rows.make_funding(one, kind="bank" if n else "own", amount=300 * (n + 1))
    counted = [one for one in Project.objects.all() if one.currency == "RUB" and one.state != "cancelled"]
    figures = {one.pk: one.figures.order_by("-counted_on").first() for one in counted}
    keys = {
        "project": lambda one: f"{one.number} · {one.title}",
        "resident": lambda one: one.agreement.investor.name,
        "direction": lambda one: one.get_direction_display().capitalize(),
        "state": lambda one: one.get_state_display().capitalize(),
    }
    for by, key in keys.items():
        found = made(office, "investors.money", by=by)
        assert {row[by] for row in found} == {key(one) for one in counted}
        for row in found:
            mine = [one for one in counted if key(one) == row[by]]
            made_of = [figures[one.pk] for one in mine if figures[one.pk]]
            pledged, spent = (
                sum(one.investment_pledged for one in mine),
                sum(one.investment for one in made_of),
            )
            assert (row["projects"], row["pledged"], row["made"]) == (len(mine), pledged, spent)
            assert row["share"] == spent / pledged
            assert row["jobs_pledged"] == sum(one.jobs_pledged for one in mine)
            assert row["jobs_made"] == sum(one.jobs for one in made_of)
    assert [row["pledged"] for row in made(office, "investors.money", by="resident")] == [4000, 3000, 3000]
    by_source = told(made(office, "investors.money", by="source"), "source", "projects", "pledged", "share")
    bank = sum(one.amount for one in ProjectFunding.objects.filter(kind="bank"))
    whole = sum(one.investment_pledged for one in counted)
    assert by_source == [
        ("Loan of a bank", 2, bank, bank / whole), ("The company's own", 1, 300, 300 / whole),
        ("Nobody is named yet", 4, whole - bank - 300, (whole - bank - 300) / whole),
    ]  # fmt: skip
    assert told(made(office, "investors.money", currency="CNY"), "pledged", "made") == [(5000, 400)]
    with pytest.raises(Invalid):
        made(office, "investors.money", currency="USD")


@pytest.mark.parametrize("code", ["investors.projects", "investors.milestones", "investors.money"])
def test_as_many_statements_for_thirty(office, code):
    def more(number, start=0):
        for n in range(start, start + number):
            one = project(n)
            mark = rows.make_milestone(one)
            mark.due_on, mark.reason = mark.due_on + timedelta(days=1), "Frost"
            mark.save()
            rows.make_figure(one, confirmed=True)
            rows.make_funding(one)
            land.make_roadmap_item()

    asked = [{}, *({"by": by} for by in ("resident", "direction", "source") if code == "investors.money")]
    more(1)
    first = [cost_of(office, code, **each) for each in asked]
    more(29, 1)
    assert [cost_of(office, code, **each) for each in asked] == first


@pytest.mark.parametrize("code", CODES)
def test_headings_in_three_languages(office, code):
    """Every heading, title and note is said in each language, and none twice alike in one."""
    report, headings = report_of(code), {}
    for language in ("ru", "en", "kk"):
        with translation.override(language):
            columns = report.columns(office, report.check(office, {}))
            headings[language] = [str(column.title) for column in columns]
            assert len(set(headings[language])) == len(columns)
            headings[language] += [str(report.title), str(report.description), *map(str, report.notes)]
    for ru, en, kk in zip(*headings.values(), strict=True):
        assert ru != en and kk != en and ru.strip() and kk.strip()
