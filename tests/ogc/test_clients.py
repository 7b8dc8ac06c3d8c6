"""Programs that others wrote read the door as they would read anybody's: GDAL (what QGIS reads with) and OWSLib."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from owslib.ogcapi.features import Features
from shapely import from_wkb

from investors.states import PlotState
from tests.factories import investors as land
from tests.factories.clinics import make_clinic, make_cluster

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

#: GDAL in a process of its own: it holds the interpreter while it waits for the server, which is in this one.
READ = """
import json, sys, pyogrio
address, layer, box, where = json.loads(sys.argv[1])
meta, fids, shapes, values = pyogrio.raw.read(address, layer=layer, bbox=box and tuple(box), where=where)
fields = dict(zip(meta["fields"].tolist(), [[str(v) for v in column] for column in values]))
layers = [name for name, _kind in pyogrio.list_layers(address)]
print(json.dumps({"layers": layers, "crs": meta["crs"], "kind": meta["geometry_type"], "fields": fields,
                  "shapes": [shape.hex() for shape in shapes]}))
"""


def gdal(address: str, layer: str, box: list[float] | None = None, where: str | None = None) -> dict:
    """What GDAL's driver of OGC API Features reads of a layer."""
    asked = json.dumps([f"OAPIF:{address}/ogc/", layer, box, where])
    done = subprocess.run([sys.executable, "-c", READ, asked], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def cluster():
    make_cluster()
    site = land.make_site()
    return [land.make_plot(site, at=(n % 5 * 2, n // 5 * 2)) for n in range(12)]


def test_gdal_and_owslib_read_plots_and_clinics(live_server, cluster):
    address, plots = live_server.url, cluster
    near, _far = make_clinic(lat=46.9, lon=142.7), make_clinic(lat=50.9, lon=142.1)

    read = gdal(address, "plots")
    assert set(read["layers"]) == {"plots", "clinics", "projects"} and read["kind"] == "Polygon"
    assert set(read["fields"]["number"]) == {plot.number for plot in plots}
    for outline in (from_wkb(bytes.fromhex(one)) for one in read["shapes"]):
        assert outline.is_valid and outline.exterior.is_ccw and 37 < outline.centroid.x < 38
    west, south, east, north = plots[0].box
    boxed = gdal(address, "plots", [west, south, east, north])
    assert boxed["fields"]["number"] == [plots[0].number]
    plots[3].state = PlotState.IN_TENDER
    plots[3].save()
    assert gdal(address, "plots", where="state = 'in_tender'")["fields"]["number"] == [plots[3].number]
    clinics = gdal(address, "clinics", [142, 46, 143, 48])
    assert clinics["fields"]["name_ru"] == [near.name_ru] and clinics["kind"] == "Point"

    door = Features(f"{address}/ogc/")
    assert door.feature_collections() == ["plots", "clinics", "projects"]
    assert door.conformance()["conformsTo"] and door.api()["openapi"] == "3.0.3"
    seen: list[str] = []
    while len(seen) < 12:
        page = door.collection_items("plots", limit=5, offset=len(seen))
        assert (page["numberMatched"], page["numberReturned"]) == (12, min(5, 12 - len(seen)))
        seen += [one["id"] for one in page["features"]]
    assert set(seen) == {str(plot.pk) for plot in plots}
    assert door.collection_items("plots", bbox=[west, south, east, north])["numberMatched"] == 1
    assert door.collection_item("clinics", str(near.pk))["properties"]["name_ru"] == near.name_ru
