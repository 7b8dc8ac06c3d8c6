"""The roadmap: its states, moved days, circles, and what is drawn."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid
from investors.models import RoadmapLink
from investors.roadmap_errors import RoadmapCircle
from investors.selectors import gantt
from investors.selectors.roadmap import RoadmapAsked, figures, item_file, roadmap
from investors.services import roadmap as services
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(site):
    return make.make_actor("office")


def edited(item):
    return {name: getattr(item, name) for name in ("title_ru", "section", "post")}


def test_an_item_is_planned_begun_postponed_and_finished(office, land):
    day = make.today()
    said = {
        "title_ru": "Корпус", "section": "facilities", "owner": make.make_organization(), "post": "Директор",
        "begins_on": day, "ends_on": day + timedelta(days=9), "funding": ["federal", "veb"],
    }  # fmt: skip
    with pytest.raises(Forbidden):
        services.plan_item(land, data=said)
    with pytest.raises(Invalid) as wrong:
        services.plan_item(office, data=said | {"ends_on": day - timedelta(days=1)})
    assert list(wrong.value.errors) == ["begins_on"]
    item = services.plan_item(office, data=said)
    with pytest.raises(IllegalTransition):
        services.finish_item(office, item_id=item.pk)
    for until in (day, day + timedelta(days=9)):
        with pytest.raises(Invalid):
            services.postpone_item(office, item_id=item.pk, reason="Проект", ends_on=until)
    services.postpone_item(office, item_id=item.pk, reason="Проект", ends_on=day + timedelta(days=20))
    services.start_item(office, item_id=item.pk)
    item = services.finish_item(office, item_id=item.pk)
    found = item_file(office, item.pk)
    assert (item.state, item.started_on, item.finished_on) == ("done", day, day)
    assert [(move.was, move.becomes) for move in found.moves] == [
        (day + timedelta(days=9), day + timedelta(days=20))
    ]
    assert found.actions == []


def test_items_never_wait_for_each_other_in_a_circle(office):
    first, second, third = (rows.make_roadmap_item() for _ in range(3))
    for item, needed in ((second, first), (third, second)):
        services.correct_item(office, item_id=item.pk, data=edited(item), needs=[needed.pk])
    for item, needed in ((first, third), (first, first)):
        with pytest.raises(RoadmapCircle):
            services.correct_item(office, item_id=item.pk, data=edited(item), needs=[needed.pk])
    assert RoadmapLink.objects.count() == 2
    services.correct_item(office, item_id=third.pk, data=edited(third), needs=[])
    assert RoadmapLink.objects.count() == 1


def test_what_is_overdue_comes_first_and_what_is_hidden_does_not_come_to_visitors(office):
    day = make.today()
    later = rows.make_roadmap_item()
    late = rows.make_roadmap_item(begins_on=day - timedelta(days=60))
    rows.make_roadmap_item(begins_on=day - timedelta(days=90), state="done", finished_on=day)
    hidden = rows.make_roadmap_item(is_public=False)
    assert next(iter(roadmap(office, RoadmapAsked()))) == late
    assert list(roadmap(office, RoadmapAsked(overdue=True))) == [late]
    assert hidden not in roadmap(ANONYMOUS, RoadmapAsked()) and later in roadmap(ANONYMOUS, RoadmapAsked())
    assert (figures(office).whole, figures(office).done, figures(office).late) == (4, 1, 1)


def test_the_chart_and_the_table_hold_the_same_with_as_many_queries(client, office):
    first = rows.make_roadmap_item()
    second = rows.make_roadmap_item(title_ru="Второй")
    RoadmapLink.objects.create(item=second, needed=first)
    client.get("/roadmap/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = client.get("/roadmap/")
    assert page.content.decode().count("gantt__title") == 2 and len(page.context["chart"].lines) == 1
    for _ in range(28):
        rows.make_roadmap_item(owner=first.owner)
    with CaptureQueriesContext(connection) as many:
        client.get("/roadmap/")
    assert len(many) == len(few)
    assert gantt.draw([], make.today()) is None
