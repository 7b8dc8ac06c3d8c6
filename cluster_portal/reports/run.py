"""The job that makes a report's file."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import NotFound
from cluster_portal.common.translated import in_every_language
from cluster_portal.jobs.kinds import Kind, Outcome
from cluster_portal.jobs.states import JobState
from cluster_portal.notifications.services.notices import notify
from cluster_portal.reports import base
from cluster_portal.reports.snapshot import snapshot
from cluster_portal.reports.writers import Sheet, formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job
    from cluster_portal.jobs.progress import Progress

KIND = "report"
#: Who waits longer than this has probably left the page.
PATIENCE = timedelta(seconds=20)


def report_of(job: Job) -> base.Report:
    """The report that a job makes. Raises NotFound where the portal no longer has it."""
    report = base.report_of(job.params["report"])
    if report is None:
        raise NotFound(_("This portal no longer has that report."))
    return report


def title(job: Job) -> str:
    """The report's title."""
    report = base.report_of(job.params["report"])
    return str(report.title) if report else job.params["report"]


def allows(actor: Actor, job: Job) -> bool:
    """Whether the actor may have it: asked before it runs and at each download."""
    report = base.report_of(job.params["report"])
    return report is not None and report.allows(actor)


def run(job: Job, actor: Actor, progress: Progress, directory: Path) -> Outcome:
    """Write the file. Raises Invalid where the parameters no longer fit."""
    report = report_of(job)
    params = report.check(actor, job.params["parameters"])
    form = formats()[job.params["format"]]
    path = directory / f"report.{form.name}"
    with snapshot() as moment:
        progress.expect(report.count(actor, params))
        about = base.About(moment, ZoneInfo(job.time_zone), actor.organization_name or _("Medical cluster"))
        drawn = report.drawn(actor, params, about) if form.name == "pdf" else None
        columns, rows = base.depersonalised(actor, report.columns(actor, params), report.rows(actor, params))
        sheet = Sheet(
            title=str(report.title),
            subtitle=report.subtitle(actor, job.params["parameters"]),
            columns=columns,
            rows=_counted(rows, progress),
            moment=moment,
            zone=about.zone,
            language=job.language,
            author=about.author,
            notes=[str(note) for note in report.notes],
        )
        if drawn is None:
            form.write(sheet, path)
        else:
            path.write_bytes(drawn)
    day = timezone.localtime(moment, ZoneInfo(job.time_zone)).strftime("%Y-%m-%d")
    return Outcome(
        path=path,
        file_name=f"{file_name(str(report.title))} {day}.{form.name}",
        content_type=form.content_type,
        result={"as_of": moment.isoformat(), "report": report.code},
    )


def file_name(text: str) -> str:
    """A title that every system takes as the name of a file."""
    return re.sub(r'[\\/:*?"<>|\s]+', " ", text).strip()[:120]


def _counted(rows: Iterable[Any], progress: Progress) -> Iterator[Any]:
    # Each row asks whether to go on: it costs nothing beside the row, and rows may be slow.
    for row in rows:
        progress.tick()
        yield row


def about(actor: Actor, job: Job) -> str:
    """The parameters in words."""
    report = base.report_of(job.params["report"])
    return report.subtitle(actor, job.params.get("parameters", {})) if report else ""


def tell(job: Job) -> None:
    """Tell the asker and those it is shared with; of a short one that somebody asked for, nobody."""
    waited = job.finished_at - job.created_at
    users = [user for user in (job.user_id, *job.shared_with) if user]
    if not users or (waited < PATIENCE and not job.shared_with):
        return
    report = base.report_of(job.params["report"])
    notify(
        SYSTEM,
        users=users,
        kind="reports.ready" if job.state == JobState.DONE else "reports.failed",
        params={"title": in_every_language(report.title) if report else job.params["report"]},
        url=reverse("jobs:detail", args=[job.pk]),
        key=f"job:{job.pk}:{job.attempts}",
        organization_id=job.organization_id,
    )


REPORT_JOB = Kind(name=KIND, run=run, title=title, allows=allows, about=about, ended=tell)
