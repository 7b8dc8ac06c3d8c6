"""Where the cluster presents itself, and whom it met."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from investors.selectors import roadshow as selectors
from investors.services import roadshow as services
from tests.api.support import Caller
from tests.factories import clinics, groups, investors

pytestmark = pytest.mark.django_db


@pytest.fixture
def land():
    clinics.make_cluster()
    return clinics.make_actor(Role.LAND)


def said(**values):
    day = clinics.today()
    return {
        "title_ru": "Встреча в Сеуле", "city_ru": "Сеул", "country": "KR", "begins_on": day, "ends_on": day,
        "is_public": True,
    } | values  # fmt: skip


def test_an_event_with_its_contact_becomes_a_company(land):
    event = services.plan_event(land, data=said())
    data = {"company": "Проба Ко", "country": "KR", "person": "Ким Проба", "next_step": "Письмо"}
    contact = services.note_contact(land, event_id=event.pk, data=data)
    company = investors.make_investor(state="verified")
    services.correct_contact(land, contact_id=contact.pk, data={"investor": company})
    services.correct_event(land, event_id=event.pk, data={"outcome_ru": "Десять встреч"})
    found = selectors.event_file(land, event.pk)
    assert (found.event.outcome, found.contacts[0].investor) == ("Десять встреч", company)


@pytest.mark.parametrize(
    ("wrong", "at"),
    [({"country": "XX"}, "country"), ({"title_ru": ""}, "title_ru"), ({"begins_on": None}, "begins_on")],
)
def test_what_is_wrong_is_told_at_its_field(land, wrong, at):
    with pytest.raises(Invalid) as refused:
        services.plan_event(land, data=said(**wrong))
    assert at in refused.value.errors
    with pytest.raises(Invalid) as refused:
        services.plan_event(land, data=said(ends_on=clinics.today() - timedelta(days=1)))
    assert set(refused.value.errors) == {"ends_on"}


def test_visitors_read_events_and_never_contacts(land, client):
    contact = groups.make_contact(person="Тайный Собеседник")
    hidden = groups.make_event(is_public=False)
    page = client.get(reverse("investors:roadshow_event", args=[contact.event_id]))
    assert page.status_code == 200 and contact.person not in page.content.decode()
    assert selectors.event_file(ANONYMOUS, contact.event_id).contacts == []
    with pytest.raises(NotFound):
        selectors.event_file(ANONYMOUS, hidden.pk)
    with pytest.raises(Forbidden):
        services.note_contact(clinics.make_actor(Role.REFERRER), event_id=contact.event_id, data={})
    caller = Caller()
    assert caller.get("/api/v1/roadshow-contacts/").json()["results"] == []
    assert [one["id"] for one in caller.get("/api/v1/roadshow/").json()["results"]] == [str(contact.event_id)]


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_cost_the_same(land, rows, django_assert_num_queries):
    for _ in range(rows):
        contact = groups.make_contact()
    selectors.today()
    with django_assert_num_queries(1):
        assert {event.met for event in selectors.events(land)} == {1}
    with django_assert_num_queries(1):
        assert len([one.event.title_ru for one in selectors.contacts(land)]) == rows
    with django_assert_num_queries(3):
        selectors.event_file(land, contact.event_id)
