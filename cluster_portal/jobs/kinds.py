"""What a job can be: apps register their kinds, a job keeps a kind's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job
    from cluster_portal.jobs.progress import Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: a file written at `path` (in the directory that the job was given), or only `result`."""

    path: Path | None = None
    file_name: str = ""
    content_type: str = ""
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """`run(job, actor, progress, directory)` does the work and may be run again from the start after a crash.

    `title(job)` is what the person reads, `about(actor, job)` what exactly was asked for. `allows(actor, job)` says
    whether that actor may have the outcome, asked before the work and again at every download. `place(job)` is the
    address of the page that the outcome belongs to, where it has one. `ended(job)` runs once after each end.
    """

    name: str
    run: Callable[[Job, Actor, Progress, Path], Outcome]
    title: Callable[[Job], str]
    allows: Callable[[Actor, Job], bool]
    about: Callable[[Actor, Job], str] = lambda actor, job: ""
    place: Callable[[Job], str] = lambda job: ""
    ended: Callable[[Job], None] = lambda job: None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; called in an app's `ready()`. A name can be taken once."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"two kinds of job named {kind.name!r}")


def kind_of(name: str) -> Kind:
    """The kind. Raises KeyError for a name that the code no longer knows."""
    return _kinds[name]


def title_of(job: Job) -> str:
    """What the job is, in the language in use."""
    kind = _kinds.get(job.kind)
    return kind.title(job) if kind else job.kind


def about_of(actor: Actor, job: Job) -> str:
    """What exactly was asked for, in the language in use."""
    kind = _kinds.get(job.kind)
    return kind.about(actor, job) if kind else ""


def place_of(job: Job) -> str:
    """The address of the page that the outcome belongs to; empty where the job's own page is all there is."""
    kind = _kinds.get(job.kind)
    return kind.place(job) if kind else ""


def tell_end(job: Job) -> None:
    """Let the kind say what follows the end of this job."""
    if kind := _kinds.get(job.kind):
        kind.ended(job)
