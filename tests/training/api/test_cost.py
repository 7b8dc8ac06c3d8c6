"""Every list of training asks the same number of questions of one row and of thirty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db

MANY = 30


def sown(intake, n):
    """One row of each kind, none of which shares its neighbours with another."""
    specialist = rows.make_specialist()
    rows.make_paper(specialist)
    rows.make_session(intake, 6 + n % 12)
    own = rows.make_intake(days=3)
    nomination = rows.make_nomination(specialist, own, "certified")
    rows.make_certificate(nomination)
    rows.make_receipt(rows.make_expense(intake, nomination=rows.make_nomination(intake=intake)))
    rows.make_room_booking(rows.make_teaching_room(), hour=8 + n % 10)
    rows.make_target(specialty=specialist.specialty)


def asked(client, path):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path, {"limit": 100} if path.count("/") == 4 else {})
    assert response.status_code == 200, (path, response.content)
    found = response.json()
    return len(queries), len(found if isinstance(found, list) else found["results"])


def test_lists_by_rest_cost_the_same_for_one_row_and_for_thirty(client, hospital):
    client.force_login(make.make_member("training", organization=hospital))
    intake = rows.make_intake(seats=100)
    resources = (
        "specialists", "programmes", "intakes", "nominations", "training-targets", "training-expenses",
        "teaching-rooms", "room-bookings", "certificates",
    )  # fmt: skip
    paths = [f"/api/v1/{name}/" for name in resources] + [f"/api/v1/intakes/{intake.pk}/expenses/"]
    sown(intake, 0)
    for path in paths:
        # What is remembered after the first question is no part of the price.
        asked(client, path)
    few = {path: asked(client, path) for path in paths}
    for n in range(1, MANY):
        sown(intake, n)
    many = {path: asked(client, path) for path in paths}
    assert all(number >= MANY for _queries, number in many.values()), many
    assert {path: queries for path, (queries, _n) in many.items()} == {
        path: queries for path, (queries, _n) in few.items()
    }
