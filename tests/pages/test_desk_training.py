"""The homes of the training office and of those who learn: queues, offers that run out, what is taught next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.selectors.cluster import forget_cluster
from cluster_portal.common.actor import SYSTEM
from cluster_portal.pages.selectors.covering import FEW
from tests.factories import clinics as make
from tests.factories import training as rows
from training.selectors import targets as selectors
from training.services.figures import count_figures

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


def test_figures_are_counted_in_the_background_and_each_has_its_list(client, hospital):
    """The same numbers for both offices, as of one moment; analysts see no few people and no lists."""
    office = make.make_member("training")
    client.force_login(office)
    assert client.get(HOME).context["home"].at is None
    target = rows.make_target(people=4)
    asks = rows.make_programme(required_papers=["passport"])
    intake = rows.make_intake(asks, seats=8)
    for state in ("accepted", "confirmed", "offered", "endorsed"):
        rows.make_nomination(rows.make_specialist(hospital), intake, state)
    rows.make_paper(intake.nominations.get(state="confirmed").specialist)
    rows.make_nomination(
        rows.make_specialist(hospital), rows.make_intake(begins=-9, state="finished"), "certified"
    )
    room = rows.make_teaching_room(make.make_clinic(hospital))
    rows.make_room_booking(room, days=-make.today().weekday())
    assert count_figures(SYSTEM) == 7 and count_figures(SYSTEM) == 7
    page = client.get(HOME)
    home = page.context["home"]
    assert [(part.value, part.whole) for part in (home.seats, home.papers, home.rooms)] == [
        (3, 8),
        (2, 3),
        (2, 84),
    ]
    (reach,) = home.targets
    assert reach == selectors.reach_of(target) and reach.figures.completed == 1
    assert len(client.get("/nominations/?papers=missing").context["page"].items) == home.papers.value
    assert f"/training/targets/{target.pk}/people/?part=completed" in page.content.decode()
    client.force_login(make.make_member("office"))
    seen = client.get(HOME)
    assert seen.context["home"] == home and f"/training/targets/{target.pk}/" in seen.content.decode()
    client.force_login(make.make_member("analyst"))
    seen = client.get(HOME)
    told = seen.context["home"]
    assert (told.targets[0].figures.completed, told.seats.value, told.papers.whole) == (FEW, FEW, FEW)
    assert "/training/targets/" not in seen.content.decode() and "papers=missing" not in seen.content.decode()
