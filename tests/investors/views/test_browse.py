"""The public pages of land: balance, filters, the part of the plan, comparison, files, one plot."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from investors.states import PlotState
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

PLOTS = "/plots/"


def numbers(page):
    return [row["plot"].number for row in page.context["rows"]]


@pytest.fixture
def plots(site):
    """One in each state, in a row, with 100, 200 … free kilowatts."""
    found = {}
    for place, state in enumerate(PlotState):
        found[state] = rows.make_plot(site, at=(place, 0), number=str(place), state=state)
        rows.make_utility(found[state], free=100 * (place + 1))
    return found


def test_the_parts_of_the_balance_sum_to_the_whole(client, site, plots):
    page = client.get(PLOTS)
    balance = page.context["land"].balance
    assert [state for state, _area, _number in balance.parts] == [
        "published",
        "in_tender",
        "reserved",
        "allocated",
        "built",
    ]
    assert (balance.offered, balance.shared, balance.available) == (5, 95, 2)
    parts = page.context["balance"]["parts"]
    assert sum(part["area"] for part in parts) == site.area
    assert sum(Decimal(part["width"]) for part in parts) == pytest.approx(100)


def test_filters_the_box_and_the_selection_stand_in_the_address(client, site, plots):
    # 0 draft, 1 published, 2 in tender, 3 reserved, 4 allocated, 5 built, 6 withdrawn
    rows.make_utility(plots[PlotState.BUILT], "gas", free=0)
    rows.make_utility(plots[PlotState.RESERVED], "gas", free=5)
    sold = rows.make_plot(
        site, at=(0, 2), number="40", tenure="sale", term_years=None, area=3, direction="scientific"
    )
    for query, expected in (
        ("", ["2", "1", "40", "3", "4", "5"]), ("state=available", ["2", "1", "40"]), ("state=built", ["5"]),
        ("power=300", ["2", "3", "4", "5"]), ("utility=gas", ["3"]), ("tenure=sale", ["40"]), ("area=2.5-5", ["40"]),
        ("direction=scientific&state=available", ["40"]), ("state=moon&power=x", ["2", "1", "40", "3", "4", "5"]),
        ("state=draft", ["2", "1", "40", "3", "4", "5"]), ("power=1000", []),
    ):  # fmt: skip
        assert numbers(client.get(f"{PLOTS}?{query}")) == expected, query
    west = rows.LON + 2.2 * rows.EAST
    box = f"{west},{rows.LAT + 0.2 * rows.NORTH},{west + rows.EAST / 2},{rows.LAT + 0.7 * rows.NORTH}"
    page = client.get(f"{PLOTS}?box={box}&at={plots[PlotState.IN_TENDER].pk}&state=available")
    assert numbers(page) == ["2"] and page.context["selected"]["plot"].number == "2"
    assert [shape.plot.number for shape in page.context["drawing"].shapes if shape.selected] == ["2"]
    assert ("box", box) in page.context["kept"]
    assert page.context["drawing"].closer and "На конкурсе" not in page.content.decode()
    for nonsense in ("1,2,3", "5,5,4,4", "0,0,90,80", "a,b,c,d", "nan,0,1,1"):
        assert len(numbers(client.get(f"{PLOTS}?box={nonsense}"))) == 6
    assert sold.pk


def test_the_cost_of_the_page_does_not_grow(client, site):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PLOTS)
        return len(queries), len(page.context["land"].fitting)

    rows.make_plot(site)
    client.get(PLOTS)
    one, number = cost()
    for n in range(29):
        rows.make_plot(site, at=(1 + n % 9, n // 9))
    assert (number, cost()) == (1, (one, 30))


def test_plots_are_compared_and_kept_as_files(client, plots):
    one, other, draft = (plots[state] for state in (PlotState.PUBLISHED, PlotState.BUILT, PlotState.DRAFT))
    ticked = f"compare={one.pk}&compare={draft.pk}&compare={other.pk}"
    page = client.get(f"{PLOTS}compare/?{ticked}")
    assert page.context["plots"] == [one, other]
    cells = {row.label: row for section in page.context["sections"] for row in section.rows}
    assert any(row.differs for row in cells.values()) and any(not row.differs for row in cells.values())
    assert client.get(f"{PLOTS}?{ticked}").context["tray"] == [one, other]

    found = json.loads(client.get(f"{PLOTS}export/geojson/?state=available").content)
    assert [feature["properties"]["number"] for feature in found["features"]] == ["2", "1"]
    assert found["features"][1]["geometry"] == one.outline
    text = client.get(f"{PLOTS}export/csv/?state=built").content.decode("utf-8-sig")
    assert other.cadastral_number in text and one.cadastral_number not in text
    assert client.get(f"{PLOTS}export/xlsx/").content.startswith(b"PK")
    assert client.get(f"{PLOTS}export/exe/").status_code == 404


def test_the_page_and_the_passport_of_a_plot(client, plots):
    plot = plots[PlotState.IN_TENDER]
    document = rows.make_document(plot)
    page = client.get(f"{PLOTS}{plot.pk}/", headers={"Accept-Language": "en"})
    assert page.context["plot"] == plot and [row["document"] for row in page.context["files"]] == [document]
    assert {side.metres for side in page.context["drawing"].extra["sides"]} == {100}
    assert (
        client.get(f"{PLOTS}documents/{document.pk}/").headers["Content-Disposition"].startswith("attachment")
    )
    paper = client.get(f"{PLOTS}{plot.pk}/passport.pdf")
    text = PdfReader(BytesIO(paper.content)).pages[0].extract_text()
    assert plot.cadastral_number in text and f"/plots/{plot.pk}/" in text
    hidden = plots[PlotState.DRAFT]
    secret = rows.make_document(hidden)
    for address in (f"{hidden.pk}/", f"{hidden.pk}/passport.pdf", f"documents/{secret.pk}/"):
        assert client.get(f"{PLOTS}{address}").status_code == 404
    gone = plots[PlotState.WITHDRAWN]
    assert client.get(f"{PLOTS}{gone.pk}/").status_code == 200


def test_a_portal_without_land_says_so(client, db):
    make.make_cluster()
    assert (
        client.get(PLOTS).status_code == 200
        and client.get(f"{PLOTS}export/geojson/").json()["features"] == []
    )
