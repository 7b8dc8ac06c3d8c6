"""Keeping, booking, moving and giving back a time: every rule, every refusal, and the counter that never lies."""

import uuid
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from clinics.errors import LicenceLapsed, SlotClosed, SlotReserved, SlotTaken
from clinics.models import Slot
from clinics.states import Audience, BookingMode, ClinicStatus, LicenceStatus, SlotState
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from patients.errors import ConsentMissing, LateReasonRequired, NeedsTriage, PatientBusy, WrongService
from patients.models import Booking, PatientLink, Referral
from patients.services.booking import (
    book_referral,
    cancel_booking,
    hold_slot,
    release_hold,
    reschedule_referral,
)
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair()


@pytest.fixture
def referral(pair):
    return pair.referral("accepted")


@pytest.fixture
def slot(pair):
    return pair.slot()


def book(actor, referral, slot, **fields):
    return book_referral(actor, referral_id=referral.pk, slot_id=slot.pk, **fields)


def hold(actor, referral, slot):
    return hold_slot(actor, referral_id=referral.pk, slot_id=slot.pk)


def move(actor, referral, slot, **fields):
    return reschedule_referral(actor, referral_id=referral.pk, slot_id=slot.pk, **fields)


def fill(slot, number=None):
    """Take places of a slot for other people's referrals."""
    for _ in range(slot.capacity - slot.taken if number is None else number):
        patients.make_booking(patients.make_referral(state="accepted", service=slot.service), slot)


def refused(error, *slots, **conditions):
    """The call raises `error` and leaves every counter and booking as it was."""
    return Refused(error, slots)


class Refused:
    def __init__(self, error, slots):
        self.context, self.slots = pytest.raises(error), slots

    def __enter__(self):
        self.before = Booking.objects.count(), [taken_and_occupied(slot) for slot in self.slots]
        return self.context.__enter__()

    def __exit__(self, *exc):
        handled = self.context.__exit__(*exc)
        assert (Booking.objects.count(), [taken_and_occupied(slot) for slot in self.slots]) == self.before
        return handled


