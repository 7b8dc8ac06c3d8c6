"""Calendars to subscribe to: what a program reads, who may, and that nobody's name is in them."""

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import CalendarFeed, Membership, Slot
from clinics.papers.icalendar import WIDTH
from clinics.services.feeds import open_feed
from clinics.services.places import take_place
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import resolve_actor
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return make.make_service()


@pytest.fixture
def person(service):
    return make.make_practitioner(service.clinic)


@pytest.fixture
def user(service):
    return make.make_member(Role.COORDINATOR, organization=service.clinic.organization)


def address(user, clinic, **whose):
    actor = resolve_actor(user=user, organization_id=clinic.organization_id)
    _feed, secret = open_feed(actor, clinic_id=clinic.pk, **whose)
    return reverse("clinics:ics", args=[secret])


def events(response):
    calendar = icalendar.Calendar.from_ical(response.content)
    return calendar, sorted(calendar.walk("VEVENT"), key=lambda event: event.start)


def test_a_practitioners_times_are_read_by_programs(client, service, person, user):
    slots = make.make_slots(service, 3, practitioner=person, room="312; правое крыло, второй этаж")
    make.make_slot(service, start=make.at(2), practitioner=make.make_practitioner(service.clinic))
    make.make_slot(service, start=make.at(3), practitioner=person, state="draft")
    take_place(slots[1].pk)
    response = client.get(address(user, service.clinic, practitioner_id=person.pk))
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar, found = events(response)
    assert str(calendar["X-WR-TIMEZONE"]) == service.clinic.time_zone
    assert [event.start for event in found] == [slot.start for slot in slots]
    assert found[0]["DTSTART"].to_ical().endswith(b"Z")
    assert [str(event["TRANSP"]) for event in found] == ["TRANSPARENT", "OPAQUE", "TRANSPARENT"]
    assert len({str(event["UID"]) for event in found}) == 3
    assert "Консультация кардиолога" in str(found[0]["SUMMARY"])
    assert str(found[0]["LOCATION"]).endswith(" 312; правое крыло, второй этаж")
    assert max(map(len, response.content.split(b"\r\n"))) <= WIDTH
    assert CalendarFeed.objects.get().read_at is not None


def test_what_has_not_changed_is_not_sent_again(client, service, user):
    slot = make.make_slot(service)
    url = address(user, service.clinic)
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    take_place(slot.pk)
    assert client.get(url, headers={"if-none-match": etag}).status_code == 200


def test_a_clinics_calendar_has_receptions_and_costs_the_same_for_many(client, service, person, user):
    url = address(user, service.clinic)

    def cost(count: int) -> int:
        Slot.objects.all().delete()
        make.make_slots(service, count, practitioner=person)
        with CaptureQueriesContext(connection) as caught:
            response = client.get(url)
        (event,) = events(response)[1]
        assert {"0", str(count)} <= set(str(event["SUMMARY"]).split())
        assert person.short_name in str(event["SUMMARY"])
        return len(caught)

    cost(2)
    assert cost(3) == cost(30)


def test_an_address_dies_with_its_revocation_and_with_the_membership(client, service, user):
    clinic = service.clinic
    url = address(user, clinic)
    client.force_login(user)
    feed = CalendarFeed.objects.get()
    assert url.split("/")[2] not in feed.token_hash
    stranger = make.make_member(Role.COORDINATOR)
    client.force_login(stranger)
    assert client.post(reverse("clinics:feed_revoke", args=[feed.pk])).status_code == 404
    client.force_login(user)
    assert client.post(reverse("clinics:feed_revoke", args=[feed.pk])).status_code == 303
    client.logout()
    assert client.get(url).status_code == 404
    again = address(user, clinic)
    assert client.get(again).status_code == 200
    Membership.objects.filter(user=user).update(is_active=False)
    assert client.get(again).status_code == 404
    assert client.get(reverse("clinics:ics", args=["nobody"])).status_code == 404


def test_the_page_shows_a_new_address_once(client, service, person, user):
    make.make_schedule(service, person, room="312")
    client.force_login(user)
    page = reverse("clinics:feeds")
    made = client.post(page, {"clinic": service.clinic.pk, "calendar": "room:312"})
    url = reverse("clinics:ics", args=["x"]).split("x/")[0]
    assert made.status_code == 200 and f"testserver{url}" in made.content.decode()
    assert f"testserver{url}" not in client.get(page).content.decode()
    second = client.post(page, {"clinic": service.clinic.pk, "calendar": "room:312"})
    assert second.status_code == 422
    wrong = client.post(page, {"clinic": service.clinic.pk, "calendar": "room:99"})
    assert wrong.status_code == 422
