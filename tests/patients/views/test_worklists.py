"""The pages of the work lists: constant in the database's work, live in their actions, closed to strangers."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.selectors.cluster import forget_cluster
from cluster_portal.accounts.roles import Role
from patients.states import ReferralState
from tests.factories import clinics
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

#: For the whole page: the session, the person with the memberships, the rows; now and then something cached is read
#: anew. When everything is cold at once: the cluster, the dictionaries of the filters, notices, and the counters of two
#: sides.
BUDGET = 4
COLD = 8


def opened(client, address, budget=BUDGET):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    assert len(queries) <= budget, [q["sql"][:120] for q in queries]
    return response.content.decode(), len(queries)


def opened_cold(client, address):
    cache.clear()
    forget_cluster()
    return opened(client, address, COLD)[1]


@pytest.mark.parametrize(
    "address", ["/referrals/out/all/", "/referrals/in/booked/", "/referrals/in/overdue/"]
)
def test_who_decides_has_two_sides_and_the_same_budget(pair, coordinator, address):
    pair.referral("submitted")
    pair.referral("booked", slot=pair.slot(at(0, 23)))
    cold = opened_cold(coordinator, address)
    for n in range(29):
        pair.referral("submitted" if n % 2 else "booked", **({} if n % 2 else {"slot": pair.slot(at(1 + n))}))
    assert opened_cold(coordinator, address) == cold
    opened(coordinator, address)


@pytest.mark.parametrize(
    "address", ["/referrals/out/all/", "/referrals/out/booked/", "/referrals/out/overdue/"]
)
def test_thirty_rows_cost_what_one_does(pair, referrer, address):
    pair.referral("booked", slot=pair.slot(at(3)))
    cold = opened_cold(referrer, address)
    _page, one = opened(referrer, address)
    for n in range(30):
        pair.referral("booked", slot=pair.slot(at(4 + n)))
    page, thirty = opened(referrer, address)
    assert thirty == one
    assert opened_cold(referrer, address) == cold
    if "overdue" not in address:
        assert page.count("data-row-link") == 31


@pytest.mark.parametrize("state", list(ReferralState))
def test_a_row_shows_live_actions_only(pair, referrer, coordinator, state):
    referral = pair.referral(state)
    for client, side, live in (
        (referrer, "out", {
            "draft": {"reason", "cancel"}, "returned": {"reason", "cancel"}, "submitted": {"cancel"},
            "accepted": {"time", "wait", "cancel", "record_call"},
            "waitlisted": {"time", "change_preferences", "stop_waiting", "cancel", "record_call"},
            "booked": {"time", "cancel_booking", "cancel", "record_call"},
        }),
        (coordinator, "in", {
            "submitted": {"accept", "change_priority", "return_for_info", "redirect", "reject"},
            "accepted": {"time", "wait", "change_priority", "redirect", "reject", "record_call"},
            "waitlisted": {"time", "change_preferences", "stop_waiting", "change_priority", "record_call"},
            "booked": {"time", "cancel_booking", "change_priority", "reject", "record_call"},
            "in_care": {"complete"},
        }),
    ):  # fmt: skip
        page = client.get(f"/referrals/{side}/all/").content.decode()
        begin = f'href="/referrals/{referral.pk}/'
        shown = {part.split("/")[0] for part in page.split(begin)[1:]} - {'"'}
        shown = {name for name in shown if name and not name.startswith('"')}
        if side == "in" and state == "submitted":
            assert f"/referrals/in/triage/{referral.pk}/" in page
            shown |= {"accept"}
        assert shown == live.get(state, set()), (side, state)


def test_the_filters_live_in_the_address(pair, referrer):
    mine = pair.referral("accepted", priority="urgent")
    other = pair.referral("accepted")
    page = referrer.get("/referrals/out/accepted/?priority=urgent").content.decode()
    assert mine.number in page
    assert other.number not in page
    # What makes no sense is left out; it breaks nothing.
    page = referrer.get(
        "/referrals/out/accepted/?priority=nonsense&created_from=31.02&target_clinic=1"
    ).content.decode()
    assert mine.number in page and other.number in page
    assert referrer.get("/referrals/out/accepted/?q=Нетакого").status_code == 200
    assert referrer.get("/referrals/out/accepted/?cursor=broken").status_code == 400


def test_the_reader_chooses_the_order(pair, referrer, coordinator, monkeypatch):
    monkeypatch.setattr("cluster_portal.web.pagination.page_of.__defaults__", (2,))
    now, today = timezone.now(), clinics.today()
    a, b, c = (
        pair.referral("accepted", due_on=today + timedelta(days=due), state_since=now - timedelta(days=here))
        for due, here in ((1, 5), (2, 9), (3, 7))
    )
    for sort, expected in (
        ("", [a, b, c]), ("nonsense", [a, b, c]), ("waiting", [b, c, a]), ("latest", [a, c, b]),
    ):  # fmt: skip
        asked = {"sort": sort} if sort else {}
        first = referrer.get("/referrals/out/accepted/", asked).context["page"]
        second = referrer.get("/referrals/out/accepted/", asked | {"cursor": first.next}).context["page"]
        assert [row.id for row in (*first, *second)] == [row.pk for row in expected], sort
    # All there ever were are listed in one order, and what is decided on from its top.
    for browser, place in ((referrer, "out/all"), (coordinator, "in/triage")):
        assert "sort" not in browser.get(f"/referrals/{place}/?sort=waiting").context["filter"].fields


def test_pages_of_fifty(pair, referrer):
    for _ in range(52):
        pair.referral("accepted")
    first = referrer.get("/referrals/out/accepted/")
    assert len(first.context["page"].items) == 50
    second = referrer.get("/referrals/out/accepted/", {"cursor": first.context["page"].next})
    assert len(second.context["page"].items) == 2
    seen = {row.id for row in first.context["page"]} & {row.id for row in second.context["page"]}
    assert not seen


def test_empty_lists_say_what_to_do(pair, referrer, coordinator):
    assert "Новое направление" in referrer.get("/referrals/out/drafts/").content.decode()
    assert "Всё разобрано" in coordinator.get("/referrals/in/triage/").content.decode()


def test_everybody_begins_with_their_own_list(pair, referrer, coordinator):
    assert referrer.get("/referrals/").url == "/referrals/out/all/"
    assert coordinator.get("/referrals/").url == "/referrals/in/triage/"


def test_who_has_no_business_here(pair, client, sign_in):
    assert client.get("/referrals/out/all/").status_code == 302
    assert sign_in(clinics.make_actor(Role.OFFICE)).get("/referrals/out/all/").status_code == 403
    assert sign_in(pair.referrer).get("/referrals/out/nonsense/").status_code == 404
    assert sign_in(pair.referrer).get("/referrals/in/drafts/").status_code == 404


def test_a_strangers_referral_is_in_no_list(pair, sign_in):
    referral = pair.referral("accepted")
    stranger = sign_in(clinics.make_actor(Role.REFERRER, Role.COORDINATOR))
    for address in ("/referrals/out/all/", "/referrals/in/all/", f"/referrals/out/all/?q={referral.number}"):
        assert str(referral.pk) not in stranger.get(address).content.decode()


def test_the_menu_counts(pair, referrer):
    pair.referral("draft")
    page = referrer.get("/referrals/out/all/").content.decode()
    line = page.partition('<a href="/referrals/out/drafts/">')[2].partition("</a>")[0]
    assert line == '<span>Черновики</span><span class="counter" data-counter="out.drafts">1</span>'
