"""Keeping what was sent: checked, scanned, written under a random name; and sweeping up what no row knows of."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from cluster_portal.common.background import enqueue
from cluster_portal.files.checks import examine
from cluster_portal.files.contents import opened, pieces
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.events import FILE_REMOVED
from cluster_portal.files.formats import MAX_AT_ONCE, MAX_SIZE, Format
from cluster_portal.files.handlers import DroppedFile
from cluster_portal.files.models import StoredContent
from cluster_portal.files.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor

    #: What is written instead of the pieces of a content, such as the same encrypted.
    Through = Callable[[Iterable[bytes]], Iterable[bytes]]

#: Folder of the private storage (`PORTAL_DATA/files`).
FOLDER = "sent"
#: A file without a row is an orphan after this: no request takes so long.
ORPHAN_AGE = timedelta(hours=6)
_ours = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the storage and waits for its row."""

    path: str
    name: str
    format: Format
    size: int
    sha256: str

    def columns(self, actor: Actor) -> dict[str, Any]:
        """The columns of its row (`StoredFile`), sent by `actor`."""
        return {
            "path": self.path,
            "name": self.name,
            "format": self.format,
            "size": self.size,
            "sha256": self.sha256,
            "author_id": actor.user_id,
            "author_name": actor.name,
        }


@contextmanager
def kept(
    uploads: Sequence[UploadedFile | None], *, field: str = "file", through: Through | None = None
) -> Iterator[list[Kept]]:
    """Check every upload and write it to the storage; inside, a service writes the rows.

    Stands around the service, outside its transaction: a scan takes seconds, and no row is locked meanwhile. When the
    block ends by an exception, the service's transaction was rolled back and the files are deleted again; a process
    that is killed in between leaves files that the sweep finds. With `through` that is what reaches the storage; sizes
    and sums are of the content itself.

    Raises FileRefused (at `field`; with several files it names the one at fault) and ScannerAway.
    """
    if len(uploads) > MAX_AT_ONCE:
        raise FileRefused("too_many", field=field, n=MAX_AT_ONCE)
    written: list[Kept] = []
    try:
        for upload in uploads:
            written.append(_keep(upload, field, through, several=len(uploads) > 1))  # noqa: PERF401 - those before stay known
        yield written
    except BaseException:
        for file in written:
            default_storage.delete(file.path)
        raise


def _keep(upload: UploadedFile | None, field: str, through: Through | None, *, several: bool) -> Kept:
    try:
        if upload is None:
            raise FileRefused("missing")
        if not upload.size:
            raise FileRefused("empty")
        if upload.size > MAX_SIZE or isinstance(upload, DroppedFile):
            raise FileRefused("too_large")
        with opened(upload) as view:
            found = examine(view, upload.name or "")
            scan(view)
            content = _Content(pieces(view, found.parts), through)
            path = _write(content)
    except FileRefused as refused:
        name = upload.name if several and upload is not None else ""
        raise FileRefused(refused.reason, field=field, name=name, **refused.values) from refused.__cause__
    return Kept(path, found.name, found.format, content.length, content.digest.hexdigest())


class _Content(File):
    """What is written, counted and summed on its way."""

    def __init__(self, parts: Iterator[bytes], through: Through | None) -> None:
        super().__init__(None)
        self.parts, self.through = parts, through
        self.length, self.digest = 0, hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:
        return self._counted() if self.through is None else self.through(self._counted())

    def _counted(self) -> Iterator[bytes]:
        for piece in self.parts:
            self.length += len(piece)
            self.digest.update(piece)
            yield piece


def _write(content: _Content) -> str:
    """A name that nobody can guess and that says nothing; on the disk before its row is."""
    name = secrets.token_hex(20)
    path = default_storage.save(f"{FOLDER}/{name[:2]}/{name}", content)
    with open(default_storage.path(path), "rb") as written:  # noqa: PTH123 - for its descriptor
        os.fsync(written.fileno())
    return path


def forget(file: StoredContent) -> None:
    """Delete a file's row in the transaction in hand, and its content once that is committed."""
    enqueue(FILE_REMOVED, {"path": file.path})
    file.delete()


def drop_content(path: str) -> None:
    """Delete a content whose row is gone. Doing it again changes nothing; one that has a row stays."""
    if not _known([path]):
        default_storage.delete(path)


def models() -> list[type[StoredContent]]:
    """Every table of sent files, whichever app has it."""
    return [model for model in apps.get_models() if issubclass(model, StoredContent)]


def _known(paths: list[str]) -> set[str]:
    """Those of `paths` that a row names."""
    found: set[str] = set()
    for model in models():
        found.update(model._default_manager.filter(path__in=paths).values_list("path", flat=True))
    return found


def sweep() -> int:
    """Delete contents that no row names: of a process that was killed, or of a commit that failed. Returns how many."""
    deleted, limit = 0, timezone.now() - ORPHAN_AGE
    with suppress(FileNotFoundError):
        for folder in default_storage.listdir(FOLDER)[0]:
            names = [
                name for name in default_storage.listdir(f"{FOLDER}/{folder}")[1] if _ours.fullmatch(name)
            ]
            paths = [f"{FOLDER}/{folder}/{name}" for name in names]
            # First the age, then the rows: what was written between the two looks has a row or is young.
            old = [path for path in paths if default_storage.get_modified_time(path) < limit]
            for path in set(old) - _known(old):
                default_storage.delete(path)
                deleted += 1
    return deleted
