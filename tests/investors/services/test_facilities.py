"""Facilities of the programme: what is counted, the promise that the office writes, what is drawn."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import ClusterTarget
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, Invalid
from investors.selectors import burnup
from investors.selectors.facilities import facilities, facilities_map
from investors.services.facilities import promise_facilities
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db
SAID = {"value": 60, "due_year": 2025, "source": "Пресс-служба", "source_date": date(2019, 11, 6)}


@pytest.fixture
def office(site):
    return make.make_actor("office")


def built(**values):
    return make.make_clinic(is_programme=True, **values)


def coming(when):
    return built(status="under_construction", planned_for=when)


def test_the_office_alone_writes_the_promise_and_what_is_wrong_is_told_at_its_field(office, land):
    with pytest.raises(Forbidden):
        promise_facilities(land, data=SAID)
    for wrong, field in (
        ({"value": 0}, "value"), ({"due_year": None}, "due_year"), ({"source_date": None}, "source_date"),
        ({"due_year": 2018}, "due_year"), ({"code": "x"}, "code"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as told:
            promise_facilities(office, data=SAID | wrong)
        assert list(told.value.errors) == [field]
    assert facilities(ANONYMOUS) is None
    promise_facilities(office, data=SAID)
    promise_facilities(office, data=SAID | {"value": 70})
    target = ClusterTarget.objects.get()
    assert (target.value, target.name_ru, target.name_en) == (
        70, "Современные объекты здравоохранения", "Modern health facilities",
    )  # fmt: skip


def test_a_facility_counts_from_its_opening_or_from_the_end_of_what_its_plan_names(office):
    promise_facilities(office, data=SAID)
    today = make.today()
    ahead = today.year + 1
    for opened in (date(2018, 5, 1), date(2020, 3, 4), date(2020, 3, 30), today, None):
        built(opened_on=opened)
    make.make_clinic(opened_on=date(2021, 1, 1))
    built(status="closed", closed_on=today, close_reason="Ремонт", opened_on=date(2020, 1, 1))
    for when in (f"03.{ahead}", f"{ahead}-03", f"{ahead}", f"{today.year - 1}", "скоро", ""):
        coming(when)
    found = facilities(ANONYMOUS)
    assert (found.opened, found.before, found.undated) == (5, 1, 1)
    assert found.openings == [(date(2020, 3, 31), 2), (today, 1)]
    assert found.plans == [(date(ahead, 3, 31), 2), (date(ahead, 12, 31), 1)]
    assert (found.coming, found.unscheduled) == (6, 3)
    years = {row.year: row for row in found.years}
    assert (min(years), max(years)) == (2019, ahead)
    assert (years[2020].opened, years[2020].whole, years[2020].planned) == (2, 4, None)
    assert (years[ahead].opened, years[ahead].planned) == (None, 8)
    assert (years[2019].promised, years[2025].promised, years[ahead].promised) == (1, 60, 60)


def test_the_chart_ends_where_the_figures_do(office):
    promise_facilities(office, data=SAID | {"value": 4, "due_year": make.today().year + 2})
    built(opened_on=make.today() - timedelta(days=40))
    coming(f"{make.today().year + 1}")
    drawn = burnup.draw(facilities(ANONYMOUS), 760, 380)
    assert [level for _y, level in drawn.levels] == [0, 1, 2, 3, 4, 5]
    assert drawn.end[2] == 2 and drawn.end[1] < drawn.now[1] < drawn.floor
    assert drawn.promised[1] < drawn.end[1] and 40 < drawn.now[0] < drawn.end[0] < drawn.right


def test_the_page_shows_the_promise_and_asks_the_same_number_of_questions(office, client):
    assert 'id="facilities"' not in client.get("/roadmap/").content.decode()
    promise_facilities(office, data=SAID)
    built(opened_on=date(2021, 2, 3), city_ru="Холмск")
    client.get("/roadmap/")
    counts = []
    for more in (1, 9):
        for number in range(more):
            built(opened_on=date(2022, 2, 3) + timedelta(days=40 * number), city_ru=f"Город {number}")
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/roadmap/").content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert 'class="burnup' in page and "<strong>11</strong>" in page and "Холмск" in page
    towns = {town.name: (town.opened, town.coming) for town in facilities_map(ANONYMOUS, 420, 480).towns}
    assert towns["Город 0"] == (2, 0)


def test_the_form_begins_with_what_stands_and_keeps_what_was_typed(office, client):
    client.force_login(make.make_member("office"))
    assert "/roadmap/facilities/" in client.get("/roadmap/").content.decode()
    page = client.post("/roadmap/facilities/", SAID | {"source_date": "2019-11-06", "due_year": 2018})
    assert page.status_code == 422 and "due_year" in page.context["form"].errors
    assert client.post("/roadmap/facilities/", SAID | {"source_date": "2019-11-06"}).status_code == 303
    assert client.get("/roadmap/facilities/").context["form"].initial["value"] == 60
