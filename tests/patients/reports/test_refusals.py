"""Refusals and returns: each figure against a count by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import pgettext

from patients.models import ReferralStep
from patients.services.decisions import accept_referral, redirect_referral, reject_referral, return_referral
from tests.factories import clinics, patients
from tests.factories.patients import name_of
from tests.reports.support import FIRST, LAST, QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.refusals"
REFUSED, SENT_BACK = "refused", "sent back"


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


def decided(pair, action, reason="", at=None, **fields):
    """A referral with one decision on it."""
    referral = pair.referral("submitted", submitted_at=moment(7, 1), **fields)
    ReferralStep.objects.create(
        referral=referral, at=at or moment(7, 2), action=action, from_state="submitted", to_state="accepted",
        organization=pair.target.organization, reason=reason,
    )  # fmt: skip
    return referral


@pytest.fixture
def quarter(pair):
    """Three refusals for two reasons, two returns, four acceptances and a change of address: ten decisions."""
    for reason in ("not_indicated", "not_indicated", "other"):
        decided(pair, "reject", reason)
    referral = decided(pair, "return_for_info", "tests_missing")
    ReferralStep.objects.create(
        referral=referral, at=moment(8, 1), action="return_for_info", from_state="submitted",
        to_state="returned", organization=pair.target.organization, reason="tests_missing",
    )  # fmt: skip
    for _n in range(4):
        decided(pair, "accept")
    decided(pair, "redirect")
    decided(pair, "arrive")
    return pair


def brief(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def test_figures_are_as_counted_by_hand(quarter, office):
    rows = made(office, CODE, **QUARTER)
    assert {row["clinic"] for row in rows} == {quarter.target.short_name}
    refused, sent_back = pgettext("report", REFUSED), pgettext("report", SENT_BACK)
    assert brief(rows, "decision", "reason", "count", "share_of_kind", "share_of_all") == [
        (refused, name_of("reject", "not_indicated"), 2, pytest.approx(2 / 3), 0.2),
        (refused, name_of("reject", "other"), 1, pytest.approx(1 / 3), 0.1),
        (sent_back, name_of("return_for_info", "tests_missing"), 2, 1, 0.2),
    ]


def test_what_the_services_decide_is_counted(pair, office):
    now = timezone.now()
    until = clinics.day_of(now + timedelta(days=1))
    today = {"period": "own", "since": str(clinics.day_of(now)), "until": str(until)}
    other = clinics.make_service(clinics.make_clinic(), "cardiologist", booking_mode="triage")
    one, two, three, four = (pair.referral("submitted") for _n in range(4))
    return_referral(pair.coordinator, referral_id=one.pk, reason="identity")
    reject_referral(pair.coordinator, referral_id=two.pk, reason="no_licence")
    accept_referral(pair.coordinator, referral_id=three.pk)
    redirect_referral(pair.coordinator, referral_id=four.pk, service_id=other.pk, comment="Там томограф")
    receiver = clinics.make_actor("coordinator", organization=other.clinic.organization)
    reject_referral(receiver, referral_id=four.pk, reason="not_indicated")
    rows = made(office, CODE, now=timezone.now(), **today)
    assert {row["clinic"]: row["count"] for row in rows if row["share_of_kind"] == 1} == {
        pair.target.short_name: 1, other.clinic.short_name: 1,
    }  # fmt: skip
    # The one that was passed on is aimed elsewhere now: its first decision is not one of the clinic any more.
    by_place = {(row["clinic"], row["share_of_all"]) for row in rows}
    assert by_place == {(pair.target.short_name, 1 / 3), (other.clinic.short_name, 1)}


def test_the_period_begins_and_ends_at_the_clusters_midnight(pair, office):
    second = timedelta(microseconds=1)
    for at in (FIRST - second, FIRST, LAST, LAST + second):
        decided(pair, "reject", "other", at=at)
    (row,) = made(office, CODE, **QUARTER)
    assert row["count"] == 2
    assert made(office, CODE, period="own", since="2025-01-01", until="2025-12-31") == []


def test_by_service_and_from_the_referring_side(quarter, office):
    mri = clinics.make_service(quarter.target, "mri")
    decided(quarter, "reject", "other", service=mri)
    rows = made(office, CODE, by="service_type", service_type="mri", **QUARTER)
    assert brief(rows, "service", "count", "share_of_all") == [("Услуга mri", 1, 1)]
    rows = made(office, CODE, by="clinic+service_type", side="referred", **QUARTER)
    assert {row["clinic"] for row in rows} == {quarter.source.short_name}
    assert sorted(row["count"] for row in rows) == [1, 1, 2, 2]
    for name, place in (
        ("clinic", quarter.source.pk),
        ("organization", quarter.source.organization_id),
    ):
        asked = {name: str(place), **QUARTER}
        assert made(office, CODE, **asked) == []
        assert len(made(office, CODE, side="referred", **asked)) == 3


def test_a_clinic_reads_only_of_itself(quarter, office):
    decided(patients.make_pair(triage=True), "reject", "other")
    assert len(made(office, CODE, **QUARTER)) == 4
    receiving = clinics.make_actor("coordinator", organization=quarter.target.organization)
    assert len(made(receiving, CODE, **QUARTER)) == 3
    assert made(receiving, CODE, side="referred", **QUARTER) == []
    referring = clinics.make_actor("manager", organization=quarter.source.organization)
    assert made(referring, CODE, **QUARTER) == []
    assert len(made(referring, CODE, side="referred", **QUARTER)) == 3


def test_an_analyst_recognises_nobody(quarter, analyst):
    for _n in range(4):
        decided(quarter, "reject", "not_indicated")
    many, few, back = made(analyst, CODE, **QUARTER)
    # Six sevenths of the refusals would say that the other one is of one person.
    assert (many["count"], many["share_of_kind"], many["share_of_all"]) == (6, None, 6 / 14)
    for row in (few, back):
        assert (row["count"], row["share_of_kind"], row["share_of_all"]) == (None, None, None)
