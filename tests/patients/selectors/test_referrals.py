"""Reading one referral: the journal of reads, the neighbours in a list, the consents that are missing."""

import pytest

from cluster_portal.audit.selectors import readers
from cluster_portal.common.errors import NotFound
from patients.selectors import worklists
from patients.selectors.referrals import (
    earlier_visits,
    missing_consents,
    open_referral,
    place_in_queue,
    readers_of,
    see_referral,
    see_slot,
)
from patients.states import ConsentKind
from tests.factories import clinics

pytestmark = pytest.mark.django_db


def test_opening_is_journalled_for_the_referral_and_for_the_patient(pair):
    referral = pair.referral("accepted")
    open_referral(pair.referrer, referral.pk)
    open_referral(pair.coordinator, referral.pk)
    open_referral(pair.referrer, referral.pk)
    shown = readers_of(referral)
    assert [line["name"] for line in shown] == [pair.referrer.name, pair.coordinator.name]
    assert shown[1]["organization"] == pair.target.organization.short_name
    assert readers("patient", pair.patient.pk).count() == 3


def test_a_stranger_finds_nothing_and_leaves_no_trace(pair):
    referral = pair.referral("accepted")
    for read in (open_referral, see_referral):
        with pytest.raises(NotFound):
            read(clinics.make_actor(), referral.pk)
    assert readers_of(referral) == []


def test_the_place_in_a_list(pair):
    first, second, third = (pair.referral("submitted") for _ in range(3))

    def place(referral):
        return place_in_queue(pair.coordinator, worklists.IN, "triage", referral.pk)

    assert (place(second).number, place(second).total) == (2, 3)
    assert (place(second).previous, place(second).next) == (first.pk, third.pk)
    assert place(third).next is None
    gone = pair.referral("accepted")
    assert (place(gone).number, place(gone).next) == (0, first.pk)


def test_what_consents_are_missing(pair):
    referral = pair.referral("draft")
    assert missing_consents(referral) == []
    pair.patient.consents.all().delete()
    assert missing_consents(referral) == [ConsentKind.TRANSFER]
    abroad = clinics.make_clinic(country="KR")
    referral.target_clinic = abroad
    assert missing_consents(referral) == [ConsentKind.TRANSFER, ConsentKind.ABROAD]
    referral.target_clinic = pair.source
    assert missing_consents(referral) == []


def test_earlier_visits_are_those_of_the_own_organisation(pair):
    before = pair.referral("completed")
    pair.referral("completed", service=clinics.make_service())
    now = pair.referral("submitted")
    assert list(earlier_visits(pair.coordinator, now)) == [before]


def test_a_slot_by_an_address_that_is_none(pair):
    slot = pair.slot()
    assert see_slot(str(slot.pk)) == slot
    assert see_slot("nonsense") is None
