"""The land office's home: each tile counts the rows of its list; figures of land, tenders and projects; few queries."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.selectors.measures import Period
from cluster_portal.pages.views.desk import land_context, land_tiles
from tests.factories import clinics as make
from tests.factories import investors as land
from tests.factories import projects

pytestmark = pytest.mark.django_db


def sow(n=1):
    """So many of everything that waits, and as many that do not."""
    now, day = timezone.now(), make.today()
    for _n in range(n):
        done = {"version": 1, "published_at": now - timedelta(days=60)}
        asked = land.make_tender(state="questions", **done)
        land.make_question(asked)
        land.make_question(asked)
        land.make_question(land.make_tender(state="bidding", **done), answered_at=now, answer_ru="Да")
        land.make_question(land.make_tender(state="cancelled", **done))
        # By the clock, whatever the state still says.
        land.make_tender(state="bidding", at=now - timedelta(days=41), **done)
        judged = land.make_tender(state="evaluation", **done)
        land.make_opened_bid(judged)
        for days in (-1, 1):
            tender = land.make_tender(state="awarded", **done)
            land.make_award(land.make_opened_bid(tender), standstill_until=now + timedelta(days=days))
        land.make_investor(state="review")
        land.make_interest(land.make_investor())
        for state in ("draft", "draft", "signed"):
            land.make_agreement(land.make_investor(), state=state)
        agreement = land.make_agreement(land.make_investor(), state="in_force")
        late = projects.make_project(agreement, investment_pledged=100, jobs_pledged=10)
        projects.make_figure(late, confirmed=True, investment=40, jobs=3)
        for days in (-1, -2, 5):
            projects.make_milestone(late, due_on=day + timedelta(days=days))
        over = projects.make_project(agreement, state="cancelled", reason="No money")
        projects.make_milestone(over, due_on=day - timedelta(days=3))
        reached = projects.make_project(agreement, currency="CNY", state="completed", completed_on=day)
        projects.make_milestone(reached, due_on=day - timedelta(days=3), met_on=day)


@pytest.fixture(autouse=True)
def cluster():
    return make.make_cluster()


def test_each_tile_counts_the_rows_of_its_list(client):
    sow(2)
    client.force_login(make.make_member("land"))
    tiles = client.get("/desk/").context["tiles"]
    numbers = {tile["url"]: tile["value"] for tile in tiles}
    waits = "/land/tenders/?waits="
    assert [numbers[waits + name] for name in ("questions", "opening", "evaluation", "standstill")] == [
        2,
        2,
        2,
        2,
    ]
    assert (numbers["/agreements/?state=draft"], numbers["/agreements/?state=signed"]) == (4, 2)
    addresses = [reverse("investors:projects") + "?late=on", reverse("investors:companies") + "?state=review"]
    assert [numbers[address] for address in addresses] == [2, 2]
    for tile in tiles:
        page = client.get(tile["url"])
        assert page.status_code == 200 and len(page.context["page"].items) == tile["value"], tile
        # The bar above the list says by what it is narrowed.
        assert re.search(r"\b(selected|checked)\b", page.content.decode()), tile["url"]


def test_figures_of_land_tenders_and_projects(client):
    """Sums of the cluster's currency; every figure is on the page beside the address of what is behind it."""
    site = land.make_site(area=Decimal("58.5"))
    land.make_plot(site, area=30)
    land.make_plot(site, at=(2, 0), area=20, state="in_tender")
    sow()
    client.force_login(make.make_member("land"))
    page = client.get("/desk/")
    found, built = page.context["land"], page.context["built"]
    assert found.balance.whole >= Decimal("58.5") and found.running == 6
    assert (built.open, built.completed, built.late) == (1, 1, 1)
    assert (built.pledged, built.made, built.jobs_pledged, built.jobs_made) == (100, 40, 210, 3)
    text = page.content.decode()
    for code in ("land", "tenders", "pipeline", "projects", "money"):
        assert f'href="/reports/investors.{code}/"' in text


def test_as_many_statements_for_thirty():
    actor = make.make_actor("land")

    def cost():
        cache.delete_many([f"pages:land:month:office:{language}" for language in ("ru", "en", "kk")])
        with CaptureQueriesContext(connection) as queries:
            land_tiles(actor)
            land_context(actor, Period.of_last(30), "month")
        return len(queries)

    sow()
    cost()  # From here on the cluster is kept.
    first = cost()
    sow(8)
    assert cost() == first <= 8
