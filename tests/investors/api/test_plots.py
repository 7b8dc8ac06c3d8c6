"""Land by REST: everybody's program reads what was published, the land office writes."""

from __future__ import annotations

import pyogrio
import pytest

from cluster_portal.accounts.models import User
from tests.api.support import Caller
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

URL = "/api/v1/plots/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def office(client, land):
    """A person of the land office, signed in."""
    client.force_login(User.objects.get(pk=land.user_id))
    return client


def test_the_land_office_enters_a_plot_and_offers_it(office, site):
    body = {
        "site": str(site.pk), "number": "13", "title_ru": "Участок № 13", "direction": "rehabilitation",
        "area": "1.0000", "term_years": 49, "outline": rows.square(),
    }  # fmt: skip
    made = office.post(URL, body, **JSON)
    assert made.status_code == 201, made.content
    plot = made.json()
    assert (plot["state"], plot["available_actions"]) == ("draft", ["publish"])
    address = f"{URL}{plot['id']}/"
    reader = Caller()
    assert reader.get(address).status_code == 404
    utility = {"kind": "power", "total": "2000", "free": "1250", "stated_on": "2026-11-12"}
    laid = office.post(f"{address}utilities/", utility, **JSON)
    assert (laid.status_code, laid.json()["unit"]) == (201, "кВт")
    assert office.patch(address, {"price": "4100000.00"}, **JSON).json()["price"] == "4100000.00"
    assert office.post(f"{address}publish/", **JSON).json()["state"] == "published"
    seen = reader.get(address).json()
    assert seen["available_actions"] == [] and seen["power"] == "1250.00"
    assert [one["kind"] for one in seen["utilities"]] == ["power"]
    assert seen["outline"]["type"] == "Polygon"


def test_a_fault_of_the_outline_names_its_place(office, site):
    rows.make_plot(site, number="1")
    body = {
        "site": str(site.pk), "number": "2", "title_ru": "Участок № 2", "direction": "clinical", "area": "1",
        "term_years": 49,
    }  # fmt: skip
    for outline, status, code in (
        (rows.square(0.5, 0), 409, "plots_overlap"), (rows.square(3, 3, 1, 2), 400, "area_differs"),
        (rows.square(20, 20), 400, "bad_outline"), ({"type": "Point"}, 400, "bad_outline"),
    ):  # fmt: skip
        answer = office.post(URL, body | {"outline": outline}, **JSON)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert office.post(URL, body | {"outline": rows.square(5, 5)}, **JSON).status_code == 201


def test_lists_are_narrowed(site, django_assert_num_queries):
    near, far = (
        rows.make_plot(site, at=(0, 0)),
        rows.make_plot(site, at=(5, 5), direction="scientific", state="built"),
    )
    rows.make_plot(site, at=(7, 7), state="draft")
    rows.make_utility(near, free=900)
    west, south = rows.LON, rows.LAT
    reader = Caller()

    def found(query):
        answer = reader.get(f"{URL}?{query}")
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    assert found("") == {str(near.pk), str(far.pk)}
    for query, plot in (
        (f"bbox={west},{south},{west + 0.001},{south + 0.0005}", near), ("power_from=500", near),
        ("state=built", far), ("direction=scientific", far), (f"site={site.pk}&state=published", near),
    ):  # fmt: skip
        assert found(query) == {str(plot.pk)}, query
    for wrong in ("bbox=1,2,3", "bbox=37,55,36,56", "bbox=nan,0,1,1", "power=1"):
        assert reader.get(f"{URL}?{wrong}").status_code == 400, wrong


def test_documents_are_listed_with_their_address(site):
    document = rows.make_document(rows.make_plot(site))
    reader = Caller()
    [one] = reader.get(f"{URL}{document.plot_id}/documents/").json()
    assert one["title"]["en"] == "Plan" and reader.get(one["url"]).getvalue()[:4] == b"%PDF"


def test_sites_are_listed(office, site):
    assert [one["id"] for one in Caller().get("/api/v1/sites/").json()["results"]] == [str(site.pk)]
    address = f"/api/v1/sites/{site.pk}/"
    assert (
        office.patch(address, {"name_en": "Town of medicine"}, **JSON).json()["name"]["en"]
        == "Town of medicine"
    )
    assert office.patch(address, {"area": "58.5"}, **JSON).json()["code"] == "area_differs"
    assert Caller().patch(address, {"name_en": "Mine"}).status_code == 403


def test_a_list_is_geojson_for_maps(site, tmp_path):
    """By Accept alone; pages lead on, and GDAL reads what came."""
    plots = [rows.make_plot(site, at=(2 * n, 0), number=str(n)) for n in range(3)]
    reader, maps = Caller(), {"Accept": "application/geo+json"}
    answer = reader.get(f"{URL}?limit=2&count=true", headers=maps)
    assert answer["Content-Type"] == "application/geo+json" and "Accept" in answer["Vary"]
    page = answer.json()
    assert (page["type"], page["count"], len(page["features"])) == ("FeatureCollection", 3, 2)
    rest = reader.get(page["next"], headers=maps).json()
    assert rest["next"] is None
    found = {one["id"]: one for one in (*page["features"], *rest["features"])}
    assert {pk: one["geometry"] for pk, one in found.items()} == {str(one.pk): one.outline for one in plots}
    [told] = reader.get(f"{URL}?limit=1").json()["results"]
    assert told.items() >= found[told["id"]]["properties"].items()
    path = tmp_path / "plots.geojson"
    path.write_bytes(answer.content)
    meta, _ids, shapes, _values = pyogrio.raw.read(path)
    assert (meta["crs"], meta["geometry_type"], len(shapes)) == ("EPSG:4326", "Polygon", 2)
    # What goes wrong is a problem as ever, and one plot is JSON alone.
    assert reader.get(f"{URL}?bbox=1", headers=maps)["Content-Type"] == "application/problem+json"
    assert reader.get(f"{URL}{plots[0].pk}/", headers=maps).status_code == 406
