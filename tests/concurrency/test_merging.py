"""Two records become one while somebody books for one of them, or begins a referral of it."""

from datetime import timedelta

import pytest

from patients.models import Booking, DuplicatePair, Patient, Referral
from patients.selectors.merging import rows_of_patients
from patients.services.booking import book_referral
from patients.services.drafts import draft_referral
from patients.services.duplicates import find_duplicates
from patients.services.merging import merge_patients, undo_merge
from tests.concurrency.support import together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]
ROUNDS = 6


def test_nothing_stays_behind_with_the_merged_record():
    clinics.make_cluster()
    office, pair = clinics.make_actor("office"), patients.make_pair()
    for n in range(ROUNDS):
        name = {"family": f"Ковалёва-{'абвгде'[n] * 9}", "given": "Мария", "sex": "f"}
        first, second = (
            patients.make_patient(pair.source.organization, **name, snils="", enp="") for _twin in range(2)
        )
        patients.make_consent(second)
        referral = pair.referral("accepted", patient=second)
        slot = pair.slot(clinics.at(2 + n, 10) + timedelta(minutes=20 * n))
        find_duplicates(office)
        found = DuplicatePair.objects.get(first=first, second=second)
        outcome = together(
            lambda found=found, first=first: merge_patients(office, pair_id=found.pk, survivor_id=first.pk),
            lambda referral=referral, slot=slot: book_referral(
                pair.referrer, referral_id=referral.pk, slot_id=slot.pk
            ),
            lambda second=second: draft_referral(pair.referrer, patient_id=second.pk),
        )
        assert outcome.unexpected == []
        # Booking and merging both come true, in whichever order; a draft may come too late.
        assert set(outcome.refused) <= {"patient_merged"} and len(outcome.results) >= 2
        booking = Booking.objects.get(referral=referral)
        assert (booking.state, booking.patient_id) == ("booked", first.pk)
        assert Referral.objects.get(pk=referral.pk).patient_id == first.pk
        for field in rows_of_patients():
            assert not field.model.objects.filter(**{field.attname: second.pk}).exists(), field
        merge = found.merges.get()
        undo_merge(office, merge_id=merge.pk)
        assert Booking.objects.get(referral=referral).patient_id == second.pk
    assert not Patient.objects.filter(merged_into__isnull=False).exists()


def test_of_two_who_merge_the_same_pair_one_does():
    clinics.make_cluster()
    offices = [clinics.make_actor("office") for _n in range(2)]
    name = {"family": "Толстая", "given": "Анна", "sex": "f", "snils": "", "enp": ""}
    first, second = (patients.make_patient(**name) for _twin in range(2))
    find_duplicates(offices[0])
    found = DuplicatePair.objects.get(first=first, second=second)
    outcome = together(
        lambda: merge_patients(offices[0], pair_id=found.pk, survivor_id=first.pk),
        lambda: merge_patients(offices[1], pair_id=found.pk, survivor_id=second.pk),
    )
    assert outcome.unexpected == []
    assert (len(outcome.results), dict(outcome.refused)) == (1, {"illegal_transition": 1})
    assert Patient.objects.filter(merged_into__isnull=False).count() == 1
