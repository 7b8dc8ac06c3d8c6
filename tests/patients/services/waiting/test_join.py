"""Coming onto the waiting list, with what suits the patient."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from patients.models import WaitlistEntry
from patients.services import waitlist
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.patients.services.waiting.support import offered, settle, waiting

pytestmark = pytest.mark.django_db


class TestJoining:
    def test_the_list_keeps_the_wishes_and_the_place(self, pair):
        other = clinics.make_service(service_type=pair.service.service_type).clinic
        referral = waiting(
            pair, clinics=[other.pk, pair.target.pk, other.pk], weekdays=[5, 1, 5], parts=["morning"],
            earliest_on=date(2030, 1, 1), latest_on=date(2030, 2, 1), notice_hours=6, note=" с парома ",
        )  # fmt: skip
        referral.refresh_from_db()
        entry = referral.waitlist.get()
        assert referral.state == "waitlisted"
        assert entry.clinics == [other.pk, pair.target.pk]
        assert (entry.weekdays, entry.parts, entry.notice_hours) == ([1, 5], ["morning"], 6)
        assert (entry.rank, entry.due_order, entry.note) == (2, referral.due_on, "с парома")
        assert entry.joined_by_id == pair.referrer.user_id
        assert referral.steps.get().action == "wait"

    @pytest.mark.parametrize(
        ("wishes", "field"),
        [
            ({"weekdays": [8]}, "weekdays"),
            ({"parts": ["night"]}, "parts"),
            ({"earliest_on": date(2030, 2, 2), "latest_on": date(2030, 2, 1)}, "latest_on"),
            ({"latest_on": date(2020, 1, 1)}, "latest_on"),
            ({"notice_hours": 15 * 24}, "notice_hours"),
            ({"notice_hours": -1}, "notice_hours"),
        ],
    )
    def test_what_makes_no_sense_is_said_at_its_field(self, pair, wishes, field):
        referral = pair.referral("accepted")
        with pytest.raises(Invalid) as caught:
            waitlist.wait_referral(pair.referrer, referral_id=referral.pk, **wishes)
        assert list(caught.value.errors) == [field]
        assert not WaitlistEntry.objects.exists()

    def test_only_clinics_that_offer_the_service(self, pair):
        stranger = clinics.make_service(service_type="neurologist").clinic
        with pytest.raises(Invalid) as caught:
            waiting(pair, clinics=[pair.target.pk, stranger.pk])
        assert list(caught.value.errors) == ["clinics"]

    def test_both_sides_may_and_strangers_may_not(self, pair):
        registrar = clinics.make_actor(Role.REFERRER, organization=pair.target.organization)
        for actor in (pair.referrer, pair.coordinator, registrar):
            referral = pair.referral("accepted")
            waitlist.wait_referral(actor, referral_id=referral.pk)
            waitlist.stop_waiting(actor, referral_id=referral.pk)
        with pytest.raises(NotFound):
            waitlist.wait_referral(clinics.make_actor(), referral_id=referral.pk)
        with pytest.raises(Forbidden):
            waitlist.decline_offer(pair.coordinator, referral_id=waiting(pair).pk, reason="time")

    def test_a_referral_waits_once(self, pair):
        referral = waiting(pair)
        with pytest.raises(IllegalTransition):
            waitlist.wait_referral(pair.referrer, referral_id=referral.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            patients.make_entry(referral)

    def test_whoever_joins_is_offered_what_is_free_already(self, pair):
        slot = clinics.make_slot(pair.service)
        referral = waiting(pair)
        settle()
        assert offered(referral) == slot.pk

    def test_new_wishes_are_looked_at_once_and_keep_the_place(self, pair):
        slot = clinics.make_slot(pair.service, start=at(3, 15))
        referral = waiting(pair, parts=["morning"])
        since = referral.waitlist.get().since
        settle()
        assert offered(referral) is None
        waitlist.change_preferences(
            pair.referrer, referral_id=referral.pk, parts=["afternoon"], notice_hours=1
        )
        settle()
        assert offered(referral) == slot.pk
        assert referral.waitlist.get().since == since
