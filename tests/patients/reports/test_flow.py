"""The flow of referrals: each figure against a count by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import pgettext

from tests.factories import clinics, patients
from tests.reports.support import QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.flow"


@pytest.fixture
def quarter(pair):
    """A referral in every state, one of the seen too late, and one that is aimed nowhere yet."""
    for n, state in enumerate(("submitted", "returned", "accepted", "waitlisted", "rejected", "cancelled")):
        pair.referral(state, submitted_at=moment(7, 2 + n), due_on=date(2027, 7, 1))
    for n, due in enumerate((date(2026, 7, 20), date(2026, 7, 22), date(2026, 7, 31))):
        slot = pair.slot(moment(7, 21, 9 + n))
        pair.referral("completed", slot=slot, submitted_at=moment(7, 1), due_on=due)
    pair.referral("booked", submitted_at=moment(7, 1), due_on=date(2027, 7, 1))
    pair.referral("draft")
    patients.make_referral(
        state="accepted", source=pair.source, service=pair.service, submitted_at=moment(7, 1),
        target_organization=None, target_clinic=None, due_on=date(2026, 8, 1),
    )  # fmt: skip
    return pair


def test_figures_are_as_counted_by_hand(quarter, office):
    there, nowhere = made(office, CODE, **QUARTER)
    assert there == {
        "source": quarter.source.organization.short_name, "target": quarter.target.organization.short_name,
        "referrals": 10, "deciding": 2, "unbooked": 2, "booked": 1, "seen": 3, "rejected": 1, "cancelled": 1,
        "in_time": 2, "share_in_time": pytest.approx(2 / 3),
    }  # fmt: skip
    assert nowhere["target"] == pgettext("report", "not chosen yet")
    assert (nowhere["referrals"], nowhere["unbooked"], nowhere["in_time"]) == (1, 1, 0)
    # Its norm is over.
    assert nowhere["share_in_time"] == 0


def test_between_clinics(quarter, office):
    second = clinics.make_clinic(quarter.target.organization)
    service = clinics.make_service(second)
    patients.make_referral(
        state="accepted", service=service, source=quarter.source, submitted_at=moment(9, 1)
    )
    rows = made(office, CODE, between="clinic", clinic=str(second.pk), **QUARTER)
    assert [(row["source"], row["target"], row["referrals"]) for row in rows] == [
        (quarter.source.short_name, second.short_name, 1)
    ]
    assert [row["referrals"] for row in made(office, CODE, **QUARTER)] == [11, 1]


def test_a_clinic_reads_of_what_it_sent_and_received(quarter, office):
    patients.make_referral(state="accepted", submitted_at=moment(9, 1))
    assert len(made(office, CODE, **QUARTER)) == 3
    referring = clinics.make_actor("manager", organization=quarter.source.organization)
    assert [row["referrals"] for row in made(referring, CODE, **QUARTER)] == [10, 1]
    receiving = clinics.make_actor("coordinator", organization=quarter.target.organization)
    assert [row["referrals"] for row in made(receiving, CODE, **QUARTER)] == [10]
    assert made(clinics.make_actor("manager"), CODE, **QUARTER) == []


def test_an_analyst_recognises_nobody(quarter, analyst):
    there, nowhere = made(analyst, CODE, **QUARTER)
    assert there["referrals"] == 10
    assert {there[name] for name in ("deciding", "seen", "in_time", "share_in_time")} == {None}
    assert (nowhere["referrals"], nowhere["share_in_time"]) == (None, None)


def test_an_analyst_cannot_work_a_hidden_count_out(pair, office, analyst):
    """Of 13 referrals 3 were refused: that the other ten were accepted would say it."""
    for state, times in (("accepted", 10), ("rejected", 3)):
        for _n in range(times):
            pair.referral(state, submitted_at=moment(8, 3), due_on=date(2026, 8, 23))
    (whole,) = made(office, CODE, **QUARTER)
    assert (whole["referrals"], whole["unbooked"], whole["rejected"]) == (13, 10, 3)
    (told,) = made(analyst, CODE, **QUARTER)
    assert (told["referrals"], told["rejected"], str(told["unbooked"])) == (13, None, "…")
    assert (told["booked"], told["seen"]) == (0, 0)


def test_an_empty_period_gives_nothing(quarter, office):
    assert made(office, CODE, period="own", since="2025-01-01", until="2025-12-31") == []
