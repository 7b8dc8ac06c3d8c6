"""Asking for a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.common.service import service
from cluster_portal.jobs.services import start_job
from cluster_portal.reports import base
from cluster_portal.reports.run import KIND

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job


def find_report(actor: Actor, code: str) -> base.Report:
    """The report. Raises NotFound for an unknown code and Forbidden where the actor may not run it."""
    report = base.report_of(code)
    if report is None:
        raise NotFound
    if not report.allows(actor):
        raise Forbidden
    return report


@service
def run_report(
    actor: Actor,
    *,
    code: str,
    parameters: dict[str, Any],
    file_format: str,
    shared_with: Iterable[uuid.UUID] = (),
    language: str | None = None,
) -> Job:
    """Queue a report; the same one asked again while it runs is the same job.

    `parameters` are as typed: they are checked now and once more when it runs. Raises NotFound, Forbidden and Invalid
    (`file_format` for a format that the report does not have).
    """
    report = find_report(actor, code)
    report.check(actor, parameters)
    if file_format not in report.formats:
        raise Invalid({"file_format": [_("Please choose one of the formats.")]})
    asked = {name: value for name, value in sorted(parameters.items()) if value not in (None, "", [])}
    params = {"report": code, "parameters": asked, "format": file_format}
    return start_job(actor, kind=KIND, params=params, shared_with=shared_with, language=language)