class TestBook:
    @pytest.mark.parametrize("side", ["referrer", "coordinator"])
    def test_either_side_books(self, pair, referral, slot, side):
        actor = getattr(pair, side)
        booking = book(actor, referral, slot)
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at) == ("booked", slot.start)
        assert referral.appointment_clinic == pair.target
        assert (booking.state, booking.booked_by_id) == ("booked", actor.user_id)
        assert (booking.start, booking.end, booking.patient_id) == (slot.start, slot.end, pair.patient.pk)
        assert taken_and_occupied(slot) == (1, 1)
        step = referral.steps.get()
        assert (step.action, step.from_state, step.to_state) == ("book", "accepted", "booked")
        assert step.details["slot"] == str(slot.pk)
        assert step.organization_id == actor.organization_id

    def test_a_stranger_finds_neither_referral_nor_slot(self, pair, referral, slot):
        with refused(NotFound, slot):
            book(clinics.make_actor("coordinator"), referral, slot)
        with refused(NotFound, slot):
            book(pair.referrer, patients.make_referral(state="accepted"), slot)
        with refused(NotFound, slot):
            book_referral(pair.referrer, referral_id=referral.pk, slot_id=uuid.uuid4())
        draft = clinics.make_slot(pair.service, start=clinics.at(2), state=SlotState.DRAFT)
        with refused(NotFound, draft):
            book(pair.referrer, referral, draft)

    def test_the_office_books_for_nobody(self, referral, slot):
        with refused(NotFound, slot):
            book(clinics.make_actor("office"), referral, slot)

    @pytest.mark.parametrize(
        "state", ["draft", "submitted", "returned", "booked", "in_care", "completed", "rejected", "cancelled"]
    )
    def test_only_an_accepted_referral_is_booked(self, pair, slot, state):
        other = pair.referral(state)
        with refused(IllegalTransition, slot):
            book(pair.referrer, other, slot)

    def test_waiting_referrals_are_booked_too(self, pair, slot):
        assert book(pair.referrer, pair.referral("waitlisted"), slot).state == "booked"

    def test_any_clinic_of_the_type(self, pair):
        referral = pair.referral(
            "accepted", service=pair.service, target_clinic=None, target_organization=None
        )
        Referral.objects.filter(pk=referral.pk).update(service=None)
        elsewhere = clinics.make_slot(start=clinics.at(2))
        book(pair.referrer, referral, elsewhere)
        referral.refresh_from_db()
        assert referral.service == elsewhere.service
        assert referral.target_organization_id == elsewhere.organization_id
        assert referral.past_targets == []
        assert PatientLink.objects.filter(
            patient=pair.patient, organization=elsewhere.organization_id, kind="received"
        ).exists()

    def test_at_another_clinic_than_first_thought(self, pair, referral):
        elsewhere = clinics.make_slot(start=clinics.at(2))
        book(pair.referrer, referral, elsewhere)
        referral.refresh_from_db()
        assert referral.target_clinic == elsewhere.clinic
        assert referral.past_targets == [pair.target.organization_id]

    def test_a_full_slot_names_the_three_nearest_free_ones(self, pair, referral):
        full = pair.slot(clinics.at(3, 12))
        near = [pair.slot(clinics.at(3, hour)) for hour in (10, 13, 15)]
        elsewhere = clinics.make_slot(start=clinics.at(3, 12, 20))
        gone, blocked, own = (pair.slot(clinics.at(3, 12, minute)) for minute in (20, 30, 40))
        fill(full), fill(gone)
        Slot.objects.filter(pk=blocked.pk).update(state=SlotState.BLOCKED)
        Slot.objects.filter(pk=own.pk).update(audience=Audience.OWN)
        with refused(SlotTaken, full) as caught:
            book(pair.referrer, referral, full)
        assert caught.value.field == "slot"
        alternatives = caught.value.extra["alternatives"]
        assert [a["slot"] for a in alternatives] == [str(near[n].pk) for n in (1, 0, 2)]
        assert {"start", "time_zone"} <= set(alternatives[0])
        near[0].refresh_from_db()
        for slot in near[1:]:
            fill(slot)
        with refused(SlotTaken, full) as caught:
            book(pair.referrer, referral, full)
        assert [a["slot"] for a in caught.value.extra["alternatives"]] == [str(near[0].pk), str(elsewhere.pk)]
        assert Referral.objects.get(pk=referral.pk).state == "accepted"

    def test_alternatives_are_times_that_can_be_booked(self, pair, referral):
        full = pair.slot(clinics.at(3, 12))
        fill(full)
        unlicensed = clinics.make_service(licensed=False)
        triaged = clinics.make_service(booking_mode=BookingMode.TRIAGE)
        ended = clinics.make_service(is_active=False)
        for_children = clinics.make_service(age_max=17)
        paid = clinics.make_service(payments=["paid"])
        for service in (unlicensed, triaged, ended, for_children, paid):
            clinics.make_slot(service, start=clinics.at(3, 13))
        good = clinics.make_slot(start=clinics.at(3, 18))
        with refused(SlotTaken, full) as caught:
            book(pair.referrer, referral, full)
        assert [a["slot"] for a in caught.value.extra["alternatives"]] == [str(good.pk)]

    def test_many_places_in_one_slot(self, pair):
        slot = pair.slot(capacity=3)
        for _ in range(3):
            patient = patients.make_patient(pair.source.organization)
            book(pair.referrer, pair.referral("accepted", patient=patient), slot)
        assert taken_and_occupied(slot) == (3, 3)
        with refused(SlotTaken, slot):
            book(pair.referrer, pair.referral("accepted"), slot)

    def test_a_past_slot_takes_nobody(self, pair, referral):
        past = pair.slot(timezone.now() - timedelta(minutes=5))
        with refused(SlotClosed, past):
            book(pair.referrer, referral, past)

    def test_a_blocked_slot_takes_nobody(self, pair, referral, slot):
        Slot.objects.filter(pk=slot.pk).update(state=SlotState.BLOCKED)
        with refused(SlotClosed, slot):
            book(pair.referrer, referral, slot)

    @pytest.mark.parametrize("what", ["past", "blocked", "draft"])
    def test_the_database_says_so_too(self, pair, what):
        start = timezone.now() - timedelta(minutes=5) if what == "past" else None
        slot = pair.slot(start, state=what if what in SlotState.values else SlotState.PUBLISHED)
        with pytest.raises(DatabaseError, match="takes no bookings"), transaction.atomic():
            Slot.objects.filter(pk=slot.pk).update(taken=1)

    def test_a_slot_of_another_service(self, pair, referral):
        other = clinics.make_slot(clinics.make_service(pair.target, "mri"), start=clinics.at(2))
        with refused(WrongService, other):
            book(pair.referrer, referral, other)

    def test_another_clinic_that_decides_first(self, pair, referral):
        strict = clinics.make_service(booking_mode=BookingMode.TRIAGE)
        slot = clinics.make_slot(strict, start=clinics.at(2))
        with refused(NeedsTriage, slot):
            book(pair.referrer, referral, slot)

    def test_the_clinic_that_decided_is_booked(self):
        pair = patients.make_pair(triage=True)
        assert book(pair.referrer, pair.referral("accepted"), pair.slot()).state == "booked"

    @pytest.mark.parametrize("limits", [{"age_max": 17}, {"sex": "f"}, {"payments": ["paid"]}])
    def test_another_clinic_whose_service_is_not_for_this_patient(self, pair, referral, limits):
        slot = clinics.make_slot(clinics.make_service(**limits), start=clinics.at(2))
        with refused(WrongService, slot):
            book(pair.referrer, referral, slot)

    def test_a_service_or_a_clinic_that_is_closed(self, pair, referral, slot):
        pair.service.is_active = False
        pair.service.save()
        with refused(SlotClosed, slot):
            book(pair.referrer, referral, slot)
        closed = clinics.make_clinic(
            status=ClinicStatus.CLOSED, closed_on=date(2026, 1, 1), close_reason="ремонт"
        )
        other = clinics.make_slot(clinics.make_service(closed), start=clinics.at(2))
        with refused(SlotClosed, other):
            book(pair.referrer, referral, other)

    def test_nothing_leaves_without_consent_when_the_clinic_changes(self, pair):
        own = clinics.make_service(clinics.make_clinic(pair.source.organization))
        referral = pair.referral("accepted", service=own)
        pair.patient.consents.all().delete()
        assert hold(pair.referrer, referral, clinics.make_slot(own)).state == "held"
        with refused(ConsentMissing):
            book(pair.referrer, referral, pair.slot(clinics.at(2)))
        patients.make_consent(pair.patient)
        seoul = clinics.make_service(clinics.make_clinic(country="KR", time_zone="Asia/Seoul"))
        with refused(ConsentMissing) as caught:
            book(pair.referrer, referral, clinics.make_slot(seoul, start=clinics.at(3)))
        assert caught.value.extra == {"kind": "abroad"}


