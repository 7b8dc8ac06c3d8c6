"""A site of many plots: 1,500 here, 5,000 with `--full-size`. A part of the plan is asked of the index over boxes."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import ANONYMOUS
from investors.models import Plot
from investors.selectors.drawing import MOST_SHAPES, draw, frame_of
from investors.selectors.plots import Asked, look_at_land
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

ASIDE = 100


def grow(site, number):
    plots = [
        Plot(site=site, number=str(n), title_ru=f"Участок {n}", area=1, term_years=49, direction="clinical",
             state="published" if n % 3 else "in_tender", **rows.boxed(rows.square(n % ASIDE, n // ASIDE)))
        for n in range(number)
    ]  # fmt: skip
    with without_triggers([Plot]):
        Plot.objects.bulk_create(plots)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE investors_plot")


def test_three_statements_by_index(site, request):
    size = 5_000 if request.config.getoption("--full-size") else 1_500
    grow(site, size)
    box = (rows.LON, rows.LAT, rows.LON + 4.5 * rows.EAST, rows.LAT + 2.5 * rows.NORTH)
    for asked, number in ((Asked(), 15), (Asked(state="in_tender"), 5), (Asked(power="100"), 0)):
        with CaptureQueriesContext(connection) as queries:
            land = look_at_land(ANONYMOUS, asked, box)
        assert (len(queries), len(land.plots), len(land.fitting)) == (3, 15, number)
        asked_by_box = next(query["sql"] for query in queries if "&&" in query["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked_by_box.replace('%', '%%')}", [])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "plot_box" in plan and not re.search(r"Seq Scan on investors_plot\b", plan)
    assert land.balance.available == size and land.balance.offered == size
    # All of it is a handful of paths: a page stays small.
    whole = look_at_land(ANONYMOUS, Asked())
    drawing = draw(frame_of(site.box, 664, 670), site, whole.plots, box=site.box)
    assert not drawing.shapes and {state for state, _d in drawing.dots} == {"published", "in_tender"}


def test_a_view_stays_light_and_each_part_leads_closer(client, site, request):
    """What a telephone loads: compressed pages, as many statements for squares as for outlines, no outline unread."""
    size = 5_000 if request.config.getoption("--full-size") else 1_500

    def box(wide, high):
        return f"{rows.LON:.6f},{rows.LAT:.6f},{rows.LON + wide * rows.EAST:.6f},{rows.LAT + high * rows.NORTH:.6f}"

    grow(site, size)

    def look(part):
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/plots/", {"box": part}, headers={"Accept-Encoding": "gzip"})
        assert page["Content-Encoding"] == "gzip"
        return page, len(queries)

    all_of_it = box(ASIDE, size / ASIDE)
    look(all_of_it)
    whole, statements = look(all_of_it)
    assert len(whole.content) < 50_000 and not whole.context["drawing"].shapes
    cells = whole.context["drawing"].cells
    assert len(cells) > 3 and sum(cell.number for cell in cells) == size
    close, as_many = look(box(9.5, 9.5))
    drawn = close.context["drawing"]
    assert 100 <= len(drawn.shapes) <= MOST_SHAPES and not drawn.cells and as_many == statements
    assert len(close.content) < 100_000
    # A part holds all that it counts, and list and plan are of the same plots.
    part, _n = look(cells[0].box)
    assert cells[0].number <= len(part.context["land"].plots) < size
    assert len(part.context["land"].fitting) == len(part.context["land"].plots)
    assert [side for side, _box in drawn.aside] == ["north", "west", "east", "south"]
