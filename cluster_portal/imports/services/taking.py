"""What the jobs write: the outcome of a check, and the rows themselves, in one transaction each."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.service import service
from cluster_portal.imports.base import Answers, Finding
from cluster_portal.imports.errors import ChangedSince, FileGone
from cluster_portal.imports.models import ImportFinding, ImportRun
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.states import IMPORT, ImportState, Verdict
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import Stopped
from cluster_portal.jobs.states import JobState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Sequence

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Import, Row, Session
    from cluster_portal.imports.reading import Table
    from cluster_portal.jobs.progress import Progress

#: Findings that are kept for the page: refused rows have all of theirs in the file.
MOST_FINDINGS = 2_000
WRITTEN = frozenset({Verdict.NEW, Verdict.CHANGED})


def planned(
    kind: Import, run: ImportRun, table: Table, session: Session, progress: Progress
) -> Iterator[list[Row]]:
    """The rows of the file in chunks, each with its verdict; between two chunks the work may be stopped."""
    rows = (kind.row(line, cells, run.mapping) for line, cells in table.rows(run.head_line))
    while chunk := list(islice(rows, kind.chunk)):
        session.plan(chunk)
        yield chunk
        progress.tick(len(chunk))


def _require_ours(job: Job) -> None:
    """Raises Stopped where the job is no longer this worker's; while this transaction lasts, it stays ours."""
    ours = Job.objects.select_for_update(no_key=True).filter(
        pk=job.pk, state=JobState.RUNNING, worker=job.worker
    )
    if not ours.exists():
        raise Stopped


@service
def finish_check(
    actor: Actor,
    *,
    run_id: uuid.UUID,
    job: Job,
    counts: dict[str, int],
    findings: Sequence[tuple[Row, Finding]],
) -> ImportRun:
    """Write what a check has found. Raises Stopped where another worker has taken the job over, and FileGone where the
    file has been dropped meanwhile."""
    run = import_policy.get(actor, "check", run_id, lock=True)
    _require_ours(job)
    if run.state == ImportState.DROPPED:
        raise FileGone
    if run.check_job != job.pk:
        raise Stopped
    ImportFinding.objects.filter(run=run).delete()
    ImportFinding.objects.bulk_create(
        (
            ImportFinding(
                run=run, line=row.line, verdict=row.verdict, column=found.column, value=found.value,
                text=found.text, choices=[list(choice) for choice in found.choices],
            )
            for row, found in findings
        ),
        batch_size=1000,
    )  # fmt: skip
    if run.state == ImportState.DRAFT:
        IMPORT.move(run, "finish_check")
    run.counts, run.checked_at = counts, timezone.now()
    run.save()
    return run


@service
def take_in(
    actor: Actor, *, run_id: uuid.UUID, job: Job, kind: Import, table: Table, progress: Progress
) -> ImportRun:
    """Take in every row, or none: a refusal, a killed worker or a cancelled job leaves nothing behind.

    The rows are judged anew by the same rules. Done once however often it runs: whoever comes later, after a worker
    that died with its last word unsaid, finds the import taken in. Raises ChangedSince, Stopped and what services of
    the rows raise.
    """
    run = import_policy.get(actor, "apply", run_id, lock=True)
    if run.state == ImportState.APPLIED:
        return run
    IMPORT.find(run.state, "take_in")
    answers = Answers(run.answer, {int(line): text for line, text in run.answers.items()})
    with connection.cursor() as cursor:
        # The tables grow in this transaction, unseen by the planner's statistics: it would read them whole each time.
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Each check of a foreign key that waits for the commit makes every later row with a trigger dearer: 50,000
        # rows would cost several times as much as they do one by one.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    session = kind.session(actor, writes=True, answers=answers)
    progress.rows = 0
    counts: Counter[str] = Counter()
    for chunk in planned(kind, run, table, session, progress):
        counts.update(row.verdict for row in chunk)
        _require_as_checked(run, counts, chunk)
        if rows := [row for row in chunk if row.verdict in WRITTEN]:
            session.write(rows)
    _require_ours(job)
    IMPORT.move(run, "take_in")
    run.counts, run.applied_at = dict(counts), timezone.now()
    run.save()
    return run


def _require_as_checked(run: ImportRun, counts: Counter[str], chunk: Sequence[Row]) -> None:
    """Raises ChangedSince where rows are refused or asked about that were not when the file was checked."""
    if counts[Verdict.ASKED]:
        row = next(row for row in chunk if row.verdict == Verdict.ASKED)
    elif counts[Verdict.REFUSED] > (run.counts.get(Verdict.REFUSED, 0) if run.leave_out else 0):
        row = next(row for row in reversed(chunk) if row.verdict == Verdict.REFUSED)
    else:
        return
    why = row.findings[-1].text if row.findings else ""
    place = _("Line %(line)s: %(why)s") % {"line": row.line, "why": why}
    raise ChangedSince(f"{ChangedSince.title} {place}")
