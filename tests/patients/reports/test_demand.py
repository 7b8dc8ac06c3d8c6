"""Demand by service and month: each figure against a count of the rows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from patients.models import Referral
from tests.factories import clinics, patients
from tests.reports.support import FIRST, LAST, QUARTER, ZONE, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.demand"
STATES = (
    "submitted", "returned", "accepted", "waitlisted", "booked", "in_care", "completed", "rejected", "cancelled",
)  # fmt: skip
PART = {
    "submitted": "waiting", "returned": "waiting", "accepted": "waiting", "waitlisted": "waiting", "booked": "booked",
    "in_care": "booked", "completed": "booked", "rejected": "refused", "cancelled": "cancelled",
}  # fmt: skip
COUNTS = ("asked", "booked", "waiting", "waitlisted", "refused", "cancelled")


@pytest.fixture
def quarter(pair):
    """Every state once or more in each month of the quarter, for two services; and what does not count."""
    mri = clinics.make_service(pair.target, "mri")
    for month in (7, 8, 9):
        for n, state in enumerate(STATES * (month - 6)):
            pair.referral(
                state, submitted_at=moment(month, 1 + n), service=mri if n % 3 == 0 else pair.service,
                patient=patients.make_patient(pair.source.organization),
            )  # fmt: skip
    pair.referral("draft")
    pair.referral("cancelled", submitted_at=None)
    pair.referral("accepted", submitted_at=FIRST - timedelta(microseconds=1))
    pair.referral("accepted", submitted_at=LAST + timedelta(microseconds=1))
    return pair


def recounted():
    """The same counts from the rows, one after another."""
    found = {}
    for row in Referral.objects.select_related("service_type").filter(submitted_at__isnull=False):
        if not FIRST <= row.submitted_at <= LAST:
            continue
        month = row.submitted_at.astimezone(ZONE)
        cell = found.setdefault((row.service_type.name, f"{month:%Y-%m}"), Counter())
        cell["asked"] += 1
        cell[PART[row.state]] += 1
        cell["waitlisted"] += row.state == "waitlisted"
    return found


def test_figures_are_those_of_the_rows(quarter, office):
    rows = made(office, CODE, **QUARTER)
    told = {(row["service"], row["month"]): {name: row[name] for name in COUNTS} for row in rows}
    assert told == {key: {name: cell[name] for name in COUNTS} for key, cell in recounted().items()}
    assert len(told) == 6 and [row["month"] for row in rows[:3]] == ["2026-07", "2026-08", "2026-09"]
    for row in rows:
        assert row["asked"] == row["booked"] + row["waiting"] + row["refused"] + row["cancelled"]
        assert row["share_booked"] == pytest.approx(row["booked"] / row["asked"])
    assert sum(row["asked"] for row in rows) == 9 + 18 + 27


def test_the_month_is_the_clusters(pair, office):
    # Eleven hours ahead of UTC: the first moment of August is still July there.
    pair.referral("accepted", submitted_at=moment(8, 1, 0, 5))
    (row,) = made(office, CODE, **QUARTER)
    assert row["month"] == "2026-08"


def test_it_is_narrowed_and_a_clinic_reads_only_of_itself(quarter, office):
    assert {row["service"] for row in made(office, CODE, service_type="mri", **QUARTER)} == {"Услуга mri"}
    patients.make_pair().referral("accepted", submitted_at=moment(8, 1))
    assert sum(row["asked"] for row in made(office, CODE, **QUARTER)) == 55
    receiving = clinics.make_actor("coordinator", organization=quarter.target.organization)
    assert sum(row["asked"] for row in made(receiving, CODE, **QUARTER)) == 54
    assert made(receiving, CODE, side="referred", **QUARTER) == []
    referring = clinics.make_actor("manager", organization=quarter.source.organization)
    assert sum(row["asked"] for row in made(referring, CODE, side="referred", **QUARTER)) == 54


def test_an_analyst_recognises_nobody(quarter, analyst):
    for row in made(analyst, CODE, **QUARTER):
        assert all(row[name] is None or row[name] == 0 or row[name] >= 5 for name in COUNTS)
        if row["booked"] is None:
            assert row["share_booked"] is None
