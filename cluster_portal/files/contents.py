"""The content of an upload, as bytes that can be searched and sliced without reading them into memory."""

from __future__ import annotations

import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.uploadedfile import UploadedFile

#: What checks get: `len`, slices, `find`, `rfind`, regular expressions.
View = bytes | mmap.mmap
#: What is stored of a file: stretches of its view, and bytes put between them.
Part = bytes | slice

CHUNK = 64 * 1024


@contextmanager
def opened(upload: UploadedFile) -> Iterator[View]:
    """The whole content: a small upload is in memory already, a large one is mapped from Django's temporary file."""
    upload.seek(0)
    try:
        number = upload.file.fileno()
    except (AttributeError, OSError):
        yield upload.file.read()
        return
    upload.file.flush()
    with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as view:
        yield view


def pieces(view: View, parts: list[Part]) -> Iterator[bytes]:
    """What is stored, piece by piece."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        for start in range(part.start, part.stop, CHUNK):
            yield view[start : min(start + CHUNK, part.stop)]