class TestLicence:
    def test_none(self, pair, referral, slot):
        pair.target.licences.all().delete()
        with refused(LicenceLapsed, slot):
            book(pair.referrer, referral, slot)

    @pytest.mark.parametrize(
        ("fields", "fits"),
        [
            ({"valid_to": date(2026, 3, 10)}, True),
            ({"valid_to": date(2026, 3, 9)}, False),
            ({"valid_from": date(2026, 3, 10)}, True),
            ({"valid_from": date(2026, 3, 11)}, False),
            ({"status": LicenceStatus.SUSPENDED}, False),
            ({"status": LicenceStatus.CANCELLED}, False),
            ({"activities": ["surgery"]}, False),
            ({"activities": ["surgery", "cardiology"]}, True),
        ],
    )
    def test_on_the_clinic_s_own_day_of_the_slot(self, pair, fields, fits):
        # 08:30 on 10 March in Yuzhno-Sakhalinsk is 21:30 on 9 March in UTC. What the database takes for now is later:
        # so the slot's counter is looked at by the Python side alone, before any place is taken.
        pair.target.licences.all().delete()
        clinics.make_licence(pair.target, **fields)
        referral = pair.referral("accepted", due_on=date(2026, 4, 1))
        slot = pair.slot(clinics.at(date(2026, 3, 10), 8, 30))
        with time_machine.travel("2026-03-01T00:00:00+00:00"):
            expected = SlotClosed if fits else LicenceLapsed
            with pytest.raises((LicenceLapsed, SlotClosed)) as caught, transaction.atomic():
                book(pair.referrer, referral, slot)
        assert caught.type is expected

    def test_a_licence_of_another_site_does_not_help(self, pair, referral, slot):
        pair.target.licences.all().delete()
        clinics.make_licence(clinics.make_clinic(pair.target.organization))
        with refused(LicenceLapsed, slot):
            book(pair.referrer, referral, slot)


