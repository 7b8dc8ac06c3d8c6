"""Today's arrivals: one click a mark, as a fragment and as a plain form."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.roles import Role
from patients.models import Referral
from tests.factories import clinics
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_day_by_time_with_what_can_be_marked(pair, coordinator):
    later = pair.referral("booked", slot=pair.slot(at(0, 23, 50)))
    first = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    tomorrow = pair.referral("booked", slot=pair.slot(at(1, 9)))
    page = coordinator.get("/arrivals/").content.decode()
    assert page.index(str(first.pk)) < page.index(str(later.pk))
    assert f"/arrivals/{first.pk}/no_show/" in page
    assert f"/arrivals/{later.pk}/no_show/" not in page and f"/arrivals/{later.pk}/arrive/" in page
    assert str(tomorrow.pk) not in page
    page = coordinator.get("/arrivals/", {"day": at(1).date().isoformat()}).content.decode()
    assert str(tomorrow.pk) in page and f"/arrivals/{tomorrow.pk}/arrive/" not in page
    assert coordinator.get("/arrivals/?day=nonsense&clinic=1").status_code == 200


def test_one_click_and_the_line_says_it(pair, coordinator):
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    line = coordinator.post(f"/arrivals/{referral.pk}/arrive/", **HTMX)
    text = line.content.decode()
    assert line.status_code == 200 and "<html" not in text
    assert f'id="arrival-{referral.pk}"' in text and "на приёме" in text and "complete/" in text
    assert Referral.objects.get().state == "in_care"
    # The second click of a double one.
    again = coordinator.post(f"/arrivals/{referral.pk}/arrive/", **HTMX)
    assert again.status_code == 200 and "на приёме" in again.content.decode()


def test_as_a_plain_form(pair, coordinator):
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    answer = coordinator.post(f"/arrivals/{referral.pk}/no_show/", follow=True)
    assert answer.status_code == 200 and "не пришёл" in answer.content.decode()
    referral.refresh_from_db()
    assert (referral.state, referral.no_shows) == ("accepted", 1)


def test_a_registrar_at_the_desk_marks_too(pair, sign_in):
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    desk = sign_in(clinics.make_actor(Role.REFERRER, organization=pair.target.organization))
    assert desk.post(f"/arrivals/{referral.pk}/arrive/", **HTMX).status_code == 200


def test_strangers_and_the_referring_side(pair, sign_in, referrer):
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    stranger = sign_in(clinics.make_actor(Role.COORDINATOR))
    assert stranger.post(f"/arrivals/{referral.pk}/arrive/").status_code == 404
    assert referrer.post(f"/arrivals/{referral.pk}/arrive/").status_code == 403
    assert referrer.get(f"/arrivals/{referral.pk}/arrive/").status_code == 405
    assert stranger.post(f"/arrivals/{referral.pk}/nonsense/").status_code == 404
    assert str(referral.pk) not in referrer.get("/arrivals/").content.decode()
    assert Referral.objects.get().state == "booked"


def test_thirty_visits_cost_what_one_does(pair, coordinator):
    pair.referral("booked", slot=pair.slot(at(0, 0, 1)))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get("/arrivals/").status_code == 200
        return len(queries)

    cost()
    one = cost()
    for n in range(30):
        pair.referral("booked", slot=pair.slot(at(0, 1 + n // 3, n % 3 * 20)))
    assert cost() == one <= 8


def test_opens_where_the_visits_are_then_where_one_was_last(pair, sign_in):
    """An organisation with two clinics: the first by name has nobody."""
    empty = clinics.make_clinic(organization=pair.target.organization, short_name_ru="Аа, корпус 1")
    busy = pair.target
    assert empty.short_name < busy.short_name
    referral = pair.referral("booked", slot=pair.slot(at(0, 23, 50)))
    desk = sign_in(pair.coordinator)
    page = desk.get("/arrivals/")
    assert page.context["clinic"] == busy and str(referral.pk) in page.content.decode()
    tabs = {tab["label"]: (tab["count"], tab["current"]) for tab in page.context["tabs"]}
    assert tabs == {empty.short_name: (0, False), busy.short_name: (1, True)}
    assert desk.get("/arrivals/", {"clinic": str(empty.pk)}).context["clinic"] == empty
    # Back from another page: the one chosen last, with the counts of both.
    again = desk.get("/arrivals/")
    assert again.context["clinic"] == empty
    assert {tab["count"] for tab in again.context["tabs"]} == {0, 1}
    # Another person's session is not touched, nonsense neither chooses nor is remembered.
    other = sign_in(clinics.make_actor(Role.REFERRER, organization=pair.target.organization))
    assert other.get("/arrivals/?clinic=nonsense").context["clinic"] == busy
    assert desk.get("/arrivals/?clinic=nonsense").context["clinic"] == empty


def test_the_counts_are_of_the_day_that_is_shown(pair, coordinator):
    second = clinics.make_clinic(organization=pair.target.organization, short_name_ru="Яя, корпус 2")
    pair.referral("booked", slot=pair.slot(at(0, 23, 50)))
    tomorrow = at(1).date().isoformat()
    page = coordinator.get("/arrivals/", {"day": tomorrow, "clinic": str(second.pk)})
    assert [tab["count"] for tab in page.context["tabs"]] == [0, 0]
    assert all(f"day={tomorrow}" in tab["url"] for tab in page.context["tabs"])


def test_one_clinic_needs_no_choice(pair, coordinator):
    page = coordinator.get("/arrivals/")
    assert page.context["tabs"] == [] and 'class="tabs"' not in page.content.decode()
