"""A practitioner on foreign qualifications has times on the days of a permit and of the clinic's regime, no others."""

from datetime import date

import pytest

from clinics.errors import PermitLapsed
from clinics.models import Slot
from clinics.selectors.offers import clinics_for
from clinics.selectors.permits import may_practise
from clinics.selectors.slots import choices, first_free, free_slots
from clinics.services.licences import cancel_credential, suspend_credential
from clinics.states import LicenceStatus
from cluster_portal.common.actor import SYSTEM
from tests.factories import clinics
from tests.patients.services.booking.support import book, refused

pytestmark = pytest.mark.django_db

#: The day of the slot, as parameters name it.
THAT_DAY = "the day of the slot"


@pytest.fixture
def regime(pair):
    return clinics.make_regime(pair.target)


@pytest.fixture
def doctor(pair):
    return clinics.make_practitioner(pair.target, by_permit=True)


@pytest.fixture
def time(pair, doctor):
    slot = pair.slot(clinics.at(2, 10))
    Slot.objects.filter(pk=slot.pk).update(practitioner=doctor)
    return Slot.objects.get(pk=slot.pk)


def is_offered(slot) -> bool:
    """Whether every search gives the time, or none; two that differ fail."""
    service = slot.service
    clinic = service.clinic
    offer = next(o for o in clinics_for(slot.service_type_id, None, clinic_ids=[clinic.pk]))
    shown = choices(service, None, first_day=clinics.day_of(slot.start), number_of_days=1, payment="oms")
    answers = {
        slot in free_slots(None, service_ids=[service.pk]),
        first_free([service.pk]).get(service.pk) == slot.start,
        offer.first_free == slot.start,
        any(choice.slot == slot for times in shown.values() for choice in times),
        Slot.objects.filter(may_practise(), pk=slot.pk).exists(),
    }
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize(
    ("permit", "regime_until", "fits", "why"),
    [
        ({}, None, True, ""),
        ({"valid_to": THAT_DAY}, THAT_DAY, True, ""),
        ({"valid_to": date(2026, 1, 1)}, None, False, "01.01.2026"),
        ({"status": LicenceStatus.SUSPENDED, "suspended_from": date(2026, 2, 3)}, None, False, "03.02.2026"),
        ({"status": LicenceStatus.CANCELLED}, None, False, "разрешени"),
        ({"specialties": ["surgery"]}, None, False, "разрешени"),
        (None, None, False, "разрешени"),
        ({}, date(2026, 1, 1), False, "01.01.2026"),
    ],
)
def test_on_the_day_of_the_slot(pair, referral, regime, doctor, time, permit, regime_until, fits, why):
    on_the_day = {THAT_DAY: clinics.day_of(time.start)}
    type(regime).objects.filter(pk=regime.pk).update(valid_to=on_the_day.get(regime_until, regime_until))
    if permit is not None:
        permit = {name: on_the_day.get(str(value), value) for name, value in permit.items()}
        clinics.make_permit(pair.target, doctor, **permit)
    assert is_offered(time) is fits
    if fits:
        book(pair.referrer, referral, time)
    else:
        with refused(PermitLapsed, time) as caught:
            book(pair.referrer, referral, time)
        assert why in str(caught.value.detail)


def test_a_permit_of_another_clinic_or_person_does_not_help(pair, regime, doctor, time):
    clinics.make_permit(clinics.make_clinic(pair.target.organization), doctor)
    clinics.make_permit(pair.target, clinics.make_practitioner(pair.target))
    assert not is_offered(time)


def test_who_needs_none_is_not_asked(pair, referral, doctor, time):
    type(doctor).objects.filter(pk=doctor.pk).update(by_permit=False)
    assert is_offered(time)
    book(pair.referrer, referral, time)


def test_suspending_and_cancelling_close_at_once_and_leave_the_booked_alone(
    pair, referral, regime, doctor, time
):
    permit = clinics.make_permit(pair.target, doctor)
    booking = book(pair.referrer, referral, time)
    other = pair.slot(clinics.at(2, 11))
    Slot.objects.filter(pk=other.pk).update(practitioner=doctor)
    at = {"kind": "permit", "credential_id": permit.pk, "reason": "Приказ № 7"}
    that_day = clinics.day_of(time.start)
    suspend_credential(SYSTEM, first_day=that_day, last_day=that_day, **at)
    other.refresh_from_db()
    assert not is_offered(other)
    cancel_credential(SYSTEM, **at)
    assert not is_offered(other)
    booking.refresh_from_db()
    assert booking.state == "booked"
