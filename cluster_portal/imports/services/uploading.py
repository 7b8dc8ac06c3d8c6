"""Taking a file: it is looked into, kept, and its columns are guessed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from cluster_portal.common.errors import Forbidden, NotFound
from cluster_portal.common.service import service
from cluster_portal.imports import base
from cluster_portal.imports.matching import guess
from cluster_portal.imports.models import ImportMemory, ImportRun
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.reading import open_table
from cluster_portal.imports.states import IMPORT
from cluster_portal.imports.storage import KEEP, fetch, keep, received

if TYPE_CHECKING:
    import uuid

    from django.core.files import File

    from cluster_portal.common.actor import Actor


def find_import(actor: Actor, code: str) -> base.Import:
    """The import. Raises NotFound for an unknown code and Forbidden where the actor may not take in such tables."""
    kind = base.import_of(code)
    if kind is None:
        raise NotFound
    if not kind.allows(actor):
        raise Forbidden
    return kind


def _look_into(path: Path, kind: base.Import, organization_id: uuid.UUID, sheet: str) -> dict[str, Any]:
    """What a run keeps of its file. Raises BadFile and what is below it."""
    table = open_table(path, sheet=sheet)
    head = table.head()
    memory = ImportMemory.objects.filter(organization_id=organization_id, code=kind.code).first()
    return {
        "sheet": table.sheet,
        "sheets": list(table.sheets),
        "head_line": head.line,
        "headings": head.headings,
        "samples": head.samples,
        "expected": table.expected(head),
        "mapping": guess(kind, head.headings, memory.columns if memory else {}),
    }


@service
def upload_file(actor: Actor, *, code: str, file: File, sheet: str = "") -> ImportRun:
    """Keep a file to be taken in, with what its headings probably mean.

    Raises NotFound, Forbidden, and BadFile or what is below it where the file is no such table.
    """
    kind = find_import(actor, code)
    with received(file) as (path, digest, size):
        found = _look_into(path, kind, actor.organization_id, sheet)
        name = keep(path)
    try:
        with transaction.atomic():
            return ImportRun.objects.create(
                code=code,
                user_id=actor.user_id,
                client_id=actor.client_id,
                organization_id=actor.organization_id,
                file=name,
                file_name=Path(file.name or "").name[-200:] or "table",
                file_until=timezone.now() + KEEP,
                size=size,
                digest=digest,
                **found,
            )
    except BaseException:
        default_storage.delete(name)
        raise


@service
def choose_sheet(actor: Actor, *, run_id: uuid.UUID, sheet: str) -> ImportRun:
    """Read another sheet of the file; what was checked before no longer counts.

    Raises NotFound, Forbidden, IllegalTransition, NoSuchSheet and what else is wrong with that sheet.
    """
    run = import_policy.get(actor, "check", run_id, lock=True)
    kind = find_import(actor, run.code)
    IMPORT.move(run, "check")
    with TemporaryDirectory(prefix="portal-import-") as directory:
        found = _look_into(fetch(run, Path(directory)), kind, run.organization_id, sheet)
    for name, value in found.items():
        setattr(run, name, value)
    run.counts, run.check_job, run.checked_at = {}, None, None
    run.save()
    return run
