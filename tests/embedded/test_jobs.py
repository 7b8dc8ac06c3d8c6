"""Background jobs under real workers: each is finished once, whoever dies meanwhile.

The servers, the workers and the beat are what `./portal run` starts, under its supervisor.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster_portal.embedded.place import Place
from cluster_portal.embedded.running import programs
from cluster_portal.embedded.store import Store
from cluster_portal.embedded.supervisor import Program
from cluster_portal.embedded.venv import Environment
from tests.embedded.pair import BASE, Pair, own_directory

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]

JOBS = 200
#: Seconds in which all is to be finished after the restart.
SOON = 60

#: The portal with reports that take their time (tests/embedded/slow).
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.embedded.slow.settings",
    "OUTBOX_NUDGE": "1",
    "JOBS_PULSE": "1",
    "LOG_LEVEL": "WARNING",
}
BUSY = """
SELECT count(*) FROM pg_stat_activity
 WHERE query LIKE '%long-run-of-tests%' AND state = 'active' AND pid <> pg_backend_pid()
"""


class Portal:
    """Servers, and the programs that do the jobs."""

    def __init__(self, directory: Path) -> None:
        self.pair = Pair(directory)
        self.files = directory / "files" / "jobs"
        place = Place(BASE, "sakhalin", self.pair.store, Environment(BASE, print))
        self.python = place.python
        self.environment = place.variables(self.pair.addresses(), demo=True) | SETTINGS
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self._programs = {program.name: program for program in programs(place, self.environment, nobody)}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.python, *arguments],
            cwd=BASE,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout.strip()

    def ask(self, *arguments: str) -> str:
        """What a person asks for (`tests.embedded.slow`)."""
        return self.run("-m", "tests.embedded.slow", *arguments)

    def start(self, *names: str) -> None:
        for name in names:
            self.pair.supervisor.start(self._programs[name])

    def kill(self, name: str) -> None:
        """As the kernel kills what takes too much memory: it with its children, without a word."""
        program: Program = next(found for found in self.pair.supervisor.programs if found.name == name)
        assert program.process is not None
        os.killpg(program.process.pid, signal.SIGKILL)
        program.process.wait(10)

    def wipe_broker(self) -> None:
        """Valkey dies and everything that it kept is gone."""
        self.kill("valkey")
        shutil.rmtree(self.pair.store.root / "valkey" / "appendonlydir")

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        connection = self.pair.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def count(self, where: str) -> int:
        return self.rows(f"SELECT count(*) FROM jobs_job WHERE {where}")[0][0]

    def until(self, condition: Callable[[], bool], seconds: float, *, supervised: bool = True) -> None:
        """Wait, the supervisor at work meanwhile (or asleep, so that the dead stay dead)."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.state()
            if supervised:
                self.pair.supervisor.look()
            time.sleep(0.1)

    def state(self) -> str:
        """For whoever reads a failure."""
        logs = [f"{program.name}:\n{program.last_words()}" for program in self._programs.values()]
        states = self.rows("SELECT state, count(*), max(error) FROM jobs_job GROUP BY 1")
        return "\n".join([repr(states), *self.pair.said, *logs])

    def each_was_finished_once(self) -> None:
        """One file for each job, and one message of its end."""
        assert self.rows("SELECT state, count(*) FROM jobs_job GROUP BY 1") == [("done", JOBS)]
        known = [name for (name,) in self.rows("SELECT file FROM jobs_job")]
        assert len(set(known)) == JOBS
        assert set(known) <= {f"jobs/{path.name}" for path in self.files.iterdir()}
        ends = self.rows(
            "SELECT payload->>'job', count(*) FROM common_outboxmessage WHERE task = 'jobs.ended' GROUP BY 1"
        )
        assert len(ends) == JOBS
        assert {number for _job, number in ends} == {1}


@pytest.fixture(scope="module")
def migrated() -> Iterator[Path]:
    """The data directory of a portal with its tables, to be copied: making them takes longer than the tests."""
    with pytest.MonkeyPatch.context() as patch, own_directory(patch) as root:
        made = Portal(root)
        try:
            made.run("manage.py", "migrate", "--verbosity", "0")
        finally:
            made.pair.stop()
        yield root


@pytest.fixture
def portal(migrated: Path, root: Path) -> Iterator[Portal]:
    subprocess.run(["cp", "--archive", migrated, root], check=True)
    Store(root).put(home=str(root))
    made = Portal(root)
    yield made
    made.pair.stop()


def test_two_hundred_jobs_survive_a_worker_and_the_broker(portal: Portal) -> None:
    portal.start("worker", "jobs", "beat")
    portal.ask("small", str(JOBS))
    portal.until(lambda: portal.count("state = 'done'") >= JOBS // 10, 60)
    # The broker dies, and what it held is lost. Who is at work goes on without it.
    portal.wipe_broker()
    done = portal.count("state = 'done'")
    portal.until(lambda: portal.count("state = 'done'") >= done + 10, 30, supervised=False)
    # Its worker dies in the middle of its jobs.
    portal.until(lambda: portal.count("state = 'running'") > 0, 30, supervised=False)
    portal.kill("jobs")
    interrupted = {job for (job,) in portal.rows("SELECT id FROM jobs_job WHERE state = 'running'")}
    assert interrupted
    assert portal.count("state = 'queued'") > JOBS // 4
    # Both are started again.
    portal.until(lambda: portal.count("state = 'done'") == JOBS, SOON)
    portal.each_was_finished_once()
    # Nothing was begun again but what the worker was at when it died.
    assert {job for (job,) in portal.rows("SELECT id FROM jobs_job WHERE attempts > 1")} <= interrupted


@pytest.mark.parametrize("kind", ["long", "query"])
def test_cancelled_long_runs_stop_and_leave_no_file(portal: Portal, kind: str) -> None:
    portal.start("jobs")
    # As many as the worker has processes.
    portal.ask(kind, "2")
    begun = BUSY if kind == "query" else "SELECT count(*) FROM jobs_job WHERE state = 'running' AND rows > 0"
    portal.until(lambda: portal.rows(begun) == [(2,)], 60)
    jobs = [job for (job,) in portal.rows("SELECT id::text FROM jobs_job")]
    for job in jobs:
        portal.ask("cancel", job)
    portal.until(lambda: portal.rows(BUSY) == [(0,)], 30)
    # Their processes are free again.
    portal.ask("small")
    portal.until(lambda: portal.count("state = 'done'") == 1, 30)
    assert portal.count("state = 'cancelled' AND file = ''") == 2
    assert not [path for path in portal.files.iterdir() if path.name.startswith(tuple(jobs))]
