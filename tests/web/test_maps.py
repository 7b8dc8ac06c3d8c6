"""Outlines, projection and the places of names."""

import pytest

from cluster_portal.web import maps

CLUSTERS = ["sakhalin", "skolkovo", "aktobe"]


@pytest.mark.parametrize("slug", CLUSTERS)
def test_region_fills_its_room(slug):
    frame = maps.frame(slug, 1000, 800, room=(100, 50, 900, 750))
    west, south, east, north = maps.outlines(slug)["bounds"]
    left, top = frame.xy(west, north)
    right, bottom = frame.xy(east, south)
    assert left >= 99 and right <= 901 and top >= 49 and bottom <= 751
    assert abs((left + right) / 2 - 500) < 1 and abs((top + bottom) / 2 - 400) < 1
    assert (right - left) > 790 or (bottom - top) > 690


@pytest.mark.parametrize("slug", CLUSTERS)
def test_paths_are_whole_and_small(slug):
    frame = maps.frame(slug, 1440, 720)
    assert frame.own.startswith("M") and frame.own.endswith("z")
    assert len(frame.own) + len(frame.other) < 40_000
    assert bool(frame.other) != frame.landlocked


def test_south_is_below_north_and_east_is_right():
    frame = maps.frame("sakhalin", 800, 900)
    okha, korsakov, severo = frame.xy(142.95, 53.59), frame.xy(142.78, 46.63), frame.xy(156.12, 50.67)
    assert okha[1] < severo[1] < korsakov[1]
    assert okha[0] < severo[0]
    assert frame.shows(142.78, 46.63)
    assert not frame.shows(126.98, 37.57)


def test_land_is_known_to_be_land():
    frame = maps.frame("sakhalin", 800, 900)
    x, y = frame.xy(142.8, 50.5)
    assert frame.on_own_land((x - 2, y - 2, x + 2, y + 2))
    x, y = frame.xy(148.0, 50.5)
    assert not frame.on_own_land((x - 2, y - 2, x + 2, y + 2))


def test_unknown_region_has_no_drawing_unless_bounds_are_given():
    assert maps.frame("atlantis", 100, 100) is None
    frame = maps.frame("atlantis", 100, 100, bounds=(10, 10, 20, 20))
    assert frame.own == frame.other == ""


def test_names_touch_neither_one_another_nor_the_edge():
    pins = [maps.Pin(60 + 9 * n, 60 + 5 * n, f"Город {n}") for n in range(20)]
    maps.place_labels(pins, 400, 300, taken=[(0, 0, 50, 300)])
    boxes = []
    for pin in pins:
        if pin.shown:
            wide = len(pin.text) * pin.size * 0.58
            left = pin.tx - {"start": 0, "end": wide, "middle": wide / 2}[pin.anchor]
            boxes.append((left, pin.ty - pin.size * 0.85, left + wide, pin.ty + pin.size * 0.2))
    assert 2 <= len(boxes) < 20
    for number, one in enumerate(boxes):
        assert one[0] >= 50 and one[2] <= 400 and one[1] >= 0 and one[3] <= 300
        for other in boxes[:number]:
            assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])


def test_bounds_have_a_margin_also_around_one_point():
    assert maps.bounds_of([]) is None
    west, south, east, north = maps.bounds_of([(142.7, 46.9)])
    assert west < 142.7 < east and south < 46.9 < north


@pytest.mark.parametrize(
    ("slug", "lon", "lat", "km"),
    [
        ("sakhalin", 142.73, 46.95, (0, 0)),
        ("sakhalin", 141.35, 43.06, (300, 340)),
        ("skolkovo", 37.62, 55.75, (0, 0)),
        ("skolkovo", 55.75, 37.62, (2000, 3000)),
        ("nowhere", 0, 0, None),
    ],
)
def test_how_far_a_place_lies_outside_of_the_region(slug, lon, lat, km):
    found = maps.beyond(slug, lon, lat)
    assert found is None if km is None else km[0] <= found <= km[1]
