"""Giving a job's file out: as an attachment that no browser runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.http import FileResponse

if TYPE_CHECKING:
    from cluster_portal.jobs.models import Job


def attachment(job: Job) -> FileResponse:
    """The file, streamed. It is kept by nobody on the way."""
    response = FileResponse(
        default_storage.open(job.file),
        as_attachment=True,
        filename=job.file_name,
        content_type=job.content_type,
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
