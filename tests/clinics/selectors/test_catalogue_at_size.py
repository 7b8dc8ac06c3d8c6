"""The catalogue over a region of clinics: 1,500 here, 10,000 with `--full-size`. Each statement goes by an index, and
what finds a page reads no more than a page.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.selectors.catalogue import search_catalogue
from clinics.selectors.spots import PAGE, TIMES_EACH, Wanted
from clinics.states import Payment
from clinics.views.maps import catalogue_map
from cluster_portal.common.actor import ANONYMOUS
from tests.clinics.selectors.growth import RARE, grow, surname

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Tables that grow with a region. Of the clinics a question that fits them all reads all.
LARGE = {"clinics_slot", "clinics_service", "clinics_licence", "clinics_practitioner", "clinics_searchword"}
ASKED = [
    (Wanted(), LARGE),
    (Wanted(within_days=1), LARGE),
    (Wanted(text=surname(770)[:-1] + "ы"), LARGE | {"clinics_clinic"}),
    (Wanted(text="зализ 77"), LARGE),
    (Wanted(text="gthfhtybt"), LARGE),
    (Wanted(text="оксигинация"), LARGE | {"clinics_clinic"}),
    (Wanted(service_type=RARE, within_days=14), LARGE | {"clinics_clinic"}),
    (Wanted(place=(47.0, 142.7), km=10), LARGE | {"clinics_clinic"}),
    (Wanted(payment=Payment.OMS, within_days=7), LARGE - {"clinics_service"}),
]
#: Questions about times that many clinics answer: one look into the times of each, however many services it has.
TIMED = [
    Wanted(within_days=7),
    Wanted(payment=Payment.OMS, within_days=7),
    Wanted(direction="clinical", within_days=7),
]


#: Questions that many clinics answer.
BROAD = [Wanted(), Wanted(text="клиника"), Wanted(payment=Payment.OMS)]
#: The times that are read down to the end of the second page, every other one of which is taken here. A table is read
#: whole by nothing.
READ = 2 * (2 * PAGE + 1) * TIMES_EACH


def _whole_reads(queries, tables):
    found = []
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql'].replace('%', '%%')}", [])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        if set(re.findall(r"Seq Scan on (\w+)", plan)) & tables:
            found.append(plan)
    return found


def _most_rows(queries, table=None):
    """How many rows the busiest step of a statement has touched, kept or not; of those that read `table`."""

    def steps(node):
        if table in (None, node.get("Relation Name")):
            yield sum(
                node.get(name, 0) * node["Actual Loops"] for name in ("Actual Rows", "Rows Removed by Filter")
            )
        for part in node.get("Plans", ()):
            yield from steps(part)

    most = 0
    with connection.cursor() as cursor:
        # So few rows as here are as soon sorted; a region's would be too, where no index has their order.
        for way in ("sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for query in queries:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql'].replace('%', '%%')}", [])
            most = max(most, *steps(cursor.fetchone()[0][0]["Plan"]))
        for way in ("sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = on")
    return most


def test_four_statements_by_index_and_a_map_of_groups(request):
    full = request.config.getoption("--full-size")
    size = 10_000 if full else 1_500
    grow(size, 10 if full else 3, 10 if full else 4)
    for wanted, tables in ASKED:
        with CaptureQueriesContext(connection) as queries:
            search_catalogue(ANONYMOUS, wanted)
        assert len(queries) <= 4, wanted
        assert _whole_reads(queries, tables) == [], wanted
    for wanted in TIMED:
        with CaptureQueriesContext(connection) as queries:
            assert len(search_catalogue(ANONYMOUS, wanted).spots) > size / 2
        assert _most_rows(queries[:1], "clinics_slot") <= 1.1 * size, wanted
    everything = search_catalogue(ANONYMOUS, Wanted(), page=None)
    for wanted in BROAD:
        with CaptureQueriesContext(connection) as queries:
            page = search_catalogue(ANONYMOUS, wanted, page=2)
        # The statement before is that of the narrow rows, for the map; where nothing is asked they are kept.
        assert len(queries) <= 4, wanted
        assert _most_rows(queries[-2:]) <= READ, wanted
        exactly = search_catalogue(ANONYMOUS, wanted, page=None).spots[PAGE : 2 * PAGE + 1]
        assert [(s.pk, s.first_free) for s in page.spots[PAGE : 2 * PAGE + 1]] == [
            (s.pk, s.first_free) for s in exactly
        ], wanted
        assert [spot.number for spot in page.spots[2 * PAGE : 2 * PAGE + 2]] == [2 * PAGE + 1, 0]
    assert len(everything.spots) == size + 1
    drawing = catalogue_map("sakhalin", everything.spots, width=358, height=412)
    assert sum(len(mark.entries) for mark in drawing.marks) + len(drawing.outside) == size + 1
    assert len(drawing.marks) < 120
