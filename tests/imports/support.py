"""A file on its way through the portal, as a test drives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.files import File

from cluster_portal.common.actor import Actor
from cluster_portal.imports.models import ImportRun
from cluster_portal.imports.services.deciding import apply_import, check_import
from cluster_portal.imports.services.uploading import upload_file
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job


def upload(actor: Actor, path: Path, code: str = "patients.patients", **options: Any) -> ImportRun:
    """The file as somebody sends it."""
    with path.open("rb") as file:
        return upload_file(actor, code=code, file=File(file, name=path.name), **options)


def work() -> None:
    """Everything that waits in the queue is done."""
    while runner.run_next():
        pass


def fresh(run: ImportRun) -> ImportRun:
    run.refresh_from_db()
    return run


def check(actor: Actor, run: ImportRun, mapping: Mapping[str, int] | None = None) -> ImportRun:
    """Checked to the end."""
    check_import(actor, run_id=run.pk, mapping=mapping)
    work()
    return fresh(run)


def apply(actor: Actor, run: ImportRun, **said: Any) -> ImportRun:
    """Taken in to the end."""
    apply_import(actor, run_id=run.pk, **said)
    work()
    return fresh(run)


def job_of(run: ImportRun) -> Job:
    """The job that ran last."""
    return Job.objects.get(pk=run.apply_job or run.check_job)


def found(run: ImportRun) -> list[tuple[int, str, str]]:
    """What the check found: (line, column, text)."""
    return list(run.findings.order_by("line", "id").values_list("line", "column", "text"))


def whole(actor: Actor, path: Path, **said: Any) -> ImportRun:
    """Uploaded, checked and taken in."""
    return apply(actor, check(actor, upload(actor, path)), **said)


Rows = Sequence[Sequence[Any]]
