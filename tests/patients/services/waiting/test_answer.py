"""What an answer to an offered time leads to, and how long one may take."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from clinics.errors import SlotClosed
from clinics.models import Slot
from clinics.services import slots as slot_services
from cluster_portal.common.errors import Invalid
from cluster_portal.notifications.models import Notice
from patients.errors import LateReasonRequired, OfferGone, OfferOpen
from patients.models import Referral
from patients.services import booking, decisions, waitlist
from patients.services.actions import available_actions
from patients.services.offering import answer_by
from patients.tasks import sweep_waiting_list
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.patients.services.waiting.support import offer_of, offered, settle, states, waiting

pytestmark = pytest.mark.django_db


class TestAnswering:
    @pytest.fixture
    def asked(self, pair):
        """A patient with an offer, and the next one in the queue."""
        first, second = waiting(pair, due=1), waiting(pair, due=2)
        slot = clinics.make_slot(pair.service, start=at(1, 18))
        settle()
        sweep_waiting_list()
        assert offered(first) == slot.pk
        return first, second, slot

    def test_accepting_books_the_held_place(self, pair, asked):
        first, second, slot = asked
        taken = waitlist.accept_offer(pair.referrer, referral_id=first.pk)
        first.refresh_from_db()
        assert (first.state, first.appointment_at, first.offer_until) == ("booked", slot.start, None)
        assert (taken.state, taken.slot_id) == ("booked", slot.pk)
        assert states(first) == ["accepted"]
        entry = first.waitlist.get()
        assert entry.end_reason == "booked" and entry.ended_at
        assert first.steps.last().action == "accept_offer"
        assert patients.taken_and_occupied(slot) == (1, 1)
        settle()
        assert offered(second) is None
        assert Notice.objects.filter(user=pair.coordinator.user_id, kind="patients.accept_offer").count() == 1

    def test_declining_asks_the_next_one_and_never_again_of_the_same_time(self, pair, asked):
        first, second, slot = asked
        waitlist.decline_offer(pair.referrer, referral_id=first.pk, reason="way")
        settle()
        assert states(first) == ["declined"]
        assert offered(second) == slot.pk
        waitlist.decline_offer(pair.referrer, referral_id=second.pk, reason="other", comment="Уехал в отпуск")
        settle()
        sweep_waiting_list()
        assert (offered(first), offered(second)) == (None, None)
        assert patients.taken_and_occupied(slot) == (0, 0)
        first.refresh_from_db()
        assert (first.state, first.offer_until) == ("waitlisted", None)

    def test_declining_needs_a_reason(self, pair, asked):
        for data in ({"reason": ""}, {"reason": "nonsense"}, {"reason": "other"}):
            with pytest.raises(Invalid):
                waitlist.decline_offer(pair.referrer, referral_id=asked[0].pk, **data)

    def test_silence_lets_it_lapse_and_asks_the_next_one(self, pair, asked):
        first, second, slot = asked
        until = offer_of(first).until
        with time_machine.travel(until - timedelta(seconds=5)):
            settle()
            assert offered(first) == slot.pk
        with time_machine.travel(until + timedelta(seconds=1)):
            first.refresh_from_db()
            assert "accept_offer" not in available_actions(pair.referrer, first)
            with pytest.raises(OfferGone):
                waitlist.accept_offer(pair.referrer, referral_id=first.pk)
            settle()
            assert states(first) == ["lapsed"]
            assert offered(second) == slot.pk
            assert patients.taken_and_occupied(slot) == (1, 1)
        assert first.steps.last().action == "offer_lapsed"
        assert Notice.objects.filter(user=pair.referrer.user_id, kind="patients.offer_lapsed").count() == 1

    def test_a_lapsed_place_that_somebody_books_meanwhile_is_theirs(self, pair, asked):
        first, _second, slot = asked
        buyer = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
        patients.make_consent(buyer.patient)
        with time_machine.travel(offer_of(first).until + timedelta(seconds=1)):
            booking.book_referral(pair.referrer, referral_id=buyer.pk, slot_id=slot.pk)
            settle()
            sweep_waiting_list()
        assert states(first) == ["lapsed"]
        assert patients.taken_and_occupied(slot) == (1, 1)

    def test_booking_another_time_withdraws_the_offer(self, pair, asked):
        first, second, slot = asked
        other = clinics.make_slot(pair.service, start=at(2, 9), audience="own")
        Slot.objects.filter(pk=other.pk).update(audience="cluster")
        booking.book_referral(
            pair.referrer, referral_id=first.pk, slot_id=other.pk, late_reason="так попросил пациент"
        )
        assert states(first) == ["withdrawn"]
        assert first.waitlist.get().end_reason == "booked"
        settle()
        assert offered(second) == slot.pk

    def test_the_receiving_clinic_may_book_the_offered_time(self, pair, asked):
        first, _second, slot = asked
        booking.book_referral(pair.coordinator, referral_id=first.pk, slot_id=slot.pk)
        assert states(first) == ["accepted"]

    @pytest.mark.parametrize("how", ["cancel", "stop"])
    def test_leaving_the_list_frees_the_place_for_the_next_one(self, pair, asked, how):
        first, second, slot = asked
        if how == "cancel":
            decisions.cancel_referral(pair.referrer, referral_id=first.pk, reason="recovered")
        else:
            waitlist.stop_waiting(pair.coordinator, referral_id=first.pk, comment="Оформляем иначе")
        first.refresh_from_db()
        assert first.state == ("cancelled" if how == "cancel" else "accepted")
        assert first.waitlist.get().end_reason == ("cancelled" if how == "cancel" else "stopped")
        assert states(first) == ["withdrawn"]
        settle()
        assert offered(second) == slot.pk
        assert patients.taken_and_occupied(slot) == (1, 1)

    def test_a_look_at_other_times_does_not_let_the_offer_go(self, pair, asked):
        first, _second, slot = asked
        other = clinics.make_slot(pair.service, start=at(2, 9), audience="urgent", release_at=at(1, 23))
        Referral.objects.filter(pk=first.pk).update(priority="urgent")
        with pytest.raises(OfferOpen):
            booking.hold_slot(pair.referrer, referral_id=first.pk, slot_id=other.pk)
        until = offer_of(first).until
        assert booking.hold_slot(pair.referrer, referral_id=first.pk, slot_id=slot.pk).held_until == until
        booking.release_hold(pair.referrer, referral_id=first.pk)
        assert offered(first) == slot.pk

    def test_a_closed_time_is_taken_back_and_the_patient_waits_on(self, pair, asked):
        first, _second, slot = asked
        slot_services.block_slots(pair.coordinator, slot_ids=[slot.pk], reason="Ремонт", keep_booked=True)
        with pytest.raises(SlotClosed):
            waitlist.accept_offer(pair.referrer, referral_id=first.pk)
        sweep_waiting_list()
        assert states(first) == ["withdrawn"]
        slot.refresh_from_db()
        assert (slot.state, slot.taken) == ("blocked", 0)
        assert first.steps.last().action == "offer_withdrawn"

    def test_what_is_kept_stays_theirs_past_the_release(self, pair, asked):
        first, _second, slot = asked
        Slot.objects.filter(pk=slot.pk).update(release_at=timezone.now() - timedelta(hours=1))
        assert waitlist.accept_offer(pair.referrer, referral_id=first.pk).state == "booked"

    def test_a_time_beyond_the_norm_asks_why(self, pair):
        referral = waiting(pair, due=0)
        clinics.make_slot(pair.service, start=at(2))
        sweep_waiting_list()
        with pytest.raises(LateReasonRequired):
            waitlist.accept_offer(pair.referrer, referral_id=referral.pk)
        waitlist.accept_offer(pair.referrer, referral_id=referral.pk, late_reason="раньше мест нет")
        referral.refresh_from_db()
        assert referral.late_reason == "раньше мест нет"

    def test_whoever_waits_again_begins_anew(self, pair, asked):
        first, _second, slot = asked
        waitlist.accept_offer(pair.referrer, referral_id=first.pk)
        booking.cancel_booking(pair.coordinator, referral_id=first.pk, reason="practitioner_away")
        waitlist.wait_referral(pair.referrer, referral_id=first.pk, notice_hours=0)
        settle()
        assert offered(first) == slot.pk
        assert first.waitlist.count() == 2


class TestTimeToAnswer:
    """Friday 20 November 2026, noon in Yuzhno-Sakhalinsk."""

    NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo(clinics.ZONE))

    def answer(self, now, start, notice=0, hours=24):
        return answer_by(
            now, start=start, notice_hours=notice, hours=hours, time_zone=clinics.ZONE, country="RU"
        )

    def test_days_off_do_not_count(self):
        monday = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo(clinics.ZONE))
        assert self.answer(self.NOON, self.NOON + timedelta(days=40)) == monday
        on_thursday = self.NOON - timedelta(days=1)
        assert self.answer(on_thursday, self.NOON + timedelta(days=40)) == self.NOON

    def test_half_of_what_is_left_before_the_patient_sets_out(self):
        assert self.answer(self.NOON, self.NOON + timedelta(hours=10)) == self.NOON + timedelta(hours=5)
        assert self.answer(self.NOON, self.NOON + timedelta(hours=10), notice=6) == self.NOON + timedelta(
            hours=2
        )

    def test_never_less_than_half_an_hour(self):
        assert self.answer(self.NOON, self.NOON + timedelta(minutes=30)) == self.NOON + timedelta(minutes=30)

    def test_the_cluster_says_how_many_hours(self, pair):
        clinics.make_cluster(offer_hours=2)
        referral = waiting(pair)
        clinics.make_slot(pair.service, start=at(40))
        with time_machine.travel(self.NOON + timedelta(days=3), tick=False):
            clinics.make_slot(pair.service, start=timezone.now() + timedelta(days=30))
            sweep_waiting_list()
            assert offer_of(referral).until == timezone.now() + timedelta(hours=2)