class TestAudience:
    """Own slots are the clinic's own; the cluster's fall to the own pool at their release; urgent ones to all."""

    BEFORE, AFTER = timedelta(hours=1), -timedelta(hours=1)

    @pytest.mark.parametrize(
        ("audience", "release", "own", "priority", "fits"),
        [
            (Audience.OWN, BEFORE, True, "planned", True),
            (Audience.OWN, BEFORE, False, "planned", False),
            (Audience.OWN, BEFORE, False, "emergency", False),
            (Audience.OWN, AFTER, False, "planned", False),
            (Audience.CLUSTER, BEFORE, True, "planned", True),
            (Audience.CLUSTER, BEFORE, False, "planned", True),
            (Audience.CLUSTER, AFTER, False, "planned", False),
            (Audience.CLUSTER, AFTER, False, "urgent", False),
            (Audience.CLUSTER, AFTER, True, "planned", True),
            (Audience.URGENT, BEFORE, True, "planned", False),
            (Audience.URGENT, BEFORE, False, "planned", False),
            (Audience.URGENT, BEFORE, False, "urgent", True),
            (Audience.URGENT, BEFORE, False, "emergency", True),
            (Audience.URGENT, AFTER, False, "planned", True),
            (Audience.URGENT, AFTER, True, "planned", True),
        ],
    )
    def test_who_may_book_it(self, pair, audience, release, own, priority, fits):
        service = pair.service
        if own:
            service = clinics.make_service(clinics.make_clinic(pair.source.organization))
        referral = pair.referral("accepted", service=service, priority=priority)
        slot = clinics.make_slot(service, audience=audience, release_at=timezone.now() + release)
        if fits:
            assert book(pair.referrer, referral, slot).state == "booked"
        else:
            with refused(SlotReserved, slot) as caught:
                book(pair.referrer, referral, slot)
            assert "alternatives" in caught.value.extra


class TestLate:
    def test_later_than_the_norm_needs_a_reason(self, pair):
        referral = pair.referral("accepted", due_on=(timezone.now() + timedelta(days=3)).date())
        slot = pair.slot(clinics.at(9))
        for reason in ("", "   "):
            with refused(LateReasonRequired, slot) as caught:
                book(pair.referrer, referral, slot, late_reason=reason)
            assert caught.value.field == "late_reason"
            assert caught.value.extra == {"due_on": referral.due_on.isoformat()}
        book(pair.referrer, referral, slot, late_reason=" Просит пациент ")
        referral.refresh_from_db()
        assert referral.late_reason == "Просит пациент"

    def test_on_the_last_day_it_does_not(self, pair):
        slot = pair.slot(clinics.at(5, 8))
        referral = pair.referral("accepted", due_on=clinics.at(5).date())
        assert book(pair.referrer, referral, slot).state == "booked"

    def test_moving_beyond_the_norm_needs_one_and_moving_back_forgets_it(self, pair):
        early, late = pair.slot(clinics.at(2)), pair.slot(clinics.at(9))
        referral = pair.referral("accepted", due_on=clinics.at(5).date())
        book(pair.referrer, referral, early)
        with refused(LateReasonRequired, early, late):
            move(pair.referrer, referral, late)
        move(pair.referrer, referral, late, late_reason="Шторм")
        move(pair.referrer, referral, early)
        referral.refresh_from_db()
        assert referral.late_reason == ""


