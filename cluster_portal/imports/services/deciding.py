"""What people and programs decide about a file: its columns, the check, the taking in, or to let it be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from cluster_portal.imports.errors import (
    BadMapping,
    FileGone,
    ImportRunning,
    RowsRefused,
    RowsUnanswered,
)
from cluster_portal.imports.kinds import APPLY, CHECK
from cluster_portal.imports.matching import remembered
from cluster_portal.imports.models import ImportFinding, ImportMemory, ImportRun
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.services.uploading import find_import
from cluster_portal.imports.states import IMPORT, Answer, Verdict
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.services import start_job
from cluster_portal.jobs.states import ACTIVE

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from cluster_portal.common.actor import Actor


def _taken(actor: Actor, action: str, run_id: uuid.UUID) -> ImportRun:
    """The run, locked. Raises ImportRunning while a job works on it: that one may hold the lock for a minute."""
    run = import_policy.get(actor, action, run_id)
    jobs = [job for job in (run.check_job, run.apply_job) if job]
    if Job.objects.filter(pk__in=jobs, state__in=sorted(ACTIVE)).exists():
        raise ImportRunning
    return import_policy.get(actor, action, run_id, lock=True)


@service
def check_import(actor: Actor, *, run_id: uuid.UUID, mapping: Mapping[str, int] | None = None) -> ImportRun:
    """Check the file in the background, read by `mapping` (places in the file by our columns' names).

    Without `mapping` it is read as before or as guessed. The organisation's next file is guessed by what is said here.
    Raises NotFound, Forbidden, IllegalTransition, ImportRunning, FileGone, and BadMapping with each problem in words.
    """
    run = _taken(actor, "check", run_id)
    kind = find_import(actor, run.code)
    IMPORT.find(run.state, "check")
    if not run.file:
        raise FileGone
    if mapping is not None:
        run.mapping = dict(mapping)
    names = {column.name: column.title for column in kind.columns}
    problems = kind.lacking(set(run.mapping))
    places = list(run.mapping.values())
    problems += [
        _("There is no column “%(name)s”.") % {"name": name} for name in run.mapping if name not in names
    ]
    problems += [
        _("“%(title)s” stands for two columns.") % {"title": run.headings[place]}
        for place in dict.fromkeys(place for place in places if places.count(place) > 1)
        if _fits(place, run)
    ]
    if not all(_fits(place, run) for place in places):
        problems.append(_("The file has no such column."))
    if problems:
        raise BadMapping(" ".join(problems), extra={"problems": problems})
    ImportMemory.objects.bulk_create(
        [ImportMemory(organization_id=run.organization_id, code=run.code, columns=_memory(run))],
        update_conflicts=True,
        unique_fields=["organization_id", "code"],
        update_fields=["columns"],
    )
    IMPORT.move(run, "check")
    run.counts, run.checked_at = {}, None
    run.answer, run.answers, run.leave_out = "", {}, False
    run.check_job = start_job(actor, kind=CHECK, params={"import": str(run.pk), "mapping": run.mapping}).pk
    run.save()
    return run


def _fits(place: Any, run: ImportRun) -> bool:
    return isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(run.headings)


def _memory(run: ImportRun) -> dict[str, str]:
    """What the organisation has said of headings so far, and now of these."""
    known = ImportMemory.objects.filter(organization_id=run.organization_id, code=run.code).first()
    merged = (known.columns if known else {}) | remembered(run.headings, run.mapping)
    # The latest thousand headings: no file has as many columns.
    return dict(list(merged.items())[-1000:])


@service
def apply_import(
    actor: Actor,
    *,
    run_id: uuid.UUID,
    leave_out: bool = False,
    answer: str = "",
    answers: Mapping[int, str] | None = None,
) -> ImportRun:
    """Take the file in as it was checked: all of it or, where anything stands in the way, nothing.

    `leave_out` leaves the refused rows out. `answers` say line by line what is to happen with rows that look like
    somebody on record, `answer` says it of all others. Raises NotFound, Forbidden, IllegalTransition, ImportRunning,
    FileGone, RowsRefused, RowsUnanswered and Invalid for an answer that the row does not offer.
    """
    run = _taken(actor, "apply", run_id)
    find_import(actor, run.code)
    IMPORT.move(run, "apply")
    if not run.file:
        raise FileGone
    if run.counts.get(Verdict.REFUSED) and not leave_out:
        raise RowsRefused(field="leave_out")
    if answer and answer not in Answer.values:
        raise Invalid({"answer": [_("Please choose one of the answers.")]})
    run.answers = _answers(run, answers or {})
    if run.counts.get(Verdict.ASKED, 0) > len(run.answers) and not answer:
        raise RowsUnanswered(field="answer")
    run.leave_out, run.answer = leave_out, answer
    run.apply_job = start_job(
        actor, kind=APPLY, params={"import": str(run.pk), "check": str(run.check_job)}
    ).pk
    run.save()
    return run


def _answers(run: ImportRun, answers: Mapping[int, str]) -> dict[str, str]:
    """The answers that say something, by line. Raises Invalid for what a line does not offer."""
    if wrong := next((line for line in answers if not (str(line).isdecimal() and len(str(line)) < 8)), None):
        raise Invalid({"answers": [_("“%(line)s” is no line of a file.") % {"line": str(wrong)[:20]}]})
    given = {int(line): text for line, text in answers.items() if text}
    found = dict(
        ImportFinding.objects.filter(run=run, verdict=Verdict.ASKED, line__in=given).values_list(
            "line", "choices"
        )
    )
    for line, text in given.items():
        offered = {*Answer.values, *(key for key, _label in found.get(line, ()))}
        if line not in found or text not in offered:
            raise Invalid({"answers": [_("Line %(line)s does not offer this answer.") % {"line": line}]})
    return {str(line): text for line, text in given.items()}


@service
def drop_import(actor: Actor, *, run_id: uuid.UUID) -> ImportRun:
    """Let the file be: it is deleted with what was found in it. Raises NotFound, IllegalTransition, ImportRunning."""
    run = _taken(actor, "drop", run_id)
    IMPORT.move(run, "drop")
    name, run.file, run.samples = run.file, "", []
    run.save()
    ImportFinding.objects.filter(run=run).delete()
    if name:
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)
    return run
