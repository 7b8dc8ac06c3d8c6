"""The supervisor with small programs in place of servers."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster_portal.embedded.processes import is_alive, signal_name
from cluster_portal.embedded.supervisor import LOG_LIMIT, Program, StartFailed, Supervisor, rotate

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Supervisor:
    made = Supervisor(said.append)
    yield made
    made.stop()


def program(tmp_path: Path, command: list[str], name: str = "worker", **changes: object) -> Program:
    return Program(name, lambda: command, tmp_path / f"{name}.log", tmp_path, dict(os.environ), **changes)


def look_until(supervisor: Supervisor, condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        supervisor.look()
        time.sleep(0.02)


def test_a_killed_program_is_started_again(tmp_path: Path, supervisor: Supervisor, said: list[str]) -> None:
    worker = program(tmp_path, SLEEP)
    supervisor.start(worker)
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    look_until(supervisor, lambda: worker.pid not in (None, first))
    assert worker.restarts == 1
    assert said == [
        f"worker ended with signal 9 (SIGKILL); started again in 0.1 s (log: {tmp_path / 'worker.log'})"
    ]


def test_a_program_that_keeps_dying_is_started_ever_more_slowly(
    tmp_path: Path, supervisor: Supervisor, said: list[str]
) -> None:
    worker = program(tmp_path, [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.start(worker)
    look_until(supervisor, lambda: len(said) >= 4)
    pauses = [line.split("again in ")[1].split(" s")[0] for line in said[:4]]
    assert pauses == ["0.1", "0.2", "0.5", "1"]
    assert "exit status 3" in said[0]


def test_one_program_in_trouble_does_not_keep_another_down(tmp_path: Path, supervisor: Supervisor) -> None:
    bad = program(tmp_path, [sys.executable, "-c", "raise SystemExit(1)"], "beat")
    good = program(tmp_path, SLEEP)
    supervisor.start(bad)
    supervisor.start(good)
    look_until(supervisor, lambda: bad.failures >= 3)
    first = good.pid
    os.kill(first, signal.SIGKILL)
    begun = time.monotonic()
    look_until(supervisor, lambda: good.pid not in (None, first))
    assert time.monotonic() - begun < 2


def test_a_start_that_cannot_succeed_shows_the_log(tmp_path: Path, supervisor: Supervisor) -> None:
    broken = program(
        tmp_path, [sys.executable, "-c", "print('the reason'); raise SystemExit(4)"], ready=lambda: False
    )
    with pytest.raises(StartFailed, match=r"exit status 4(.|\n)*the reason"):
        supervisor.start(broken)


def test_a_start_that_is_never_ready_gives_up(tmp_path: Path, supervisor: Supervisor) -> None:
    with pytest.raises(StartFailed, match="was not ready in 0 s"):
        supervisor.start(program(tmp_path, SLEEP, ready=lambda: False), patience=0.2)


def test_a_restart_that_fails_is_tried_again(tmp_path: Path, supervisor: Supervisor, said: list[str]) -> None:
    answers = iter([None, OSError("the disk is full"), None])

    def before() -> None:
        answer = next(answers)
        if answer is not None:
            raise answer

    worker = program(tmp_path, SLEEP, before=before)
    supervisor.start(worker)
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    look_until(supervisor, lambda: worker.pid not in (None, first))
    assert any("could not be started (the disk is full)" in line for line in said)


def test_helpers_of_a_killed_program_do_not_outlive_it(tmp_path: Path, supervisor: Supervisor) -> None:
    """A worker's pool, whose parent was killed, must not work on beside the new worker's."""
    script = (
        "import sys, time; from subprocess import Popen;"
        "helper = Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "open('helper', 'w').write(str(helper.pid)); time.sleep(60)"
    )
    worker = program(tmp_path, [sys.executable, "-c", script], ready=(tmp_path / "helper").exists)
    supervisor.start(worker)
    time.sleep(0.2)
    helper = int((tmp_path / "helper").read_text())
    os.kill(worker.pid, signal.SIGKILL)
    look_until(supervisor, lambda: worker.restarts == 1)
    assert not is_alive(helper)


def test_stop_ends_what_does_not_listen(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(said.append)
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('up', 'w'); time.sleep(60)"
    )
    deaf = program(
        tmp_path, [sys.executable, "-c", script], stop_patience=0.3, ready=(tmp_path / "up").exists
    )
    supervisor.start(deaf)
    supervisor.stop()
    assert deaf.pid is None
    assert said == ["worker did not stop in 0.3 s and is killed"]


def test_stop_ends_work_before_servers(tmp_path: Path) -> None:
    """Each writes its name when told to end; the database has to be the last."""
    supervisor = Supervisor(lambda text: None)
    order = tmp_path / "order"
    script = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open({order!r}, 'a').write({name!r} + '\\n'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); open({name!r}, 'w'); time.sleep(60)\n"
    )
    for name in ("postgres", "valkey", "web", "beat"):
        text = script.format(order=str(order), name=name)
        supervisor.start(
            program(tmp_path, [sys.executable, "-c", text], name, ready=(tmp_path / name).exists)
        )
        time.sleep(0.05)
    supervisor.stop()
    lines = order.read_text().split()
    assert sorted(lines[:2]) == ["beat", "web"]
    assert lines[2:] == ["valkey", "postgres"]


def test_the_log_is_cut_when_it_grows_too_long(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    rotate(log)
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size == LOG_LIMIT + 1


def test_signals_have_names() -> None:
    assert signal_name(-9) == "signal 9 (SIGKILL)"
    assert signal_name(2) == "exit status 2"
