"""Writing land: outlines, areas, neighbours, states."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from investors import outlines
from investors.errors import (
    AreaDiffers,
    BadOutline,
    CadastralNumberTaken,
    PlotCommitted,
    PlotNumberTaken,
    PlotsOverlap,
)
from investors.models import Plot
from investors.policies import plot_policy
from investors.selectors.office import dossier
from investors.services import plots as services
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    """What is said is compared by its words."""
    with translation.override("en"):
        yield


#: It touches the unit square above and below.
DIAMOND = {
    "coordinates": [
        [[rows.LON + x * rows.EAST, rows.LAT + y * rows.NORTH] for x, y in ((0.5, 0), (0.7, 0.5), (0.5, 1), (0.3, 0.5))]
    ]
}  # fmt: skip


def said(refused) -> str:
    return str(refused.value.errors["outline"][0])


def data(site, **changes):
    return {
        "site": site, "number": "13", "cadastral_number": "77:15:0020321:213", "title_ru": "Участок № 13",
        "direction": "rehabilitation", "area": Decimal("1.00"), "term_years": 49, "outline": rows.square(),
    } | changes  # fmt: skip


def test_a_plot_is_entered_offered_and_reserved(site, land):
    plot = services.add_plot(land, data=data(site))
    assert plot.state == "draft" and plot.box == pytest.approx(outlines.box_of([rows.square()]))
    assert not plot_policy.queryset(ANONYMOUS).exists()
    services.update_plot(land, plot_id=plot.pk, data={"number": "13а"})
    services.publish_plot(land, plot_id=plot.pk)
    assert plot_policy.queryset(ANONYMOUS).get() == plot
    services.put_plot_to_tender(land, plot_id=plot.pk)
    with pytest.raises(PlotCommitted):
        services.update_plot(land, plot_id=plot.pk, data={"price": 1})
    with pytest.raises(IllegalTransition):
        services.withdraw_plot(land, plot_id=plot.pk, reason="Сеть")
    services.reserve_plot(land, plot_id=plot.pk)
    moves = Entry.objects.filter(table_name="investors_plot", row_id=str(plot.pk))
    assert moves.filter(action="reserve_plot", user_id=land.user_id).exists()
    # To whom it is given and what is built follow from the agreement and the opening alone.
    assert dossier(land, plot.pk).actions == ["release", "withdraw"]


def test_withdrawing_asks_why_and_frees_the_land(site, land):
    plot = rows.make_plot(site)
    with pytest.raises(Invalid):
        services.withdraw_plot(land, plot_id=plot.pk, reason=" ")
    services.withdraw_plot(land, plot_id=plot.pk, reason="Делится на два")
    half = services.add_plot(land, data=data(site, area=Decimal("0.5"), outline=rows.square(0, 0, 0.5)))
    with pytest.raises(PlotsOverlap) as refused:
        services.publish_plot(land, plot_id=plot.pk)
    assert refused.value.extra["plot"] == half.number
    plot.refresh_from_db()
    assert (plot.state, plot.withdraw_reason) == ("withdrawn", "Делится на два")


def test_only_the_land_office_writes(site, land):
    draft, shown = rows.make_plot(site, state="draft"), rows.make_plot(site, at=(2, 0))
    office, manager = make.make_actor("office"), make.make_actor("manager")
    for actor, refused in ((office, Forbidden), (manager, NotFound), (ANONYMOUS, NotFound)):
        with pytest.raises(refused):
            services.publish_plot(actor, plot_id=draft.pk)
        with pytest.raises(Forbidden):
            services.reserve_plot(actor, plot_id=shown.pk)
        with pytest.raises(Forbidden):
            services.add_plot(actor, data=data(site))


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([[0, 0], [1, 1], [1, 0], [0, 1]], "crosses itself at 0.500000, 0.500000"),
        ([[0, 0], [1, 1]], "three points"),
        ([[0, 0], [1, 1], [2, 2]], ""),
        ([[200, 0], [1, 1], [2, 5]], "no such place"),
        ([[412345.6, 6170000.1], [412445.6, 6170000.1], [412445.6, 6170100.1]], "Degrees of WGS 84"),
        ([[46.95, 142.7], [46.96, 142.7], [46.96, 142.71]], "Longitude comes first"),
        ([[0], [1, 1], [2, 5]], "longitude and a latitude"),
        ([[0, float("nan")], [1, 1], [2, 5]], "longitude and a latitude"),
        ([[n / 1e4, 0] for n in range(20_000)], "at most 2000 points, this one has 20000"),
    ],
)
def test_a_bad_outline_is_refused_in_words(points, words):
    with pytest.raises(BadOutline) as refused:
        outlines.read({"type": "Polygon", "coordinates": [points]})
    assert words in str(refused.value.errors["outline"][0])


@pytest.mark.parametrize(
    ("hole", "words"),
    [
        (rows.square(5, 5), "hole of the outline lies outside"), (rows.square(-0.5, 0.5), "crosses itself"),
        (rows.square(0.2, 0.2, 0.2, 0.2), "lies in another hole"), (DIAMOND, "cuts the outline in two"),
    ],
)  # fmt: skip
def test_a_bad_hole_is_told_from_a_crossing(hole, words):
    rings = [rows.square(0, 0, 1, 1), hole, rows.square(0.1, 0.1, 0.5, 0.5)][: 3 if "another" in words else 2]
    with pytest.raises(BadOutline) as refused:
        outlines.read({"type": "Polygon", "coordinates": [one["coordinates"][0] for one in rings]})
    assert words in str(refused.value.errors["outline"][0]) and refused.value.extra["at"]


def test_what_other_programs_write_is_taken():
    wanted = outlines.read(rows.square())
    [ring] = rows.square()["coordinates"]
    for rings in ([ring[:-1]], [[[*point, 12.5] for point in ring]], [[*ring[:2], ring[1], *ring[2:]]]):
        assert outlines.read({"type": "Polygon", "coordinates": rings}) == wanted
    assert outlines.read({"type": "MultiPolygon", "coordinates": [[ring]]}) == wanted
    with pytest.raises(BadOutline) as refused:
        outlines.read({"type": "MultiPolygon", "coordinates": [[ring], rows.square(2, 2)["coordinates"]]})
    assert "2 separate pieces" in said(refused)


def test_an_outline_is_read_from_a_file_of_others():
    wanted = outlines.read(rows.square())
    feature = {"type": "Feature", "geometry": rows.square(), "properties": {}}
    for given in (feature, {"type": "FeatureCollection", "features": [feature]}):
        assert outlines.read(given) == wanted
    clockwise = {"type": "Polygon", "coordinates": [rows.square()["coordinates"][0][::-1]]}
    assert outlines.area(outlines.read(clockwise)) == pytest.approx(outlines.area(wanted))
    utm = rows.square() | {"crs": {"type": "name", "properties": {"name": "EPSG:32637"}}}
    crs84 = rows.square() | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}
    assert outlines.read(crs84) == wanted
    for given in (utm, {"type": "FeatureCollection", "features": []}, {"type": "Point"}, "[]", None):
        with pytest.raises(BadOutline):
            outlines.read(given)


def test_the_area_is_that_of_the_outline(site, land):
    # A square of 100 × 100 m by the arc lengths of the WGS 84 ellipsoid at 55.69° N.
    assert outlines.hectares(rows.square()) == pytest.approx(1.0, rel=2e-3)
    hole = rows.square(0, 0, 2, 2)
    hole["coordinates"].append(rows.square(0.5, 0.5)["coordinates"][0])
    assert outlines.hectares(outlines.read(hole)) == pytest.approx(3.0, rel=2e-3)
    with pytest.raises(AreaDiffers) as refused:
        services.add_plot(land, data=data(site, area=Decimal("1.02")))
    text = str(refused.value.errors["area"][0])
    assert "off by" in text and "100 m" in text
    assert services.add_plot(land, data=data(site, area=Decimal("1.005"))).pk


def test_neighbours_may_touch_and_not_overlap(site, land):
    first = services.add_plot(land, data=data(site))
    services.add_plot(land, data=data(site, number="14", cadastral_number="", outline=rows.square(1, 0)))
    with pytest.raises(PlotsOverlap) as refused:
        services.update_plot(land, plot_id=first.pk, data={"outline": rows.square(0.1, 0)})
    assert refused.value.extra["plot"] == "14" and refused.value.extra["square_metres"] == pytest.approx(
        1000, rel=0.01
    )
    assert "No. 14" in str(refused.value) and "55.69" in str(refused.value)
    lon, lat = refused.value.extra["at"]
    assert rows.LON < lon < rows.LON + 2 * rows.EAST and rows.LAT < lat < rows.LAT + rows.NORTH


def test_what_else_is_refused(site, land):
    services.add_plot(land, data=data(site))
    elsewhere = {"outline": rows.square(3, 3)}
    swapped = [[lat, lon] for lon, lat in rows.square(3, 3)["coordinates"][0]]
    for changes, error in (
        ({"number": "14"} | elsewhere, CadastralNumberTaken),
        ({"cadastral_number": ""} | elsewhere, PlotNumberTaken),
        ({"cadastral_number": "77:15"} | elsewhere, Invalid),
        ({"term_years": None} | elsewhere, Invalid),
        ({"tenure": "sale"} | elsewhere, Invalid),
        ({"colour": "red"} | elsewhere, Invalid),
        ({"number": "14", "outline": rows.square(9.5, 9.5)}, BadOutline),
        ({"number": "14", "outline": {"type": "Polygon", "coordinates": [swapped]}}, Invalid),
    ):
        with pytest.raises(error), transaction.atomic():
            services.add_plot(land, data=data(site, **changes))
    with pytest.raises(BadOutline) as refused:
        services.add_plot(
            land, data=data(site, number="14", outline={"type": "Polygon", "coordinates": [swapped]})
        )
    assert "Latitude is written first" in said(refused)


def test_a_site_keeps_its_plots_within(site, land):
    services.add_plot(land, data=data(site, outline=rows.square(9, 9)))
    smaller = rows.square(0, 0, 9.9, 10)
    with pytest.raises(BadOutline) as refused:
        services.update_site(
            land,
            site_id=site.pk,
            data={"outline": smaller, "area": Decimal(f"{outlines.hectares(smaller):.4f}")},
        )
    assert "Plot No. 13 would leave the site by 100" in said(refused) and refused.value.extra["at"]


def test_the_database_refuses_a_leap_past_the_table(site):
    plot = rows.make_plot(site)
    with pytest.raises(Exception, match="built"), transaction.atomic():
        Plot.objects.filter(pk=plot.pk).update(state="built")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.make_utility(plot, free=10, total=5)