class TestPatientOverlap:
    def test_a_patient_is_never_in_two_places(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        other = clinics.make_slot(start=slot.start + timedelta(minutes=10))
        with refused(PatientBusy, slot, other) as caught:
            book(pair.referrer, pair.referral("accepted"), other)
        assert caught.value.field == "slot"
        with refused(PatientBusy, slot, other):
            hold(pair.referrer, pair.referral("accepted"), other)

    def test_one_visit_may_follow_another(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        after = clinics.make_slot(start=slot.end)
        assert book(pair.referrer, pair.referral("accepted"), after).state == "booked"

    def test_an_ended_one_stands_in_nobody_s_way(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        cancel_booking(pair.referrer, referral_id=referral.pk, reason="patient_asked")
        same = clinics.make_slot(start=slot.start)
        assert book(pair.referrer, pair.referral("accepted"), same).state == "booked"

    def test_a_lapsed_hold_of_another_referral_does_neither(self, pair, referral, slot):
        other = pair.referral("accepted")
        held = hold(pair.referrer, other, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            same = clinics.make_slot(start=slot.start)
            assert book(pair.referrer, referral, same).state == "booked"
        held.refresh_from_db()
        assert (held.state, held.end_reason) == ("cancelled", "replaced")
        assert taken_and_occupied(slot) == (0, 0)
        assert taken_and_occupied(same) == (1, 1)


class TestHold:
    def test_it_keeps_the_place_for_ten_minutes(self, pair, referral, slot, settings):
        before = timezone.now()
        held = hold(pair.referrer, referral, slot)
        assert held.state == "held"
        assert held.held_by_id == pair.referrer.user_id
        minutes = (held.held_until - before).total_seconds() / 60
        assert settings.HOLD_MINUTES <= minutes < settings.HOLD_MINUTES + 0.1
        assert taken_and_occupied(slot) == (1, 1)
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at) == ("accepted", None)
        with refused(SlotTaken, slot):
            book(pair.referrer, pair.referral("accepted", patient=patients.make_patient()), slot)

    @pytest.mark.parametrize("state", ["draft", "returned", "accepted", "waitlisted"])
    def test_it_is_possible_before_the_referral_is_sent(self, pair, slot, state):
        assert hold(pair.referrer, pair.referral(state), slot).state == "held"

    @pytest.mark.parametrize(
        "state", ["submitted", "booked", "in_care", "completed", "rejected", "cancelled"]
    )
    def test_it_is_not_possible_later(self, pair, slot, state):
        other = pair.referral(state)
        with refused(IllegalTransition, slot):
            hold(pair.referrer, other, slot)

    @pytest.mark.parametrize("state", ["draft", "returned"])
    def test_nobody_holds_what_the_clinic_has_not_decided(self, state):
        pair = patients.make_pair(triage=True)
        slot = pair.slot()
        with refused(NeedsTriage, slot):
            hold(pair.referrer, pair.referral(state), slot)

    def test_asked_again_it_lasts_longer(self, pair, referral, slot):
        first = hold(pair.referrer, referral, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            second = hold(pair.referrer, referral, slot)
        assert second.pk == first.pk
        assert second.held_until > first.held_until
        assert taken_and_occupied(slot) == (1, 1)

    def test_another_time_lets_the_first_one_go(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.slot(clinics.at(2))
        hold(pair.referrer, referral, other)
        assert (taken_and_occupied(slot), taken_and_occupied(other)) == ((0, 0), (1, 1))

    def test_a_full_one_leaves_the_first_hold_alone(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        full = pair.slot(clinics.at(2))
        fill(full)
        with refused(SlotTaken, slot, full):
            hold(pair.referrer, referral, full)
        assert active_bookings(referral)[0].slot == slot

    def test_it_becomes_the_booking(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        booking = book(pair.coordinator, referral, slot)
        assert booking.pk == held.pk
        booking.refresh_from_db()
        assert (booking.state, booking.held_until) == ("booked", None)
        assert booking.booked_by_id == pair.coordinator.user_id
        assert taken_and_occupied(slot) == (1, 1)

    def test_booking_another_time_lets_it_go(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.slot(clinics.at(2))
        book(pair.referrer, referral, other)
        assert (taken_and_occupied(slot), taken_and_occupied(other)) == ((0, 0), (1, 1))

    def test_it_lapses_by_time_alone_when_somebody_needs_the_place(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        other = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
        with refused(SlotTaken, slot):
            book(pair.referrer, other, slot)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert book(pair.referrer, other, slot).state == "booked"
        held.refresh_from_db()
        assert (held.state, held.end_reason) == ("cancelled", "lapsed")
        assert taken_and_occupied(slot) == (1, 1)

    def test_nobody_needed_it_so_it_is_booked_after_all(self, pair, referral, slot):
        held = hold(pair.referrer, referral, slot)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert book(pair.referrer, referral, slot).pk == held.pk
        assert taken_and_occupied(slot) == (1, 1)

    def test_somebody_needed_it_so_it_is_gone(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        other = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            book(pair.referrer, other, slot)
            with refused(SlotTaken, slot):
                book(pair.referrer, referral, slot)

    def test_all_lapsed_holds_of_a_full_slot_go_at_once(self, pair):
        slot = pair.slot(capacity=3)
        for _ in range(3):
            patient = patients.make_patient(pair.source.organization)
            hold(pair.referrer, pair.referral("accepted", patient=patient), slot)
        assert taken_and_occupied(slot) == (3, 3)
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            book(pair.referrer, pair.referral("accepted"), slot)
        assert taken_and_occupied(slot) == (1, 1)

    def test_it_can_be_released_and_releasing_nothing_is_nothing(self, pair, referral, slot):
        hold(pair.referrer, referral, slot)
        release_hold(pair.referrer, referral_id=referral.pk)
        assert taken_and_occupied(slot) == (0, 0)
        release_hold(pair.referrer, referral_id=referral.pk)
        book(pair.referrer, referral, slot)
        release_hold(pair.referrer, referral_id=referral.pk)
        assert taken_and_occupied(slot) == (1, 1)

    def test_strangers_hold_and_release_nothing(self, pair, referral, slot):
        stranger = clinics.make_actor("referrer")
        with refused(NotFound, slot):
            hold(stranger, referral, slot)
        hold(pair.referrer, referral, slot)
        with refused(NotFound, slot):
            release_hold(stranger, referral_id=referral.pk)

    def test_what_booking_refuses_holding_refuses_too(self, pair, referral):
        past = pair.slot(timezone.now() - timedelta(minutes=5))
        with refused(SlotClosed, past):
            hold(pair.referrer, referral, past)
        kept = pair.slot(clinics.at(2), audience=Audience.OWN)
        with refused(SlotReserved, kept):
            hold(pair.referrer, referral, kept)
        full = pair.slot(clinics.at(3))
        fill(full)
        with refused(SlotTaken, full) as caught:
            hold(pair.referrer, referral, full)
        assert "alternatives" in caught.value.extra


class TestReschedule:
    def test_to_another_time(self, pair, referral, slot):
        old = book(pair.referrer, referral, slot)
        later = pair.slot(clinics.at(2))
        new = move(pair.coordinator, referral, later, comment="Врач занят")
        old.refresh_from_db(), referral.refresh_from_db()
        assert (old.state, old.end_reason) == ("cancelled", "rescheduled")
        assert (new.state, new.slot) == ("booked", later)
        assert (referral.state, referral.appointment_at) == ("booked", later.start)
        assert (taken_and_occupied(slot), taken_and_occupied(later)) == ((0, 0), (1, 1))
        step = referral.steps.get(action="reschedule")
        assert step.comment == "Врач занят"
        assert datetime.fromisoformat(step.details["from"]["at"]) == slot.start
        assert step.details["from"]["clinic"] == step.details["clinic"] == str(slot.clinic_id)
        assert datetime.fromisoformat(step.details["at"]) == later.start

    def test_to_another_clinic_the_first_one_goes_on_seeing_it(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        elsewhere = clinics.make_slot(start=clinics.at(2))
        move(pair.referrer, referral, elsewhere)
        referral.refresh_from_db()
        assert referral.target_organization_id == elsewhere.organization_id
        assert referral.appointment_clinic == elsewhere.clinic
        assert referral.past_targets == [pair.target.organization_id]
        with pytest.raises(Forbidden):
            cancel_booking(pair.coordinator, referral_id=referral.pk, reason="equipment")

    def test_to_a_time_that_overlaps_the_old_one(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        overlapping = pair.slot(slot.start + timedelta(minutes=5))
        move(pair.referrer, referral, overlapping)
        assert (taken_and_occupied(slot), taken_and_occupied(overlapping)) == ((0, 0), (1, 1))

    def test_to_the_same_time_changes_nothing(self, pair, referral, slot):
        booking = book(pair.referrer, referral, slot)
        assert move(pair.referrer, referral, slot).pk == booking.pk
        assert referral.steps.count() == 1
        assert taken_and_occupied(slot) == (1, 1)

    def test_a_full_one_keeps_the_old_one(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        full = pair.slot(clinics.at(2))
        fill(full)
        with refused(SlotTaken, slot, full):
            move(pair.referrer, referral, full)
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at) == ("booked", slot.start)

    def test_another_clinic_refuses_by_its_own_rules(self, pair, referral, slot):
        book(pair.referrer, referral, slot)
        for error, service in (
            (NeedsTriage, clinics.make_service(booking_mode=BookingMode.TRIAGE)),
            (LicenceLapsed, clinics.make_service(licensed=False)),
            (WrongService, clinics.make_service(service_type="mri")),
        ):
            other = clinics.make_slot(service, start=clinics.at(3))
            with refused(error, slot, other):
                move(pair.referrer, referral, other)

    @pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "in_care", "completed", "cancelled"])
    def test_only_what_is_booked_is_moved(self, pair, slot, state):
        other = pair.referral(state)
        with refused(IllegalTransition, slot):
            move(pair.referrer, other, slot)


class TestCancel:
    @pytest.mark.parametrize("side", ["referrer", "coordinator"])
    def test_either_side_gives_the_time_back(self, pair, referral, slot, side):
        booking = book(pair.referrer, referral, slot)
        cancel_booking(getattr(pair, side), referral_id=referral.pk, reason="transport", comment="Шторм")
        booking.refresh_from_db(), referral.refresh_from_db()
        assert (booking.state, booking.end_reason, booking.end_comment) == ("cancelled", "transport", "Шторм")
        assert (referral.state, referral.appointment_at, referral.appointment_clinic) == (
            "accepted",
            None,
            None,
        )
        assert taken_and_occupied(slot) == (0, 0)
        assert book(pair.referrer, referral, slot).state == "booked"

    @pytest.mark.parametrize(("reason", "comment"), [("", ""), ("because", ""), ("other", "  ")])
    def test_with_a_coded_reason(self, pair, referral, slot, reason, comment):
        book(pair.referrer, referral, slot)
        with refused(Invalid, slot):
            cancel_booking(pair.referrer, referral_id=referral.pk, reason=reason, comment=comment)

    def test_only_what_is_booked(self, pair, referral):
        with pytest.raises(IllegalTransition):
            cancel_booking(pair.referrer, referral_id=referral.pk, reason="transport")


def test_two_sides_of_one_counter(pair):
    """Whatever state a booking is in, the counter counts it or not."""
    for state in BookingState:
        slot = pair.slot(clinics.at(10 + list(BookingState).index(state)))
        patients.make_booking(pair.referral("accepted"), slot, state)
        assert taken_and_occupied(slot)[0] == taken_and_occupied(slot)[1]
