"""The two jobs of an import: the check, which writes nothing but what it found, and the taking in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, NotFound
from cluster_portal.common.translated import in_every_language
from cluster_portal.imports import base
from cluster_portal.imports.base import Answers
from cluster_portal.imports.files import CONTENT_TYPE, refused_rows
from cluster_portal.imports.kinds import APPLY, CHECK
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.reading import open_table
from cluster_portal.imports.services.taking import MOST_FINDINGS, finish_check, planned, take_in
from cluster_portal.imports.states import ImportState, Verdict
from cluster_portal.imports.storage import fetch
from cluster_portal.jobs.kinds import Kind, Outcome
from cluster_portal.jobs.states import JobState
from cluster_portal.notifications.services.notices import notify

if TYPE_CHECKING:
    from pathlib import Path

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.models import ImportRun
    from cluster_portal.jobs.models import Job
    from cluster_portal.jobs.progress import Progress


def _run(actor: Actor, job: Job) -> ImportRun:
    return import_policy.get(actor, "view", job.params["import"])


def _kind(run: ImportRun) -> base.Import:
    kind = base.import_of(run.code)
    if kind is None:
        raise NotFound(_("This portal no longer takes in such tables."))
    return kind


def check(job: Job, actor: Actor, progress: Progress, directory: Path) -> Outcome:
    """Judge every row as the taking in would, and write the refused ones into a file."""
    run = _run(actor, job)
    kind = _kind(run)
    table = open_table(fetch(run, directory), sheet=run.sheet)
    session = kind.session(actor, writes=False, answers=Answers())
    progress.expect(run.expected)
    counts: Counter[str] = Counter()
    findings = []
    path = directory / "refused.xlsx"
    titles = {column.name: str(column.title) for column in kind.columns}
    with refused_rows(path, run.headings, titles) as refuse:
        for chunk in planned(kind, run, table, session, progress):
            for row in chunk:
                counts[row.verdict] += 1
                room = MOST_FINDINGS - len(findings)
                findings += [(row, found) for found in row.findings[:room]] if room > 0 else []
                if row.verdict == Verdict.REFUSED:
                    refuse(row)
    progress.expect(progress.rows)
    finish_check(actor, run_id=run.pk, job=job, counts=dict(counts), findings=findings)
    result = {"import": str(run.pk), "counts": dict(counts)}
    if not counts[Verdict.REFUSED]:
        return Outcome(result=result)
    name = _("Refused rows")
    return Outcome(
        path=path, file_name=f"{name} – {kind.title}.xlsx", content_type=CONTENT_TYPE, result=result
    )


def apply(job: Job, actor: Actor, progress: Progress, directory: Path) -> Outcome:
    """Take the rows in, all or none."""
    run = _run(actor, job)
    kind = _kind(run)
    if run.state != ImportState.APPLIED:
        table = open_table(fetch(run, directory), sheet=run.sheet)
        progress.expect(sum(run.counts.values()))
        run = take_in(actor, run_id=run.pk, job=job, kind=kind, table=table, progress=progress)
    return Outcome(result={"import": str(run.pk), "counts": run.counts})


def allows(actor: Actor, job: Job) -> bool:
    """Whether the actor may still take in such tables: asked before it runs and at each download."""
    try:
        run = _run(actor, job)
    except (NotFound, Forbidden):
        return False
    kind = base.import_of(run.code)
    return kind is not None and kind.allows(actor)


def _title(job: Job) -> Any:
    from cluster_portal.imports.models import ImportRun

    run = ImportRun.objects.filter(pk=job.params["import"]).only("code").first()
    kind = base.import_of(run.code) if run else None
    return kind.title if kind else job.kind


def check_title(job: Job) -> str:
    return _("Check before the import: %(title)s") % {"title": _title(job)}


def apply_title(job: Job) -> str:
    return _("Import: %(title)s") % {"title": _title(job)}


def place(job: Job) -> str:
    """The page of the import."""
    return reverse("imports:run", args=[job.params["import"]])


def ended(job: Job) -> None:
    """Tell the person, who has probably left the page."""
    if not job.user_id or job.state not in (JobState.DONE, JobState.FAILED):
        return
    done = "imports.checked" if job.kind == CHECK else "imports.applied"
    notify(
        SYSTEM,
        users=[job.user_id],
        kind=done if job.state == JobState.DONE else "imports.failed",
        params={"title": in_every_language(_title(job))},
        url=place(job),
        key=f"job:{job.pk}:{job.attempts}",
        organization_id=job.organization_id,
    )


CHECK_JOB = Kind(name=CHECK, run=check, title=check_title, allows=allows, place=place, ended=ended)
APPLY_JOB = Kind(name=APPLY, run=apply, title=apply_title, allows=allows, place=place, ended=ended)
