"""The journal of reads: who sees whose lines, and what of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Forbidden
from patients.selectors.patients import open_patient
from patients.services.emergency import FAILED, OPENED
from tests.factories import clinics, patients
from tests.reports.support import FIRST, LAST, QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "patients.access"


def line(organization, *, at=None, user=None, patient=None, purpose="card", **fields):
    """A line of the journal."""
    return Access.objects.create(
        at=at or moment(7, 2), actor_kind="user", user_id=user and user.pk, organization_id=organization.pk,
        subject_type="patient", subject_id=patient and patient.pk, purpose=purpose, **fields,
    )  # fmt: skip


@pytest.fixture
def here():
    return clinics.make_organization()


@pytest.fixture
def manager(here):
    return clinics.make_actor("manager", organization=here)


def test_a_manager_reads_who_opened_whom_and_why(here, manager):
    patient = patients.make_patient(family="Тен", given="Мария", patronymic="", birth_date=date(1980, 2, 3))
    doctor = clinics.make_member(organization=here)
    program = clinics.make_client(here)
    first = line(here, user=doctor, patient=patient, at=moment(7, 2))
    second = line(here, user=doctor, patient=patient, purpose=OPENED, reason="Без сознания", at=moment(7, 3))
    third = line(here, user=doctor, purpose=FAILED, reason="Ошибся цифрой", at=moment(7, 4))
    fourth = line(here, patient=patient, purpose="api", at=moment(7, 5), client_id=program.pk)
    # The same opening of a referral has a line of its own, which is not of a patient.
    Access.objects.create(
        at=moment(7, 5), organization_id=here.pk, subject_type="referral", subject_id=patient.pk
    )
    rows = made(manager, CODE, **QUARTER)
    assert [row["line"] for row in rows] == [first.pk, second.pk, third.pk, fourth.pk]
    assert rows[1] == {
        "line": second.pk, "at": moment(7, 3), "organization": here.short_name, "person": doctor.name,
        "patient": "Тен Мария", "birth_date": date(1980, 2, 3), "purpose": "экстренный доступ",
        "emergency": True, "reason": "Без сознания",
    }  # fmt: skip
    assert [row["emergency"] for row in rows] == [False, True, True, False]
    assert (rows[2]["patient"], rows[2]["birth_date"]) == ("", None)
    assert rows[3]["person"] == program.name
    only = made(manager, CODE, only="emergency", **QUARTER)
    assert [row["line"] for row in only] == [second.pk, third.pk]


def test_the_office_reads_of_everybody_and_of_no_patient(here, office):
    patient, doctor = patients.make_patient(family="Тен"), clinics.make_member(organization=here)
    line(here, user=doctor, patient=patient, purpose=OPENED, reason="Тен М. без сознания")
    line(clinics.make_organization(), patient=patient, at=moment(7, 3))
    row, other = made(office, CODE, **QUARTER)
    assert set(row) == {"line", "at", "organization", "person", "purpose", "emergency"}
    assert (row["organization"], row["person"], row["emergency"]) == (here.short_name, doctor.name, True)
    assert "Тен" not in str([*row.values(), *other.values()])
    clinics.make_clinic(here)
    assert len(made(office, CODE, organization=str(here.pk), **QUARTER)) == 1


def test_a_manager_reads_of_nobody_elses_people(here, manager):
    patient = patients.make_patient(here)
    line(clinics.make_organization(), patient=patient)
    assert made(manager, CODE, **QUARTER) == []


@pytest.mark.parametrize("role", ["analyst", "coordinator", "referrer"])
def test_nobody_else_reads_the_journal(role):
    with pytest.raises(Forbidden):
        made(clinics.make_actor(role), CODE, **QUARTER)


def test_the_period_begins_and_ends_at_the_clusters_midnight(here, manager):
    second = timedelta(microseconds=1)
    lines = [line(here, at=at) for at in (FIRST - second, FIRST, LAST, LAST + second)]
    assert [row["line"] for row in made(manager, CODE, **QUARTER)] == [lines[1].pk, lines[2].pk]


def test_what_the_pages_journal_is_in_it(here, manager):
    patient = patients.make_patient(here)
    doctor = clinics.make_actor("referrer", organization=here)
    open_patient(doctor, patient.pk)
    now = Access.objects.latest("id").at
    (row,) = made(manager, CODE, now=now, period="this_month")
    assert (row["person"], row["patient"], row["purpose"]) == (
        doctor.name,
        patient.full_name,
        "карта пациента",
    )
