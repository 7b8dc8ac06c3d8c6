"""No-shows and cancellations: each figure against a count by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from patients.services.booking import (
    book_referral,
    cancel_booking,
    hold_slot,
    release_hold,
    reschedule_referral,
)
from patients.services.decisions import cancel_referral
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.factories.patients import name_of
from tests.reports.support import FIRST, LAST, QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.no_shows"


def given(pair, state, start=None, **fields):
    """A time that was given to a patient of its own."""
    referral = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
    slot = pair.slot(start or moment(7, 2))
    return patients.make_booking(referral, slot, state, **fields)


def brief(rows):
    return sorted((row["outcome"], row["who"], row["reason"], row["count"]) for row in rows)


def test_who_gave_a_time_back_and_why(pair, office):
    """Told by the services themselves, with those who came and who are yet to come."""

    def booked(day):
        patient = patients.make_patient(pair.source.organization)
        patients.make_consent(patient)
        referral = pair.referral("accepted", patient=patient)
        book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot(clinics.at(day)).pk)
        return referral

    asked_for, away, moved, dropped, _waits = (booked(day) for day in (2, 3, 4, 5, 6))
    cancel_booking(pair.referrer, referral_id=asked_for.pk, reason="patient_asked")
    cancel_booking(pair.coordinator, referral_id=away.pk, reason="practitioner_away")
    # The same referral again, given back by the other side: each of its times keeps its own end.
    book_referral(pair.referrer, referral_id=away.pk, slot_id=pair.slot(clinics.at(9)).pk)
    cancel_booking(pair.referrer, referral_id=away.pk, reason="transport")
    reschedule_referral(pair.coordinator, referral_id=moved.pk, slot_id=pair.slot(clinics.at(7)).pk)
    cancel_referral(pair.referrer, referral_id=dropped.pk, reason="recovered")
    # A time that was only kept for a while is nobody's loss.
    kept = pair.referral("accepted", patient=asked_for.patient)
    hold_slot(pair.referrer, referral_id=kept.pk, slot_id=pair.slot(clinics.at(8)).pk)
    release_hold(pair.referrer, referral_id=kept.pk)
    given(pair, BookingState.NO_SHOW, clinics.at(0, 0))
    given(pair, BookingState.FULFILLED, clinics.at(0, 1))
    today = clinics.day_of(timezone.now())
    rows = made(
        office,
        CODE,
        now=timezone.now(),
        period="own",
        since=str(today),
        until=str(today + timedelta(days=20)),
    )
    here, there = gettext("receiving clinic"), gettext("referring clinic")
    cancelled, again = pgettext("report", "cancelled"), pgettext("report", "moved to another time")
    assert brief(rows) == sorted(
        [
            (cancelled, there, name_of("cancel_booking", "patient_asked"), 1),
            (cancelled, here, name_of("cancel_booking", "practitioner_away"), 1),
            (cancelled, there, name_of("cancel_booking", "transport"), 1),
            (cancelled, there, name_of("cancel", "recovered"), 1),
            (again, here, "", 1),
            (pgettext("report", "did not come"), "", "", 1),
        ]
    )
    # Five were booked, one of them again, one moved; and the two of today.
    assert {row["booked"] for row in rows} == {9}
    assert {row["share"] for row in rows} == {1 / 9}


def test_the_period_begins_and_ends_at_the_clusters_midnight(pair, office):
    second = timedelta(microseconds=1)
    for start in (FIRST - timedelta(hours=1), FIRST, LAST, LAST + second):
        given(pair, BookingState.NO_SHOW, start)
    (row,) = made(office, CODE, **QUARTER)
    assert (row["clinic"], row["count"], row["booked"], row["share"]) == (pair.target.short_name, 2, 2, 1)
    assert made(office, CODE, period="own", since="2025-01-01", until="2025-12-31") == []


@pytest.fixture
def quarter(pair):
    """Four who came, two who did not, one time given back."""
    for n in range(4):
        given(pair, BookingState.FULFILLED, moment(7, 2 + n))
    for n in range(2):
        given(pair, BookingState.NO_SHOW, moment(8, 2 + n))
    given(pair, BookingState.CANCELLED, end_reason="equipment")
    return pair


def test_by_service_and_from_the_referring_side(quarter, office):
    rows = made(office, CODE, by="service_type", **QUARTER)
    assert [(r["service"], r["count"], r["booked"]) for r in rows] == [
        ("Консультация кардиолога", 1, 7), ("Консультация кардиолога", 2, 7),
    ]  # fmt: skip
    # Nobody's step tells who ended it.
    assert rows[0]["who"] == ""
    rows = made(office, CODE, side="referred", by="clinic+service_type", **QUARTER)
    assert [(row["clinic"], row["count"]) for row in rows] == [
        (quarter.source.short_name, 1), (quarter.source.short_name, 2),
    ]  # fmt: skip
    asked = {"clinic": str(quarter.source.pk), **QUARTER}
    assert made(office, CODE, **asked) == []
    assert len(made(office, CODE, side="referred", **asked)) == 2
    assert made(office, CODE, service_type="cardiologist", **QUARTER) != []


def test_a_clinic_reads_only_of_itself(quarter, office):
    given(patients.make_pair(), BookingState.NO_SHOW)
    assert len(made(office, CODE, **QUARTER)) == 3
    receiving = clinics.make_actor("manager", organization=quarter.target.organization)
    assert len(made(receiving, CODE, **QUARTER)) == 2
    assert made(receiving, CODE, side="referred", **QUARTER) == []
    referring = clinics.make_actor("coordinator", organization=quarter.source.organization)
    assert made(referring, CODE, **QUARTER) == []
    assert len(made(referring, CODE, side="referred", **QUARTER)) == 2


def test_an_analyst_recognises_nobody(quarter, analyst):
    for n in range(4):
        given(quarter, BookingState.NO_SHOW, moment(9, 2 + n))
    few, many = made(analyst, CODE, **QUARTER)
    assert (few["count"], few["booked"], few["share"]) == (None, 11, None)
    assert (many["count"], many["share"]) == (6, pytest.approx(6 / 11))


def test_an_analyst_is_not_told_of_whom_all_but_two_did_not_come(pair, office, analyst):
    for n in range(12):
        given(pair, BookingState.NO_SHOW if n < 10 else BookingState.FULFILLED, moment(9, 2 + n))
    (all_of_it,) = made(office, CODE, **QUARTER)
    assert (all_of_it["count"], all_of_it["booked"]) == (10, 12)
    (told,) = made(analyst, CODE, **QUARTER)
    assert (told["count"], str(told["booked"]), told["share"]) == (10, "…", None)
