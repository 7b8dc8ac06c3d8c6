"""Giving files out: as attachments that no browser runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.http import FileResponse

from cluster_portal.files.errors import ContentGone
from cluster_portal.files.formats import TRAITS

if TYPE_CHECKING:
    from cluster_portal.files.models import StoredFile

log = logging.getLogger(__name__)


def attachment(path: str, name: str, content_type: str) -> FileResponse:
    """A file of the private storage, streamed. Its name travels as RFC 5987 says; nobody keeps it on the way.

    The type is the portal's own and is not guessed again; should something show the file all the same, it is a sandbox
    of its own that may load and run nothing. Raises ContentGone.
    """
    try:
        content = default_storage.open(path)
    except FileNotFoundError as exc:
        log.error("content of a file is gone", extra={"path": path})
        raise ContentGone from exc
    return FileResponse(
        content,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
        },
    )


def download(file: StoredFile) -> FileResponse:
    """A file that somebody sent."""
    return attachment(file.path, file.name, TRAITS[file.format].content_type)
