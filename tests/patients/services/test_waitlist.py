"""The waiting list: who is asked first, what is kept for whom, and what an answer leads to."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.errors import SlotClosed
from clinics.models import Slot
from clinics.services import schedules as schedule_services
from clinics.services import slots as slot_services
from cluster_portal.accounts.roles import Role
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from patients.errors import LateReasonRequired, OfferGone, OfferOpen
from patients.models import Booking, Referral, WaitlistEntry, WaitlistOffer
from patients.services import booking, decisions, waitlist
from patients.services.actions import available_actions
from patients.services.offering import answer_by, end_offer, offer_next
from patients.tasks import sweep_waiting_list
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair()


def waiting(pair, *, due=20, priority="planned", **wishes):
    """A patient of the pair's first clinic on the list of the second one's service."""
    person = patients.make_patient(pair.source.organization)
    patients.make_consent(person)
    referral = pair.referral(
        "accepted", patient=person, priority=priority, due_on=timezone.localdate() + timedelta(days=due)
    )
    wishes.setdefault("notice_hours", 0)
    waitlist.wait_referral(pair.referrer, referral_id=referral.pk, **wishes)
    return referral


def offer_of(referral):
    """The open offer of a referral."""
    return WaitlistOffer.objects.filter(entry__referral=referral, state="open").first()


def offered(referral):
    offer = offer_of(referral)
    return offer and offer.slot_id


def states(referral):
    rows = WaitlistOffer.objects.filter(entry__referral=referral).order_by("made_at", "id")
    return list(rows.values_list("state", flat=True))


def settle():
    """Run the messages until none is left."""
    while background.relay():
        pass


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


class TestOffering:
    def test_the_place_is_held_and_the_referring_clinic_hears_of_it(self, pair):
        referral = waiting(pair)
        slot = clinics.make_slot(pair.service, start=at(20, 10))
        before = timezone.now()
        assert sweep_waiting_list() == 1
        offer, held = offer_of(referral), Booking.objects.get(referral=referral)
        assert offer.booking_id == held.pk
        assert (held.state, held.offered, held.held_until) == ("held", True, offer.until)
        assert patients.taken_and_occupied(slot) == (1, 1)
        referral.refresh_from_db()
        assert referral.offer_until == offer.until > before + timedelta(hours=23)
        assert referral.steps.last().action == "offer"
        assert {"accept_offer", "decline_offer"} <= set(available_actions(pair.referrer, referral))
        assert "accept_offer" not in available_actions(pair.coordinator, referral)
        settle()
        notice = Notice.objects.get(kind="patients.offer", user=pair.referrer.user_id)
        assert referral.number in notice.text and pair.target.short_name_ru in str(notice.params)
        assert referral.patient.family not in str(notice.params)

    def test_the_order_is_priority_then_deadline_then_time_waited(self, pair):
        with time_machine.travel(timezone.now() - timedelta(hours=5)):
            longest = waiting(pair)
        late, soon, urgent = (
            waiting(pair, due=30),
            waiting(pair, due=3),
            waiting(pair, due=30, priority="urgent"),
        )
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            longer = waiting(pair)
        expected = [urgent, soon, longest, longer, late]
        for referral in expected:
            slot = clinics.make_slot(pair.service)
            assert sweep_waiting_list() == 1
            assert offered(referral) == slot.pk

    def test_nobody_has_two_offers_and_no_time_two_patients(self, pair):
        first, second = waiting(pair, due=1), waiting(pair, due=2)
        slots = clinics.make_slots(pair.service, 3)
        assert sweep_waiting_list() == 2
        assert offered(first) == slots[0].pk
        assert offered(second) == slots[1].pk
        assert sweep_waiting_list() == 0

    def test_a_slot_with_several_places_is_offered_to_several(self, pair):
        people = [waiting(pair) for _ in range(3)]
        slot = clinics.make_slot(pair.service, capacity=2)
        assert sweep_waiting_list() == 2
        assert [offered(person) for person in people].count(slot.pk) == 2

    @pytest.mark.parametrize("event", ["cancel", "move", "publish", "reopen", "pattern", "leave ends"])
    def test_what_frees_a_time_offers_it_without_the_round(self, pair, event):
        planner = pair.coordinator
        if event in ("cancel", "move"):
            slot = clinics.make_slot(pair.service, start=at(2, 9))
            holder = pair.referral("booked", slot=slot)
        elif event == "publish":
            slot = clinics.make_slot(pair.service, start=at(2, 9), state="draft")
        elif event == "reopen":
            slot = clinics.make_slot(pair.service, start=at(2, 9), state="blocked")
        referral = waiting(pair)
        settle()
        assert offered(referral) is None
        if event == "cancel":
            booking.cancel_booking(pair.referrer, referral_id=holder.pk, reason="patient_asked")
        elif event == "move":
            other = clinics.make_slot(pair.service, start=at(9, 9), audience="urgent", release_at=at(8, 9))
            holder = Referral.objects.get(pk=holder.pk)
            Referral.objects.filter(pk=holder.pk).update(priority="urgent")
            booking.reschedule_referral(pair.referrer, referral_id=holder.pk, slot_id=other.pk)
        elif event == "publish":
            day = slot.start.astimezone(ZoneInfo(clinics.ZONE)).date()
            slot_services.publish_slots(planner, clinic_id=pair.target.pk, first_day=day, last_day=day)
        elif event == "reopen":
            slot_services.reopen_slots(planner, slot_ids=[slot.pk])
        else:
            pattern = clinics.make_schedule(pair.service, share_own=0, share_cluster=100, share_urgent=0)
            schedule_services.publish_schedule(planner, schedule_id=pattern.pk)
            if event == "leave ends":
                settle()
                waitlist.decline_offer(pair.referrer, referral_id=referral.pk, reason="time")
                first = timezone.localdate() - timedelta(days=1)
                away = schedule_services.add_exception(
                    planner, practitioner_id=pattern.practitioner_id, clinic_id=pair.target.pk, first_day=first,
                    last_day=first + timedelta(days=80), reason="sick",
                )  # fmt: skip
                settle()
                assert offered(referral) is None
                schedule_services.remove_exception(planner, exception_id=away.pk)
            slot = None
        settle()
        assert offered(referral) == slot.pk if slot else offered(referral)

    def test_the_round_finds_what_comes_by_the_clock_alone(self, pair):
        """A hold that lapses, and a time kept for urgent patients that opens to all."""
        held = clinics.make_slot(pair.service, start=at(3, 9))
        someone = pair.referral("draft")
        patients.make_booking(someone, held, "held")
        urgent = clinics.make_slot(pair.service, start=at(3, 12), audience="urgent", release_at=at(2, 12))
        first, second = waiting(pair, due=1), waiting(pair, due=2)
        assert sweep_waiting_list() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert sweep_waiting_list() == 1
            assert offered(first) == held.pk
        with time_machine.travel(at(2, 12) + timedelta(minutes=1)):
            sweep_waiting_list()
            assert {offered(first), offered(second)} == {held.pk, urgent.pk}

    def test_a_time_that_somebody_chooses_now_is_left_to_them(self, pair):
        """Whoever is on the telephone about another time is not offered one meanwhile."""
        referral = waiting(pair)
        mine = clinics.make_slot(pair.service, start=at(4, 9))
        booking.hold_slot(pair.referrer, referral_id=referral.pk, slot_id=mine.pk)
        clinics.make_slot(pair.service, start=at(3, 9))
        assert sweep_waiting_list() == 0
        booking.release_hold(pair.referrer, referral_id=referral.pk)
        assert sweep_waiting_list() == 1

    def test_a_refusal_nobody_foresaw_does_not_keep_the_next_one_back(self, pair, monkeypatch, caplog):
        first, second = waiting(pair, due=1), waiting(pair, due=2)
        slot = clinics.make_slot(pair.service)
        from patients.services import offering

        real = offering.slot_for

        def refuse(referral, slot_id):
            if referral.pk == first.pk:
                raise SlotClosed
            return real(referral, slot_id)

        monkeypatch.setattr(offering, "slot_for", refuse)
        assert sweep_waiting_list() == 1
        assert offered(second) == slot.pk
        assert "seemed to suit" in caplog.text


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


class TestDying:
    """Each offer is a transaction with its message: a worker that dies leaves all of it or nothing."""

    @pytest.mark.parametrize("point", ["take_place", "enqueue", "note"])
    def test_a_worker_that_dies_in_the_middle_leaves_no_trace(self, pair, monkeypatch, point):
        class Killed(BaseException):
            pass

        def die(*args, **kwargs):
            raise Killed

        referral, slot = waiting(pair), clinics.make_slot(pair.service)
        module = {"take_place": booking}.get(point)
        from patients.services import offering

        with monkeypatch.context() as patch:
            patch.setattr(module or offering, point, die)
            with pytest.raises(Killed):
                settle()
        assert offered(referral) is None
        assert patients.taken_and_occupied(slot) == (0, 0)
        assert not referral.steps.filter(action="offer").exists()
        settle()
        assert offered(referral) == slot.pk
        assert WaitlistOffer.objects.count() == 1

    def test_a_message_that_was_lost_is_made_good_by_the_round(self, pair):
        first, second = waiting(pair, due=1), waiting(pair, due=2)
        slot = clinics.make_slot(pair.service)
        OutboxMessage.objects.all().delete()
        assert sweep_waiting_list() == 1
        OutboxMessage.objects.all().delete()
        with time_machine.travel(offer_of(first).until + timedelta(seconds=1)):
            assert sweep_waiting_list() == 1
            assert offered(second) == slot.pk

    def test_a_message_that_comes_twice_does_nothing_the_second_time(self, pair):
        referral = waiting(pair)
        clinics.make_slot(pair.service)
        assert offer_next(SYSTEM, service_type=referral.service_type_id)
        assert offer_next(SYSTEM, service_type=referral.service_type_id) is None
        offer = offer_of(referral)
        assert end_offer(SYSTEM, offer_id=offer.pk) is False
        with time_machine.travel(offer.until):
            assert end_offer(SYSTEM, offer_id=offer.pk) is True
            assert end_offer(SYSTEM, offer_id=offer.pk) is False


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
