"""What is true of every report of referrals and of the registry: rows are read as they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cluster_portal.audit.models import Access
from cluster_portal.reports import base
from patients.models import ReferralStep
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.reports.support import QUARTER, made, moment

pytestmark = pytest.mark.django_db
OWN = {
    "patients.waits": {"by": "clinic+service_type+priority"},
    "patients.flow": {"between": "clinic"},
    "patients.refusals": {"by": "clinic+service_type"},
    "patients.no_shows": {"by": "clinic+service_type"},
    "patients.access": {},
    "clinics.slots": {"by": "clinic+service_type"},
    "clinics.registry": {},
    "clinics.licences": {},
}
DATED = frozenset(OWN) - {"clinics.registry", "clinics.licences"}


def asked(code: str) -> dict[str, str]:
    return {**OWN[code], **(QUARTER if code in DATED else {})}


def make_one() -> None:
    """A referral between two new clinics with everything that any of the reports tells of."""
    pair = patients.make_pair()
    referral = pair.referral("submitted", submitted_at=moment(7, 1))
    patients.make_booking(referral, pair.slot(moment(7, 9)), BookingState.NO_SHOW)
    ReferralStep.objects.create(
        referral=referral, at=moment(7, 2), action="reject", from_state="submitted", to_state="rejected",
        organization=pair.target.organization, reason="not_indicated",
    )  # fmt: skip
    Access.objects.create(
        at=moment(7, 2), organization_id=pair.target.organization_id, subject_type="patient",
        subject_id=pair.patient.pk, user_id=pair.coordinator.user_id,
    )  # fmt: skip
    clinics.make_licence(pair.target, valid_to=date(2026, 12, 1))


def test_every_report_is_in_the_catalogue(office):
    listed = {report.code: report for report in base.catalogue(office)}
    assert set(OWN) <= set(listed)
    for code in OWN:
        report = listed[code]
        names = [column.name for column in report.columns(office, report.check(office, asked(code)))]
        assert len(names) == len(set(names))
        for language in ("ru", "kk"):
            with translation.override(language):
                russian = [str(report.title), str(report.description), *map(str, report.notes)]
            with translation.override("en"):
                english = [str(report.title), str(report.description), *map(str, report.notes)]
            assert not set(russian) & set(english)


@pytest.mark.parametrize("code", OWN)
def test_as_many_queries_for_one_row_as_for_thirty(office, code):
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as seen:
            rows = made(office, code, **asked(code))
        return len(rows), len(seen)

    make_one()
    made(office, code, **asked(code))
    few, first = cost()
    for _n in range(30):
        make_one()
    many, second = cost()
    assert many >= few + 30
    assert second == first


@pytest.mark.parametrize("code", OWN)
def test_rows_stay_in_the_database_until_they_are_written(office, code):
    """A cursor of the server is open while rows are read, and closed after the last one."""
    for _n in range(2):
        make_one()

    def cursors() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '\\_django\\_curs%%'")
            return cursor.fetchone()[0]

    report = base.report_of(code)
    params = report.check(office, asked(code))
    rows = iter(report.rows(office, params))
    assert not isinstance(report.rows(office, params), list)
    assert cursors() == 0
    next(rows)
    assert cursors() == 1
    assert list(rows)
    assert cursors() == 0


@pytest.mark.parametrize("code", sorted(DATED))
def test_who_asks_for_nothing_gets_a_period_that_is_over(office, code):
    report = base.report_of(code)
    params = report.check(office, {})
    assert params["until"] < timezone.localdate() + timedelta(days=1)
    assert params["since"] <= params["until"]
    with translation.override("ru"):
        assert str(params["until"].year) in report.subtitle(office, {})
