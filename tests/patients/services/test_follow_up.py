"""After a missed visit: the call, the list, the limit, and the ways on."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.common import background
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from cluster_portal.web import menu
from patients.selectors import worklists
from patients.services import booking, decisions, visits, waitlist
from patients.services.actions import available_actions
from patients.services.drafts import submit_referral
from patients.services.follow_up import hand_back_referral, record_call
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.patients.views.conftest import sign_in  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    clinics.make_cluster(no_show_limit=2)
    return patients.make_pair()


def missed(pair, times=1):
    """A patient of their own who was booked and did not come."""
    person = patients.make_patient(pair.source.organization)
    patients.make_consent(person)
    referral = pair.referral("booked", patient=person, slot=pair.slot(), no_shows=times - 1)
    with time_machine.travel(referral.appointment_at + timedelta(minutes=30)):
        visits.mark_no_show(pair.coordinator, referral_id=referral.pk)
    referral.refresh_from_db()
    return referral


def in_list(actor, side):
    return list(worklists.in_queue(actor, side, worklists.QUEUES[side]["no_shows"]))


def test_who_did_not_come_is_on_both_sides_list_until_something_is_done(pair):
    referral, steps = missed(pair), ("out", "in")
    pair.referral("accepted")
    for actor, side in zip((pair.referrer, pair.coordinator), steps, strict=True):
        assert in_list(actor, side) == [referral]
        menu.forget_counters(actor)
        assert menu.counters(actor)[f"{side}.no_shows"] == 1
    booking.book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot(at(3)).pk)
    assert in_list(pair.referrer, "out") == []


@pytest.mark.parametrize("way", ["wait", "cancel", "hand_back"])
def test_every_way_on_takes_it_off_the_list(pair, way):
    referral = missed(pair)
    if way == "wait":
        waitlist.wait_referral(pair.referrer, referral_id=referral.pk)
    elif way == "cancel":
        decisions.cancel_referral(pair.referrer, referral_id=referral.pk, reason="no_shows")
    else:
        hand_back_referral(pair.coordinator, referral_id=referral.pk, reason="no_shows")
    assert in_list(pair.referrer, "out") == in_list(pair.coordinator, "in") == []


class TestCall:
    def test_it_stands_in_the_story_and_changes_nothing_else(self, pair):
        referral = missed(pair)
        for actor in (pair.referrer, pair.coordinator):
            record_call(actor, referral_id=referral.pk, reason="not_reached", comment="Гудки")
        before = referral.state_since
        referral.refresh_from_db()
        assert (referral.state, referral.state_since) == ("accepted", before)
        steps = list(
            referral.steps.filter(action="record_call").values_list("reason", "comment", "from_state")
        )
        assert steps == [("not_reached", "Гудки", "accepted")] * 2

    @pytest.mark.parametrize("state", ["accepted", "waitlisted", "booked"])
    def test_whoever_has_or_awaits_a_time_is_called(self, pair, state):
        referral = pair.referral(state)
        assert record_call(pair.referrer, referral_id=referral.pk, reason="agreed").state == state

    @pytest.mark.parametrize("data", [{"reason": ""}, {"reason": "nonsense"}, {"reason": "other"}])
    def test_with_a_coded_outcome(self, pair, data):
        with pytest.raises(Invalid):
            record_call(pair.referrer, referral_id=missed(pair).pk, **data)

    def test_not_by_strangers_and_not_of_closed_ones(self, pair):
        referral = missed(pair)
        with pytest.raises(NotFound):
            record_call(clinics.make_actor(), referral_id=referral.pk, reason="agreed")
        with pytest.raises(IllegalTransition):
            record_call(pair.referrer, referral_id=pair.referral("cancelled").pk, reason="agreed")


class TestHandBack:
    def test_the_referring_clinic_hears_of_it_and_may_send_it_again(self, pair):
        referral = missed(pair)
        hand_back_referral(
            pair.coordinator, referral_id=referral.pk, reason="not_reached", comment="Номер молчит"
        )
        referral.refresh_from_db()
        assert (referral.state, referral.no_shows) == ("returned", 1)
        while background.relay():
            pass
        assert Notice.objects.filter(user=pair.referrer.user_id, kind="patients.hand_back").count() == 1
        assert submit_referral(pair.referrer, referral_id=referral.pk).state == "accepted"

    def test_a_time_that_was_kept_meanwhile_is_free_again(self, pair):
        referral, slot = missed(pair), pair.slot(at(4))
        booking.hold_slot(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
        hand_back_referral(pair.coordinator, referral_id=referral.pk, reason="no_shows")
        assert patients.taken_and_occupied(slot) == (0, 0)

    def test_only_who_missed_a_visit_and_only_by_the_receiving_side(self, pair):
        fresh, referral = pair.referral("accepted"), missed(pair)
        assert "hand_back" not in available_actions(pair.coordinator, fresh)
        with pytest.raises(IllegalTransition):
            hand_back_referral(pair.coordinator, referral_id=fresh.pk, reason="no_shows")
        assert "hand_back" in available_actions(pair.coordinator, referral)
        assert "hand_back" not in available_actions(pair.referrer, referral)
        with pytest.raises(Forbidden):
            hand_back_referral(pair.referrer, referral_id=referral.pk, reason="no_shows")
        for data in ({"reason": ""}, {"reason": "other"}):
            with pytest.raises(Invalid):
                hand_back_referral(pair.coordinator, referral_id=referral.pk, **data)


class TestPage:
    def test_from_the_limit_on_the_row_proposes_to_close(self, pair, sign_in):  # noqa: F811
        once, twice = missed(pair), missed(pair, times=2)
        record_call(pair.referrer, referral_id=twice.pk, reason="not_reached")
        rows = {row.id: row for row in sign_in(pair.referrer).get("/referrals/out/no_shows/").context["page"]}
        assert (rows[once.pk].main.name, rows[twice.pk].main.name) == ("book", "cancel")
        assert rows[once.pk].call == "" and "не удалось" in rows[twice.pk].call
        page = sign_in(pair.coordinator).get("/referrals/in/no_shows/")
        assert {row.main.name for row in page.context["page"]} == {"book", "hand_back"}
        assert "пора закрыть" in page.content.decode()

    def test_it_costs_the_same_for_one_and_for_thirty(self, pair, sign_in):  # noqa: F811
        browser, address = sign_in(pair.referrer), "/referrals/out/no_shows/"

        def cost():
            browser.get(address)
            with CaptureQueriesContext(connection) as caught:
                browser.get(address)
            return len(caught)

        record_call(pair.referrer, referral_id=pair.referral("accepted", no_shows=1).pk, reason="agreed")
        one = cost()
        for _n in range(29):
            record_call(pair.referrer, referral_id=pair.referral("accepted", no_shows=1).pk, reason="agreed")
        assert cost() == one
