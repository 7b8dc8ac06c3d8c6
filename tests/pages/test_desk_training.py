"""The homes of the training office and of those who learn: queues, offers that run out, what is taught next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.selectors.cluster import forget_cluster
from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db

HOME = "/desk/"


@pytest.fixture
def hospital():
    forget_cluster()
    make.make_cluster()
    return make.make_organization()


def test_the_training_office_sees_its_queues_and_what_is_taught_next(client, hospital):
    client.force_login(make.make_member("training"))
    intake = rows.make_intake(begins=5, state="closed")
    session = rows.make_session(intake)
    rows.make_session(intake, 11, is_break=True)
    rows.make_session(rows.make_intake(begins=5, state="finished"))
    room = rows.make_teaching_room(make.make_clinic(hospital))
    rows.make_room_booking(room, state="pending")
    held = rows.make_room_booking(room, starts=session.starts, ends=session.ends, session=session)
    for state in ("endorsed", "endorsed", "accepted", "waitlisted"):
        rows.make_nomination(rows.make_specialist(hospital), intake, state)
    now = timezone.now()
    later = rows.make_nomination(
        rows.make_specialist(hospital), intake, "offered", offer_until=now + timedelta(hours=30)
    )
    soon = rows.make_nomination(
        rows.make_specialist(hospital), intake, "offered", offer_until=now + timedelta(hours=3)
    )
    page = client.get(HOME)
    assert [tile["value"] for tile in page.context["tiles"]] == [2, 1, 1, 0, 1, 1]
    assert page.context["offers"] == [soon, later]
    assert page.context["sessions"] == [session] and page.context["sessions"][0].halls == [held]
    for tile in page.context["tiles"]:
        assert client.get(tile["url"]).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    before = len(queries)
    for hour in range(8, 20):
        rows.make_session(intake, hour)
        rows.make_nomination(rows.make_specialist(hospital), intake, "endorsed")
    with CaptureQueriesContext(connection) as queries:
        client.get(HOME)
    assert len(queries) == before


def test_who_learns_sees_the_own_seats_alone(client, hospital):
    user = make.make_member("specialist", organization=hospital)
    client.force_login(user)
    person = rows.make_specialist(hospital, user=user)
    mine, other = rows.make_intake(begins=3, state="closed"), rows.make_intake(begins=4, state="closed")
    session = rows.make_session(mine)
    rows.make_session(other)
    rows.make_nomination(person, mine, "confirmed")
    offered = rows.make_nomination(person, rows.make_intake(begins=90), "offered")
    rows.make_nomination(rows.make_specialist(hospital), other, "offered")
    page = client.get(HOME)
    assert [tile["value"] for tile in page.context["tiles"]] == [1, 1, 0]
    assert page.context["offers"] == [offered] and page.context["sessions"] == [session]
