"""Giving files out: as attachments that no browser runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from cluster_portal.files.errors import ContentGone
from cluster_portal.files.formats import TRAITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.files.models import StoredFile

log = logging.getLogger(__name__)

#: How every file is given out.
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


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
        headers=HEADERS,
    )


def streamed(pieces: Iterable[bytes], file: Any) -> StreamingHttpResponse:
    """A file (`size`, `name`, `content_type`) that comes piece by piece."""
    told = {
        "Content-Length": str(file.size),
        "Content-Disposition": content_disposition_header(True, file.name),
    }
    return StreamingHttpResponse(pieces, content_type=file.content_type, headers=HEADERS | told)


def download(file: StoredFile) -> FileResponse:
    """A file that somebody sent."""
    return attachment(file.path, file.name, TRAITS[file.format].content_type)
