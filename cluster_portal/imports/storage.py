"""Where uploaded tables lie: in the private storage under random names, for a few days."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.imports.errors import FileGone, TooLargeFile
from cluster_portal.imports.models import ImportFinding, ImportRun
from cluster_portal.imports.reading import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files import File

FILES = "imports"
#: How long an uploaded file is kept, and what its check found.
KEEP = timedelta(days=7)


@contextmanager
def received(file: File) -> Iterator[tuple[Path, str, int]]:
    """An uploaded file on the disk for a moment: its path, SHA-256 and size. Raises TooLargeFile beyond the limit."""
    # Of what is far too large, nothing but the size has been kept (`files/handlers.py`).
    _limit(file.size)
    with TemporaryDirectory(prefix="portal-import-") as directory:
        path = Path(directory) / "table"
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as target:
            for block in file.chunks():
                size += len(block)
                _limit(size)
                digest.update(block)
                target.write(block)
        yield path, digest.hexdigest(), size


def _limit(size: int) -> None:
    if size > LIMITS.size:
        raise TooLargeFile(_("The file is larger than %(most)s MB.") % {"most": LIMITS.size // (1024 * 1024)})


def keep(path: Path) -> str:
    """Put a file into the storage; its name there."""
    from django.core.files import File

    with path.open("rb") as source:
        return default_storage.save(f"{FILES}/{uuid.uuid4().hex}", File(source))


def fetch(run: ImportRun, directory: Path) -> Path:
    """The run's file on the disk, in `directory`. Raises FileGone."""
    path = directory / "table"
    try:
        with default_storage.open(run.file) as source, path.open("wb") as target:
            for block in source.chunks():
                target.write(block)
    except (FileNotFoundError, ValueError, IsADirectoryError):
        raise FileGone from None
    return path


def sweep() -> int:
    """Delete files that are kept no longer, with what they said of people, and those that no run knows of."""
    deleted, now = 0, timezone.now()
    for run in ImportRun.objects.exclude(file="").filter(file_until__lt=now)[:1000]:
        default_storage.delete(run.file)
        ImportFinding.objects.filter(run=run).delete()
        ImportRun.objects.filter(pk=run.pk).update(file="", samples=[])
        deleted += 1
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(FILES)[1]:
            path = f"{FILES}/{name}"
            old = default_storage.get_modified_time(path) < now - timedelta(days=1)
            if old and not ImportRun.objects.filter(file=path).exists():
                default_storage.delete(path)
                deleted += 1
    return deleted
