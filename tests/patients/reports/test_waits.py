"""Waiting times: each figure against a count by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cluster_portal.common.errors import Forbidden, Invalid
from patients.models import Booking
from patients.states import Priority
from tests.factories import clinics, patients
from tests.reports.support import FIRST, LAST, QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.waits"


def seen(pair, *, submitted, visit, due, booked=None, **fields):
    """A patient who came; booked when nothing else is said at the moment of submission."""
    slot = pair.slot(visit)
    referral = pair.referral("completed", slot=slot, submitted_at=submitted, due_on=due, **fields)
    Booking.objects.filter(referral=referral).update(booked_at=booked or submitted)
    return referral


@pytest.fixture
def quarter(pair):
    """Five referrals of one service: three seen after 4, 10 and 30 days, one that waits too long, one refused."""
    seen(pair, submitted=moment(7, 1), visit=moment(7, 5), due=date(2026, 7, 21))
    seen(pair, submitted=moment(7, 2), visit=moment(7, 12), due=date(2026, 7, 12), booked=moment(7, 5))
    seen(pair, submitted=moment(8, 1), visit=moment(8, 31), due=date(2026, 8, 21), booked=moment(8, 9))
    pair.referral("accepted", submitted_at=moment(9, 1), due_on=date(2026, 9, 21))
    pair.referral("rejected", submitted_at=moment(9, 2), due_on=date(2026, 9, 22))
    return pair


def test_figures_are_as_counted_by_hand(quarter, office):
    (row,) = made(office, CODE, **QUARTER)
    assert row == {
        "service": "Консультация кардиолога", "referrals": 5, "seen": 3, "waiting": 1,
        # Of 0, 3 and 8 days; of 4, 10 and 30, interpolated between the last two.
        "median_to_booking": 3, "median_to_visit": 10, "p90_to_visit": pytest.approx(26),
        # Of 20, 10, 20, 20 and 20.
        "norm": 20,
        # The visit of 31 August and the one who waits; both who came in time and those two are decided.
        "breaches": 2, "share_of_breaches": 0.5,
    }  # fmt: skip


def test_who_waits_in_time_is_no_breach(pair, office):
    # Booked past a norm that is not over yet; booked in time, for a visit that nobody has marked.
    late, past = pair.slot(moment(9, 25)), pair.slot(moment(9, 10))
    pair.referral("submitted", submitted_at=moment(9, 1), due_on=date(2026, 9, 20))
    pair.referral("booked", slot=late, submitted_at=moment(9, 2), due_on=date(2026, 9, 21))
    pair.referral("booked", slot=past, submitted_at=moment(9, 2), due_on=date(2026, 9, 10))
    for day, breaches, share in ((20, 0, None), (21, 1, 1), (22, 2, 1)):
        (row,) = made(office, CODE, now=moment(9, day), **QUARTER)
        assert (row["waiting"], row["breaches"], row["share_of_breaches"]) == (3, breaches, share)


def test_days_are_those_of_the_clinics_calendar(office):
    """From Sakhalin to Moscow: on the clinic's 5 July the cluster has the 6th already, and the norm is kept."""
    target = clinics.make_clinic(time_zone="Europe/Moscow")
    service = clinics.make_service(target)
    visit = moment(7, 6, 5)
    patients.make_referral(
        state="completed", service=service, slot=clinics.make_slot(service, start=visit),
        submitted_at=moment(7, 2, 3), due_on=date(2026, 7, 5),
    )  # fmt: skip
    (row,) = made(office, CODE, **QUARTER)
    assert (row["median_to_visit"], row["breaches"]) == (4, 0)


@pytest.mark.parametrize(("submitted", "counted"), [(FIRST, 1), (LAST, 1)])
def test_the_period_begins_and_ends_at_the_clusters_midnight(pair, office, submitted, counted):
    outside = (
        submitted - timedelta(microseconds=1) if submitted == FIRST else LAST + timedelta(microseconds=1)
    )
    pair.referral("accepted", submitted_at=submitted)
    pair.referral("accepted", submitted_at=outside)
    (row,) = made(office, CODE, **QUARTER)
    assert row["referrals"] == counted


