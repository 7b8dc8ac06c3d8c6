"""Who has to be moved, and which time is proposed to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Slot
from clinics.selectors.quotas import month_after
from clinics.services.quotas import set_quota
from clinics.states import Audience, BookingMode
from cluster_portal.web import menu
from patients.models import Booking, Referral
from patients.selectors import worklists
from patients.selectors.moving import ELSEWHERE, SAME_PERSON, SAME_SERVICE, plan, to_move
from patients.services.booking import reschedule_referral
from tests.factories import clinics, patients
from tests.factories.clinics import at, day_of

pytestmark = pytest.mark.django_db


def proposed(ward, actor=None):
    """The proposed slot and its nearness, by the number of the referral."""
    return {
        line.booking.referral.number: line.proposed and (line.proposed.slot, line.proposed.nearness)
        for line in plan(actor or ward.coordinator)
    }


class TestQueue:
    def test_closed_times_with_patients_are_to_move_until_they_are_moved(self, ward):
        referral = ward.booked()
        ward.pair.referral("booked")
        for actor in (ward.coordinator, ward.referrer):
            assert not to_move(actor).exists()
        ward.fall_ill()
        for actor, side in ((ward.coordinator, "in"), (ward.referrer, "out")):
            queue = worklists.QUEUES[side]["to_move"]
            assert [b.referral_id for b in to_move(actor)] == [referral.pk]
            assert worklists.in_queue(actor, side, queue).get() == referral
            menu.forget_counters(actor)
            assert menu.counters(actor)[f"{side}.to_move"] == 1
        free = ward.slot(at(3, 9), ward.colleague)
        reschedule_referral(ward.coordinator, referral_id=referral.pk, slot_id=free.pk)
        assert not to_move(ward.coordinator).exists()
        menu.forget_counters(ward.coordinator)
        assert menu.counters(ward.coordinator)["in.to_move"] == 0

    def test_strangers_see_nobody(self, ward):
        ward.booked()
        ward.fall_ill()
        assert not to_move(clinics.make_actor("coordinator")).exists()
        assert not to_move(clinics.make_actor("office")).exists()
        assert plan(clinics.make_actor("manager")) == []

    def test_a_closed_time_that_has_begun_is_past_moving(self, ward):
        referral = ward.booked()
        ward.fall_ill()
        begun = timezone.now() - timedelta(minutes=5)
        Slot.objects.filter(bookings__referral=referral).update(
            start=begun, end=begun + timedelta(minutes=20)
        )
        assert not to_move(ward.coordinator).exists()


class TestNearness:
    def test_the_same_person_comes_before_the_service_and_that_before_other_clinics(self, ward):
        referral = ward.booked()
        elsewhere = clinics.make_slot(start=at(3, 9))
        here = ward.slot(at(4, 9), ward.colleague)
        theirs = ward.slot(at(5, 9), ward.ill)
        ward.fall_ill()
        line = plan(ward.coordinator)[0]
        assert line.booking.referral == referral
        assert [(t.slot, t.nearness) for t in line.times] == [
            (theirs, SAME_PERSON),
            (here, SAME_SERVICE),
            (elsewhere, ELSEWHERE),
        ]

    def test_in_time_comes_before_everything(self, ward):
        ward.booked(due=4)
        elsewhere = clinics.make_slot(start=at(4, 20))
        ward.slot(at(5, 9), ward.colleague)
        theirs = ward.slot(at(6, 9), ward.ill)
        ward.fall_ill()
        line = plan(ward.coordinator)[0]
        assert (line.proposed.slot, line.proposed.late) == (elsewhere, False)
        assert (line.others[0].slot, line.others[0].late) == (theirs, True)

    def test_nobody_is_called_in_at_once_but_the_old_time_is_not_too_soon(self, ward):
        ward.booked(at(2, 9))
        soon = ward.slot(timezone.now() + timedelta(hours=2), ward.colleague)
        ward.fall_ill()
        assert plan(ward.coordinator)[0].times == []
        early = ward.booked(soon.start)
        Slot.objects.filter(bookings__referral=early).update(block_reason="sick")
        line = next(line for line in plan(ward.coordinator) if line.booking.referral_id == early.pk)
        assert [t.slot for t in line.times] == [soon]


class TestRules:
    """Every proposal can be booked: the rules of booking, seen from the plan."""

    def test_what_booking_refuses_is_not_proposed(self, ward):
        ward.booked()
        own = ward.slot(at(3, 9), audience=Audience.OWN)
        urgent = ward.slot(at(3, 10), audience=Audience.URGENT, release_at=at(3, 9))
        released = ward.slot(at(3, 11), release_at=timezone.now() - timedelta(hours=1))
        full = ward.slot(at(3, 12))
        patients.make_booking(ward.pair.referral("accepted", patient=patients.make_patient()), full)
        for limits in (
            {"licensed": False},
            {"booking_mode": BookingMode.TRIAGE},
            {"age_max": 17},
            {"sex": "f"},
            {"payments": ["paid"]},
            {"is_active": False},
        ):
            clinics.make_slot(clinics.make_service(**limits), start=at(3, 13))
        clinics.make_slot(clinics.make_service(service_type="mri"), start=at(3, 14))
        ward.fall_ill()
        assert plan(ward.coordinator)[0].times == []
        assert {own, urgent, released} <= set(Slot.objects.all())
        good = ward.slot(at(3, 15))
        assert [t.slot for t in plan(ward.coordinator)[0].times] == [good]

    def test_another_clinic_only_with_the_consent(self, ward):
        referral = ward.booked()
        clinics.make_slot(start=at(3, 9))
        referral.patient.consents.all().delete()
        ward.fall_ill()
        assert plan(ward.coordinator)[0].times == []

    def test_not_where_the_patient_has_another_visit(self, ward):
        referral = ward.booked()
        busy = ward.slot(at(3, 9), ward.colleague)
        other = clinics.make_slot(start=at(3, 9, 10))
        patients.make_booking(ward.pair.referral("accepted", patient=referral.patient), other)
        ward.fall_ill()
        assert busy not in [t.slot for t in plan(ward.coordinator)[0].times]

    def test_the_hour_of_the_old_visit_is_free_for_it(self, ward):
        ward.booked(at(2, 9))
        same_hour = ward.slot(at(2, 9), ward.colleague)
        ward.fall_ill()
        assert plan(ward.coordinator)[0].proposed.slot == same_hour


class TestDealing:
    def test_a_full_quota_takes_only_who_counts_in_it(self, ward):
        """Two services of the type whose month is used up: the visit moves within its own, not to the other."""
        ahead = month_after(day_of(at(0)).replace(day=1)).replace(day=10)
        day = (ahead - day_of(at(0))).days
        referral = ward.booked(at(day, 9))
        other = clinics.make_service(ward.pair.target, mode="telemedicine")
        planner = clinics.make_actor("coordinator", organization=ward.pair.target.organization)
        for service, volume in ((ward.service, 1), (other, 0)):
            month = ahead.replace(day=1)
            set_quota(planner, service_id=service.pk, payment=referral.payment, month=month, volume=volume)
        ward.fall_ill(day=day)
        ward.slot(at(day + 1, 8), ward.colleague, other)
        assert proposed(ward) == {referral.number: None}
        free = ward.slot(at(day + 1, 9), ward.colleague)
        assert proposed(ward) == {referral.number: (free, SAME_SERVICE)}

    def test_no_place_twice_and_the_most_urgent_first(self, ward):
        late = ward.booked(at(2, 9), due=20)
        soon = ward.booked(at(2, 10), due=5)
        urgent = ward.booked(at(2, 11), due=20, priority="urgent")
        first, second = ward.slot(at(3, 9), ward.colleague), ward.slot(at(3, 10), ward.colleague)
        ward.fall_ill()
        found = proposed(ward)
        assert list(found) == [urgent.number, soon.number, late.number]
        assert found[urgent.number][0] == first
        assert found[soon.number][0] == second
        assert found[late.number] is None

    def test_a_time_with_two_places_is_proposed_twice(self, ward):
        ward.booked(at(2, 9)), ward.booked(at(2, 10))
        pair = ward.slot(at(3, 9), ward.colleague, capacity=2)
        ward.fall_ill()
        assert [found[0] for found in proposed(ward).values()] == [pair, pair]

    def test_two_visits_of_one_patient_do_not_meet(self, ward):
        first = ward.booked(at(2, 9))
        ward.booked(at(2, 10), patient=first.patient)
        one = ward.slot(at(3, 9), ward.colleague)
        ward.slot(at(3, 9, 10), practitioner=None)
        after = ward.slot(at(3, 9, 20), ward.colleague)
        ward.fall_ill()
        assert {found[0] for found in proposed(ward).values()} == {one, after}

    def test_others_are_proposed_to_nobody(self, ward):
        for hour in (9, 10, 11):
            ward.booked(at(2, hour))
        for hour in (9, 10, 11, 12, 13):
            ward.slot(at(3, hour), ward.colleague)
        ward.fall_ill()
        lines = plan(ward.coordinator)
        given = {line.proposed.slot for line in lines}
        assert len(given) == 3
        assert all(given.isdisjoint(t.slot for t in line.others) and line.others for line in lines)


def queries(ward):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        lines = plan(ward.coordinator)
    return len(caught), lines


def test_the_plan_costs_the_same_for_one_and_for_thirty(ward):
    ward.booked(at(2, 7))
    clinics.make_slots(ward.service, 40, first=at(4, 8))
    ward.fall_ill()
    alone, lines = queries(ward)
    assert len(lines) == 1 and alone <= 5
    for n in range(29):
        ward.booked(at(2, 7) + timedelta(minutes=20 * (n + 1)), priority="urgent" if n % 2 else "planned")
    ward.fall_ill()
    together, lines = queries(ward)
    assert len(lines) == 30
    assert len({line.proposed.slot for line in lines}) == 30
    assert together == alone


def test_every_proposal_is_taken_by_the_booking_service(ward):
    """The conditions of the plan and the rules of booking say the same."""
    for n in range(6):
        ward.booked(at(2, 8) + timedelta(minutes=20 * n), priority=("urgent", "planned")[n % 2], due=2 + n)
    for n, audience in enumerate((Audience.CLUSTER, Audience.URGENT, Audience.OWN) * 3):
        start = at(3 + n % 4, 9) + timedelta(minutes=20 * n)
        ward.slot(start, audience=audience, release_at=start - timedelta(hours=1))
    clinics.make_slots(clinics.make_service(), 4, first=at(3, 9))
    ward.fall_ill()
    lines = plan(ward.coordinator)
    assert lines
    for line in lines:
        for time in line.times[:1]:
            reschedule_referral(
                ward.coordinator, referral_id=line.booking.referral_id, slot_id=time.slot.pk,
                booking_id=line.booking.pk, late_reason="Болезнь врача",
            )  # fmt: skip
            moved = Referral.objects.get(pk=line.booking.referral_id)
            assert bool(moved.late_reason) == time.late
    assert Booking.objects.filter(end_reason="rescheduled").count() == sum(bool(x.proposed) for x in lines)
