"""An import whose worker is killed in the middle, and two files that bring the same people at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone, translation

from cluster_portal.imports.services.deciding import apply_import
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from patients.imports import Patients
from patients.imports.patients import _Session
from patients.models import Patient
from tests.concurrency.support import together
from tests.factories import clinics
from tests.factories.patients import snils
from tests.imports.files import xlsx
from tests.imports.support import check, fresh, job_of, upload, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

HEADINGS = ("Фамилия", "Имя", "Дата рождения", "Пол", "СНИЛС")


@pytest.fixture
def table(tmp_path):
    rows = [(f"Ким{n}", "Анна", date(1950 + n, 1, 1), "ж", snils(n)) for n in range(6)]
    return xlsx(tmp_path / "a.xlsx", [HEADINGS, *rows])


@pytest.fixture
def actor():
    clinics.make_cluster()
    return clinics.make_actor("referrer")


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it(actor, table, monkeypatch):
    monkeypatch.setattr(Patients, "chunk", 2)
    write, calls = _Session.write, []

    def killed(self, rows):
        write(self, rows)
        calls.append(len(rows))
        if len(calls) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(_Session, "write", killed)
    run = check(actor, upload(actor, table))
    apply_import(actor, run_id=run.pk)
    runner.run_next()
    connection.close()
    assert calls == [2, 2]
    assert (fresh(run).state, job_of(run).state, Patient.objects.count()) == ("checked", "queued", 0)
    Job.objects.update(due_at=timezone.now())
    work()
    assert (fresh(run).state, run.counts, Patient.objects.count()) == ("applied", {"new": 6}, 6)


def test_two_clinics_that_bring_the_same_people_at_once(actor, table):
    runs = [(who, check(who, upload(who, table))) for who in (actor, clinics.make_actor("referrer"))]
    for who, run in runs:
        assert run.counts == {"new": 6}
        apply_import(who, run_id=run.pk)

    def one():
        with translation.override("en"):
            runner.run_next()

    outcome = together(one, one)
    assert outcome.unexpected == []
    # Whoever comes second is told, and brings nobody: neither a part of the file nor anybody twice.
    assert sorted(fresh(run).state for _who, run in runs) == ["applied", "checked"]
    loser = next(run for _who, run in runs if run.state == "checked")
    assert job_of(loser).error_code in {"changed_since_check", "patient_exists"}
    assert Patient.objects.count() == 6
    assert len(set(Patient.objects.values_list("registered_by", flat=True))) == 1
