"""Booking a time: who may, what stands in the way, and the counter that never lies."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from clinics.errors import SlotClosed, SlotTaken
from clinics.models import Slot
from clinics.states import Audience, BookingMode, ClinicStatus, SlotState
from cluster_portal.common.errors import IllegalTransition, NotFound
from patients.errors import ConsentMissing, NeedsTriage, WrongService
from patients.models import PatientLink, Referral
from patients.services.booking import (
    book_referral,
)
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.factories.patients import taken_and_occupied
from tests.patients.services.booking.support import book, fill, hold, refused

pytestmark = pytest.mark.django_db


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


def test_two_sides_of_one_counter(pair):
    """Whatever state a booking is in, the counter counts it or not."""
    for state in BookingState:
        slot = pair.slot(clinics.at(10 + list(BookingState).index(state)))
        patients.make_booking(pair.referral("accepted"), slot, state)
        assert taken_and_occupied(slot)[0] == taken_and_occupied(slot)[1]