def test_drafts_and_an_empty_period_give_nothing(quarter, office):
    quarter.referral("draft")
    assert made(office, CODE, period="own", since="2025-01-01", until="2025-12-31") == []


def test_rows_by_clinic_service_and_priority(quarter, office):
    quarter.referral(
        "accepted", submitted_at=moment(9, 1), due_on=date(2026, 9, 2), priority=Priority.EMERGENCY
    )
    other = clinics.make_service(service_type="mri")
    patients.make_referral(state="accepted", service=other, submitted_at=moment(9, 1), source=quarter.source)
    by_priority = made(office, CODE, by="priority", **QUARTER)
    assert [(row["priority"], row["referrals"]) for row in by_priority] == [("экстренно", 1), ("планово", 6)]
    names = sorted([(quarter.target.short_name, 6), (other.clinic.short_name, 1)])
    assert [(r["clinic"], r["referrals"]) for r in made(office, CODE, by="clinic", **QUARTER)] == names
    (row,) = made(office, CODE, by="clinic", side="referred", **QUARTER)
    assert (row["clinic"], row["referrals"]) == (quarter.source.short_name, 7)
    rows = made(office, CODE, by="clinic+service_type+priority", **QUARTER)
    assert sorted(row["referrals"] for row in rows) == [1, 1, 5]
    only = made(office, CODE, clinic=str(other.clinic_id), service_type="mri", **QUARTER)
    assert [row["referrals"] for row in only] == [1]


def test_a_clinic_reads_only_of_itself(quarter, office):
    other = clinics.make_service()
    patients.make_referral(state="accepted", service=other, submitted_at=moment(9, 1))
    assert sum(row["referrals"] for row in made(office, CODE, **QUARTER)) == 6
    for role in ("manager", "coordinator"):
        receiving = clinics.make_actor(role, organization=quarter.target.organization)
        assert [row["referrals"] for row in made(receiving, CODE, **QUARTER)] == [5]
        assert made(receiving, CODE, side="referred", **QUARTER) == []
        referring = clinics.make_actor(role, organization=quarter.source.organization)
        assert made(referring, CODE, **QUARTER) == []
        assert [row["referrals"] for row in made(referring, CODE, side="referred", **QUARTER)] == [5]
        stranger = clinics.make_actor(role)
        assert made(stranger, CODE, **QUARTER) == made(stranger, CODE, side="referred", **QUARTER) == []
    with pytest.raises(Invalid) as caught:
        made(receiving, CODE, clinic=str(quarter.source.pk), **QUARTER)
    assert list(caught.value.errors) == ["clinic"]
    with pytest.raises(Invalid):
        made(receiving, CODE, organization=str(quarter.source.organization_id), **QUARTER)


def test_nobody_else_runs_it():
    with pytest.raises(Forbidden):
        made(clinics.make_actor("referrer"), CODE, **QUARTER)


def test_an_analyst_recognises_nobody(quarter, analyst):
    (row,) = made(analyst, CODE, **QUARTER)
    assert (row["referrals"], row["norm"]) == (5, 20)
    hidden = ("seen", "waiting", "median_to_booking", "median_to_visit", "p90_to_visit", "breaches")
    assert {row[name] for name in (*hidden, "share_of_breaches")} == {None}


def test_an_analyst_who_works_at_a_clinic_reads_of_that_clinic(quarter):
    other = clinics.make_service()
    patients.make_referral(state="accepted", service=other, submitted_at=moment(9, 1))
    both = clinics.make_actor("analyst", "coordinator", organization=quarter.target.organization)
    assert [row["referrals"] for row in made(both, CODE, **QUARTER)] == [5]
