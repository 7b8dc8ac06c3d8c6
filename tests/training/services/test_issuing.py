"""Certificates of a whole intake at once."""

import pytest

from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import Progress
from tests.factories import training as rows
from training.papers.issuing import issue

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
    # A run after a crash finds nobody left, and prints the same.
    assert issue(job, office, Progress(job), tmp_path).result == {"issued": 0, "left": 0}
