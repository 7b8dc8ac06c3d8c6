"""Who is asked first, what is kept for whom, and that a worker may die at any point of it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from clinics.errors import SlotClosed
from clinics.services import schedules as schedule_services
from clinics.services import slots as slot_services
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from patients.models import Booking, Referral, WaitlistOffer
from patients.services import booking, occupancy, waitlist
from patients.services.actions import available_actions
from patients.services.offering import end_offer, offer_next
from patients.tasks import sweep_waiting_list
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.patients.services.waiting.support import offer_of, offered, settle, waiting

pytestmark = pytest.mark.django_db


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

        def refuse(actor, referral, slot_id):
            if referral.pk == first.pk:
                raise SlotClosed
            return real(actor, referral, slot_id)

        monkeypatch.setattr(offering, "slot_for", refuse)
        assert sweep_waiting_list() == 1
        assert offered(second) == slot.pk
        assert "seemed to suit" in caplog.text


class TestDying:
    """Each offer is a transaction with its message: a worker that dies leaves all of it or nothing."""

    @pytest.mark.parametrize("point", ["take_place", "enqueue", "note"])
    def test_a_worker_that_dies_in_the_middle_leaves_no_trace(self, pair, monkeypatch, point):
        class Killed(BaseException):
            pass

        def die(*args, **kwargs):
            raise Killed

        referral, slot = waiting(pair), clinics.make_slot(pair.service)
        module = {"take_place": occupancy}.get(point)
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
