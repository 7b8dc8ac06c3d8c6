"""Giving a job's file out: as an attachment that no browser runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.files import responses

if TYPE_CHECKING:
    from django.http import FileResponse

    from cluster_portal.jobs.models import Job


def attachment(job: Job) -> FileResponse:
    """The file, streamed."""
    return responses.attachment(job.file, job.file_name, job.content_type)
