"""A kind of job for tests, and somebody who asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster_portal.common.actor import Actor
from cluster_portal.jobs import kinds
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.progress import Progress
from tests.factories import clinics


class Work:
    """What the job does; a test may put another `step` in."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.allowed = True
        self.step: Any = lambda progress: None

    def run(self, job: Job, actor: Actor, progress: Progress, directory: Path) -> kinds.Outcome:
        self.runs.append(str(job.pk))
        self.step(progress)
        path = directory / "out.txt"
        path.write_text(f"for {actor.name}", encoding="utf-8")
        return kinds.Outcome(path=path, file_name="Итог.txt", content_type="text/plain")


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    kind = kinds.Kind(
        name="tests.work",
        run=work.run,
        title=lambda job: f"work {job.params.get('n', '')}",
        allows=lambda actor, job: work.allowed and actor.is_authenticated,
    )
    kinds.register(kind)
    yield work
    del kinds._kinds[kind.name]


@pytest.fixture
def actor(db: None) -> Actor:
    clinics.make_cluster()
    return clinics.make_actor("manager")
