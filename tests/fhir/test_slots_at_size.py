"""Searching times by FHIR over a region: 7,200 slots here; with `--full-size` a million, of 200 clinics and of 10,000.

Every statement that asks for slots goes by an index, the second page too. At full size a page takes the database at
most 50 ms (`-s` shows each).
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Service
from tests.clinics.selectors.growth import grow
from tests.factories import clinics as make
from tests.fhir.support import ROOT, Reader

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: Milliseconds of the database for a page.
BAR = 50
#: Clinics, services at each and times of each: here, and at full size also where the clinics are many.
SIZES = {"small": (60, 3, 40), "full": (200, 10, 500), "many clinics": (10_000, 10, 10)}


def searches(service: Service) -> list[str]:
    start, end = (make.at(day).isoformat().replace("+", "%2B") for day in (3, 10))
    window = f"start=ge{start}&start=lt{end}"
    return [
        "Slot?status=free",
        f"Slot?status=free&{window}",
        f"Slot?status=free&service-type={service.service_type_id}&{window}&_include=Slot:schedule",
        f"Slot?status=free&specialty={service.service_type.specialty_id}&{window}",
        f"Slot?status=free&schedule.actor=Location/{service.clinic_id}",
        f"Slot?status=free&schedule=Schedule/{service.pk}",
        f"Slot?schedule=Schedule/{service.pk}",
        f"Slot?status=busy&{window}",
        f"Slot?status=busy,free&{window}",
        f"Slot?{window}",
        f"Slot?service-type={service.service_type_id}&{window}&_count=200",
    ]


def plans(queries: CaptureQueriesContext) -> str:
    found = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if query["sql"].startswith("SELECT") and "clinics_slot" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql'].replace('%', '%%')}", [])
                found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def milliseconds(queries: CaptureQueriesContext) -> float:
    """How long the database is at the reading statements of a page when it is not the first to ask."""
    took = []
    for _turn in range(3):
        with CaptureQueriesContext(connection) as again, connection.cursor() as cursor:
            for query in queries.captured_queries:
                if query["sql"].startswith("SELECT"):
                    cursor.execute(query["sql"].replace("%", "%%"), [])
        took.append(sum(float(query["time"]) for query in again) * 1000)
    return min(took)


@pytest.mark.parametrize("size", ["full", "many clinics"])
def test_a_page_of_times_goes_by_an_index(request, size) -> None:
    full = request.config.getoption("full_size")
    if not full and size != "full":
        pytest.skip("One small region is enough to see which index is read.")
    make.make_cluster()
    reader = Reader()
    grow(*SIZES[size if full else "small"])
    service = Service.objects.select_related("service_type").filter(service_type_id="kind3").order_by("id")[0]
    reader.read("Slot?status=free&_count=1")
    for search in searches(service):
        with CaptureQueriesContext(connection) as queries:
            page = reader.read(search)
        assert page.get("entry"), search
        assert len(queries) <= 6, search
        assert "Seq Scan on clinics_slot" not in plans(queries), search
        pages = {"": queries}
        if following := [link["url"] for link in page["link"] if link["relation"] == "next"]:
            with CaptureQueriesContext(connection) as queries:
                reader.read(following[0].split(f"{ROOT}/")[1])
            assert "Seq Scan on clinics_slot" not in plans(queries), search
            pages[" (next)"] = queries
        if full:
            for which, seen in pages.items():
                took = milliseconds(seen)
                print(f"{search[:70]}{which:<8}{took:>8.1f} ms")
                assert took <= BAR, search
