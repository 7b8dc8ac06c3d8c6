"""What geographic programs get: the plots and clinics that visitors see, by the rules of OGC API Features 1.0."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from shapely.geometry import shape

from clinics.states import ClinicStatus, OrganizationStatus
from cluster_portal.ogc import asking
from cluster_portal.ogc.collections import CLINICS, COLLECTIONS, PLOTS, boxes_of
from investors.models import Plot
from investors.states import PlotState
from tests.factories import investors as land
from tests.factories.clinics import make_clinic, make_cluster, make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make_cluster()


def ids(answer) -> set[str]:
    return {one["id"] for one in answer.json()["features"]}


def items(client, collection: str = "plots", **query: object):
    answer = client.get(f"/ogc/collections/{collection}/items", query)
    assert answer.status_code == 200, answer.content
    return answer


def test_the_landing_page_leads_to_everything(client):
    answer = client.get("/ogc/")
    links = {one["rel"]: one for one in answer.json()["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= links.keys()
    for one in links.values():
        there = client.get(one["href"])
        assert there.status_code == 200 and there["Content-Type"] == one["type"]
    assert len(client.get("/ogc/conformance").json()["conformsTo"]) == 3


def test_any_site_may_read_it_and_nobody_is_looked_up(client):
    answer = client.get(
        "/ogc/", headers={"Origin": "https://gis.example", "Authorization": "Bearer nonsense"}
    )
    assert answer.status_code == 200 and answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer
    asked = client.options("/ogc/collections", headers={"Origin": "https://gis.example"})
    assert asked.status_code == 200 and "GET" in asked["Access-Control-Allow-Methods"]
    assert client.post("/ogc/collections", {}).status_code == 405


def test_the_form_of_answers(client):
    assert client.get("/ogc/collections?f=json").status_code == 200
    refused = client.get("/ogc/collections?f=html")
    assert refused.status_code == 400 and refused["Content-Type"] == "application/problem+json"
    assert client.get("/ogc/", headers={"Accept": "text/html"}).status_code == 200


def test_the_same_answer_is_not_sent_twice(client):
    land.make_plot()
    first = items(client)
    again = client.get("/ogc/collections/plots/items", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Plot.objects.update(price=1)
    changed = client.get("/ogc/collections/plots/items", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_collections_say_where_they_lie(client):
    empty = {one["id"]: one for one in client.get("/ogc/collections").json()["collections"]}
    assert empty.keys() == COLLECTIONS.keys() and "extent" not in empty["plots"]
    plot, far = land.make_plot(), make_clinic(lat=50.1, lon=142.9)
    make_clinic(lat=46.9, lon=141.0)
    plots = client.get("/ogc/collections/plots").json()
    assert plots["extent"]["spatial"]["bbox"] == [list(plot.box)]
    assert plots["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] and plots["itemType"] == "feature"
    clinics = client.get("/ogc/collections/clinics").json()
    assert clinics["extent"]["spatial"]["bbox"] == [[141.0, 46.9, far.lon, far.lat]]
    assert client.get("/ogc/collections/nothing").status_code == 404


def test_a_plot_as_a_feature(client):
    plot = land.make_plot(area="1.5")
    land.make_utility(plot, free=640)
    (feature,) = items(client).json()["features"]
    told = feature["properties"]
    assert (told["area"], told["power"], told["price"]) == (1.5, 640.0, 4_100_000.0)
    assert (told["title_en"], told["site"], told["state"]) == (plot.title_en, plot.site.name_ru, "published")
    assert told["url"] == f"http://testserver/plots/{plot.pk}/"
    outline = shape(feature["geometry"])
    assert outline.is_valid and outline.exterior.is_ccw
    alone = client.get(f"/ogc/collections/plots/items/{plot.pk}")
    assert alone["Content-Type"] == "application/geo+json"
    assert alone.json()["properties"] == told and alone.json()["geometry"] == feature["geometry"]
    assert {one["rel"] for one in alone.json()["links"]} == {"self", "collection"}


def test_what_visitors_do_not_see_is_not_there(client):
    shown = land.make_plot()
    hidden = [land.make_plot(state=state) for state in (PlotState.DRAFT, PlotState.WITHDRAWN)]
    client.force_login(make_user(is_superuser=True))
    assert ids(items(client)) == {str(shown.pk)}
    for plot in hidden:
        assert client.get(f"/ogc/collections/plots/items/{plot.pk}").status_code == 404
    assert client.get("/ogc/collections/plots/items/nothing").status_code == 404
    clinic = make_clinic()
    make_clinic(make_organization(status=OrganizationStatus.SUSPENDED))
    make_clinic(status=ClinicStatus.CLOSED, closed_on=timezone.localdate(), close_reason="Переезд")
    assert ids(items(client, "clinics")) == {str(clinic.pk)}
    outsider = client.get(f"/clinics/{clinic.pk}/")
    assert outsider.status_code == 200


def test_a_part_of_the_map(client):
    here, there = land.make_plot(at=(0, 0)), land.make_plot(at=(3, 3))
    west, south, east, north = here.box
    assert ids(items(client, bbox=f"{west},{south},{east},{north}")) == {str(here.pk)}
    assert ids(items(client, bbox=f"{west},{south},0,{east},{north},100")) == {str(here.pk)}
    assert ids(items(client, bbox="-180,-90,180,90")) == {str(here.pk), str(there.pk)}
    assert ids(items(client, bbox="10,10,11,11")) == set()


def test_a_box_over_the_180th_meridian(client):
    anadyr, uelen = make_clinic(lat=64.7, lon=177.5), make_clinic(lat=66.2, lon=-169.8)
    make_clinic(lat=65, lon=100)
    assert boxes_of((170, 60, -160, 70)) == [(170, 60, 180.0, 70), (-180.0, 60, -160, 70)]
    assert ids(items(client, "clinics", bbox="170,60,-160,70")) == {str(anadyr.pk), str(uelen.pk)}


def test_what_changed_when(client):
    old, new = land.make_plot(), land.make_plot()
    now = timezone.now().replace(microsecond=0)
    day = now - timedelta(days=10)
    for plot, moment in ((old, day), (new, now)):
        Plot.objects.filter(pk=plot.pk).update(updated_at=moment)
    said = [moment.isoformat().replace("+00:00", "Z") for moment in (day, now)]
    for asked, found in {
        said[0]: {old}, f"{said[1]}/..": {new}, f"../{said[0]}": {old}, f"{said[0]}/{said[1]}": {old, new},
        f"{day.date()}": {old}, f"/{said[1]}": {old, new},
    }.items():  # fmt: skip
        assert ids(items(client, datetime=asked)) == {str(plot.pk) for plot in found}, asked


def test_by_properties(client):
    land.make_plot()
    tendered = land.make_plot(state=PlotState.IN_TENDER, direction="rehabilitation")
    assert ids(items(client, state="in_tender")) == {str(tendered.pk)}
    assert ids(items(client, direction="rehabilitation", number=tendered.number)) == {str(tendered.pk)}
    abroad = make_clinic(make_organization(ownership="foreign"), wheelchair=True, level=3)
    make_clinic()
    for asked in ({"ownership": "foreign"}, {"wheelchair": "true"}, {"level": "3"}):
        assert ids(items(client, "clinics", **asked)) == {str(abroad.pk)}, asked


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,2,3"}, {"bbox": "1,2,3,nan"}, {"bbox": "37,56,38,55"}, {"bbox": "200,0,210,1"}, {"limit": "0"},
        {"limit": "x"}, {"offset": "-1"}, {"datetime": "yesterday"}, {"datetime": "../.."}, {"state": "draft"},
        {"datetime": "2026-11-21/2026-11-20"}, {"stat": "published"}, {"title_ru": "x"}, {"f": "html"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(client, query):
    answer = client.get("/ogc/collections/plots/items", query)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["field"] == next(iter(query)) and error["detail"]


@pytest.mark.parametrize("query", [{"level": "high"}, {"wheelchair": "yes"}, {"status": "closed"}], ids=str)
def test_values_of_another_type_are_refused(client, query):
    assert client.get("/ogc/collections/clinics/items", query).status_code == 400


def test_pages_lead_to_one_another(client):
    site = land.make_site()
    plots = {str(land.make_plot(site, at=(n % 5, n // 5)).pk) for n in range(7)}
    seen, address, forward = [], "/ogc/collections/plots/items?limit=3&state=published", []
    while address:
        page = client.get(address).json()
        assert (page["numberMatched"], page["numberReturned"]) == (7, len(page["features"]))
        seen += [one["id"] for one in page["features"]]
        links = {one["rel"]: one["href"] for one in page["links"]}
        forward.append(links)
        address = links.get("next")
    assert len(seen) == 7 and set(seen) == plots
    assert [("prev" in links) for links in forward] == [False, True, True]
    back = client.get(forward[-1]["prev"]).json()
    assert [one["id"] for one in back["features"]] == seen[3:6]
    beyond = items(client, offset=100).json()
    assert (beyond["numberMatched"], beyond["features"]) == (7, [])
    # More than a page may hold is brought down, as the standard asks, and not refused.
    assert asking.read(PLOTS, {"limit": "100000"}).limit == asking.MOST


@pytest.mark.parametrize("collection", ["plots", "clinics"])
def test_the_cost_does_not_grow(client, django_assert_max_num_queries, collection):
    make = {"plots": land.make_plot, "clinics": make_clinic}[collection]
    for number in (1, 29):
        for _n in range(number):
            make()
        # The cluster, how many there are, the page.
        with django_assert_max_num_queries(3):
            assert items(client, collection, limit=100).json()["numberReturned"] in {1, 30}
    with django_assert_max_num_queries(3):
        client.get("/ogc/collections")


def test_a_box_of_thousands_is_asked_of_the_index():
    site = land.make_site()
    Plot.objects.bulk_create(
        [
            Plot(
                site=site, number=f"S{n}", title_ru="Участок", direction="clinical", area=1, state=PlotState.PUBLISHED,
                **land.boxed(land.square(n % 70, n // 70)),
            )
            for n in range(5000)
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE investors_plot")
    west, south, east, north = land.make_plot(site, at=(10, 10), number="X").box
    asked = asking.read(PLOTS, {"bbox": f"{west},{south},{east},{north}"})
    plan = asked.narrow(PLOTS)[:100].explain()
    assert "plot_box" in plan, plan
    assert 1 <= asked.narrow(PLOTS).count() < 20


def test_the_description_names_what_may_be_asked(client):
    document = client.get("/ogc/api").json()
    assert document["openapi"] == "3.0.3" and document["servers"] == [{"url": "http://testserver/ogc"}]
    for one in (PLOTS, CLINICS):
        operation = document["paths"][f"/collections/{one.id}/items"]["get"]
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert named == (asking.PARAMETERS - {"f"}) | one.asked.keys()
        assert document["components"]["schemas"][one.id]["properties"]
