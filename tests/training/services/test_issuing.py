"""Certificates of a whole intake at once."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import Progress
from tests.factories import training as rows
from training.models import Certificate
from training.papers import issuing
from training.papers.issuing import issue
from training.services.certificates import certify_nomination, issue_certificates

pytestmark = pytest.mark.django_db


def test_the_job_issues_to_whoever_fulfils_the_rule_and_prints_all_that_hold(office, tmp_path):
    intake = rows.make_intake(
        rows.make_programme(presence_share=0, is_assessed=False), begins=-2, state="finished"
    )
    ready, held = (rows.make_nomination(intake=intake, state="completed") for _n in range(2))
    rows.make_nomination(intake=intake, state="in_progress")
    rows.make_certificate(held, revoked_at=intake.created_at, revoke_reason="Ошибка")
    job = Job(kind="training.certificates", params={"intake": str(intake.pk)})
    progress = Progress(job)
    outcome = issue(job, office, progress, tmp_path)
    assert outcome.result == {"issued": 2, "left": 0} and (progress.rows, progress.total) == (2, 2)
    assert outcome.path.read_bytes().startswith(b"%PDF")
    ready.refresh_from_db()
    assert ready.state == "certified"
    # Asked for again, it finds nobody left, and prints the same.
    assert issue(job, office, Progress(job), tmp_path).result == {"issued": 0, "left": 0}


def test_a_worker_that_dies_in_the_middle_leaves_each_certificate_once(office, monkeypatch):
    intake = rows.make_intake(
        rows.make_programme(presence_share=0, is_assessed=False), begins=-2, state="finished"
    )
    for _n in range(3):
        rows.make_nomination(intake=intake, state="completed")
    job = issue_certificates(office, intake_id=intake.pk)
    # Asked again while it is answered, it is the same job.
    assert issue_certificates(office, intake_id=intake.pk).pk == job.pk
    issued = []

    def dies_after_two(actor, *, nomination_id):
        if len(issued) == 2:
            raise SystemExit("killed")
        issued.append(certify_nomination(actor, nomination_id=nomination_id).pk)

    monkeypatch.setattr(issuing, "certify_nomination", dies_after_two)
    with pytest.raises(SystemExit):
        runner.run_next()
    kept = set(Certificate.objects.values_list("nomination", "number"))
    assert {nomination for nomination, _number in kept} == set(issued)
    job.refresh_from_db()
    assert (job.state, runner.run_next()) == ("running", False)

    monkeypatch.undo()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert runner.run_next()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("done", 2, {"issued": 1, "left": 0})
    assert default_storage.open(job.file).read().startswith(b"%PDF")
    after = list(Certificate.objects.values_list("nomination", "number"))
    assert kept < set(after) and len(after) == len({nomination for nomination, _number in after}) == 3
    assert set(intake.nominations.values_list("state", flat=True)) == {"certified"}
