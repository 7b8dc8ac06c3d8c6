"""The steps of one sitting: each keeps what was done, and sending with the booking is all or nothing."""

import uuid
from datetime import timedelta

import pytest

from clinics.errors import SlotTaken
from clinics.states import BookingMode
from cluster_portal.common.errors import Invalid, NotFound
from patients.errors import ConsentMissing, LateReasonRequired, SimilarPatients
from patients.models import Booking, Patient, Referral
from patients.services.flow import (
    choose_clinic,
    choose_time,
    register_and_draft,
    send_referral,
    state_reason,
)
from patients.states import BookingState, ConsentKind, ReferralState
from tests.factories import clinics, patients
from tests.factories.clinics import at
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = pytest.mark.django_db


def draft_of(pair, **fields):
    fields = {"service": None, "service_type": pair.service.service_type} | fields
    referral = pair.referral("draft")
    Referral.objects.filter(pk=referral.pk).update(target_clinic=None, target_organization=None, **fields)
    referral.refresh_from_db()
    return referral


PERSON = {"family": "Лаптев", "given": "Олег", "birth_date": "1968-03-09", "sex": "m"}


def test_registering_begins_the_referral_at_once(pair):
    from datetime import date

    person = PERSON | {"birth_date": date(1968, 3, 9)}
    referral = register_and_draft(pair.referrer, data=person)
    assert (referral.state, referral.patient.family) == ("draft", "Лаптев")
    with pytest.raises(SimilarPatients):
        register_and_draft(pair.referrer, data=person)
    assert Patient.objects.filter(family="Лаптев").count() == 1
    assert register_and_draft(pair.referrer, data=person, ignore_similar=True).patient != referral.patient


def test_the_reason_and_the_consent_are_saved_together(pair):
    pair.patient.consents.all().delete()
    referral = draft_of(pair)
    consent = {"kind": ConsentKind.TRANSFER, "given_on": clinics.today()}
    bad = {"kind": ConsentKind.TRANSFER, "given_on": clinics.today() + timedelta(days=1)}
    with pytest.raises(Invalid):
        state_reason(pair.referrer, referral_id=referral.pk, data={"reason": "новый"}, consents=[bad])
    referral.refresh_from_db()
    assert referral.reason != "новый"
    state_reason(pair.referrer, referral_id=referral.pk, data={"reason": "новый"}, consents=[consent])
    assert pair.patient.consents.get().recorded_by_id == pair.referrer.user_id


def test_choosing_a_time_aims_the_draft_and_holds_the_slot(pair):
    referral, slot = draft_of(pair), pair.slot()
    booking = choose_time(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    referral.refresh_from_db()
    assert (booking.state, referral.service_id, referral.target_clinic_id) == (
        BookingState.HELD, pair.service.pk, pair.target.pk,
    )  # fmt: skip
    other = clinics.make_slot(clinics.make_service(), start=at(2))
    choose_time(pair.referrer, referral_id=referral.pk, slot_id=other.pk)
    referral.refresh_from_db()
    assert referral.service_id == other.service_id
    assert taken_and_occupied(slot) == (0, 0)
    with pytest.raises(NotFound):
        choose_time(pair.referrer, referral_id=referral.pk, slot_id=uuid.uuid4())


def test_a_clinic_that_does_not_fit_is_refused_before_anything_is_held(pair):
    referral = draft_of(pair)
    children = clinics.make_service(None, pair.service.service_type, age_max=17)
    slot = clinics.make_slot(children)
    with pytest.raises(Invalid) as refusal:
        choose_time(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    assert "service" in refusal.value.errors
    assert active_bookings(referral) == []


def test_a_clinic_that_decides_first_is_chosen_without_a_time(pair):
    referral, slot = draft_of(pair), pair.slot()
    choose_time(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    deciding = clinics.make_service(None, pair.service.service_type, booking_mode=BookingMode.TRIAGE)
    choose_clinic(pair.referrer, referral_id=referral.pk, service_id=deciding.pk)
    assert taken_and_occupied(slot) == (0, 0)
    sent = send_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    assert (sent.state, sent.service_id) == (ReferralState.SUBMITTED, deciding.pk)
    assert active_bookings(referral) == []


def test_sending_books_the_time_in_one_go(pair):
    referral, slot = draft_of(pair), pair.slot()
    choose_time(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    sent = send_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    assert (sent.state, sent.appointment_at) == (ReferralState.BOOKED, slot.start)
    assert taken_and_occupied(slot) == (1, 1)
    assert [step.action for step in sent.steps.all()][-2:] == ["submit", "book"]


def test_a_time_that_is_gone_leaves_the_draft_a_draft(pair):
    referral, slot = draft_of(pair), pair.slot()
    near = pair.slot(at(1, 10))
    patients.make_booking(pair.referral("accepted", patient=patients.make_patient()), slot)
    with pytest.raises(SlotTaken) as refusal:
        send_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    assert [one["slot"] for one in refusal.value.extra["alternatives"]] == [str(near.pk)]
    referral.refresh_from_db()
    assert (referral.state, referral.submitted_at) == ("draft", None)


def test_later_than_the_norm_asks_why(pair):
    referral, slot = draft_of(pair), pair.slot(at(60))
    choose_time(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    with pytest.raises(LateReasonRequired):
        send_referral(pair.referrer, referral_id=referral.pk, slot_id=slot.pk)
    referral.refresh_from_db()
    assert referral.state == "draft"
    sent = send_referral(
        pair.referrer, referral_id=referral.pk, slot_id=slot.pk, late_reason="Просил пациент"
    )
    assert (sent.state, sent.late_reason) == ("booked", "Просил пациент")


def test_a_consent_signed_at_the_last_moment(pair):
    pair.patient.consents.all().delete()
    referral = draft_of(pair)
    with pytest.raises(ConsentMissing):
        send_referral(pair.referrer, referral_id=referral.pk)
    signed = {"kind": ConsentKind.TRANSFER, "given_on": clinics.today(), "paper": "№ 7"}
    assert send_referral(pair.referrer, referral_id=referral.pk, consents=[signed]).state == "accepted"


def test_strangers_find_nothing(pair):
    referral, slot, stranger = draft_of(pair), pair.slot(), clinics.make_actor()
    for attempt in (
        lambda: choose_time(stranger, referral_id=referral.pk, slot_id=slot.pk),
        lambda: choose_clinic(stranger, referral_id=referral.pk, service_id=pair.service.pk),
        lambda: send_referral(stranger, referral_id=referral.pk),
        lambda: state_reason(stranger, referral_id=referral.pk, data={}),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert not Booking.objects.exists()
