"""Numbers in addresses: what is no number is refused, and so is a part of a day, a year or a place."""

import pytest

from tests.api.support import Caller, assert_problem
from tests.factories import clinics

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Caller(clinics.make_clinic().organization)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("referrals", "no_shows_from"), ("clinics", "free_within_days"), ("equipment", "programme_year"),
        ("teaching-rooms", "capacity_from"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["", "8.6e-185", "1.5", "some", "NaN"])
def test_what_is_counted_is_whole(program, path, name, value):
    response = program.get(f"/api/v1/{path}/?{name}={value}")
    assert_problem(response, 400, "invalid")
    assert [error["field"] for error in response.json()["errors"]] == [name]


@pytest.mark.parametrize("value", ["2000", "2000.0"])
def test_a_whole_number_is_taken(program, value):
    assert program.get(f"/api/v1/equipment/?programme_year={value}").status_code == 200


@pytest.mark.parametrize("value", ["", "wide", "NaN", "Infinity"])
def test_what_is_measured_is_a_number(program, value):
    assert_problem(program.get(f"/api/v1/plots/?area_from={value}"), 400, "invalid")
    assert program.get("/api/v1/plots/?area_from=1.5").status_code == 200
