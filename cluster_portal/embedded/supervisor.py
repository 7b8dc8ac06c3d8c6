"""Keeps the programs of one portal running: starts them in order, restarts what dies, stops all in order.

One process, no threads. Every program gets a session (process group) of its own, so Ctrl-C in the terminal
reaches only the supervisor, which then stops the others in the right order: first what takes work, then the
servers that keep it.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .account import Account
from .processes import die_with_parent, send, send_group, signal_name

#: A program that stayed up for this long begins again with the shortest pause when it dies.
HEALTHY_AFTER = 20.0
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LOG_LIMIT = 20 * 1024 * 1024


class StartFailed(Exception):
    """A program did not become ready; the text ends with the last lines of its log."""


def nothing() -> None:
    """No preparation."""


def always() -> bool:
    """Ready as soon as it runs."""
    return True


@dataclass
class Program:
    """One program to keep running."""

    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    cwd: Path
    environment: dict[str, str]
    account: Account | None = None
    before: Callable[[], None] = nothing
    ready: Callable[[], bool] = always
    #: The signal that ends it cleanly, and how long that may take (seconds) before its group is killed.
    stop_signal: int = signal.SIGTERM
    stop_patience: float = 20.0
    #: What helpers that it left behind are sent before it is started again; 0 for nothing: PostgreSQL's end by
    #: themselves, and it waits for them through its shared memory.
    clear_signal: int = signal.SIGKILL
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    failures: int = field(default=0, init=False)
    next_start: float = field(default=0.0, init=False)
    restarts: int = field(default=0, init=False)

    def start(self) -> None:
        """Start it now. Its output is appended to its log; a pipe would hang whoever forgets to read it."""
        self.before()
        arguments: dict[str, Any] = self.account.popen_arguments() if self.account else {}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                list(self.command()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env=self.environment,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
                pass_fds=self.pass_fds,
                **arguments,
            )
        self.started = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for a message."""
        try:
            text = self.log.read_bytes()[-8000:].decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


class Supervisor:
    """Runs programs until it is told to stop."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.programs: list[Program] = []
        self.say = say
        self.stopping = False
        self._last_rotation = 0.0

    def handle_signals(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP ask for a clean stop; asked a second time, kill at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: object) -> None:
        if self.stopping:
            for program in self.programs:
                if program.pid is not None:
                    program.stop_patience = 0.0
        self.stopping = True

    def start(self, program: Program, patience: float = 60.0) -> None:
        """Start a program and wait until it is ready, at most ``patience`` seconds.

        Raises:
            StartFailed: it ended, or was not ready in time.
        """
        self.programs.append(program)
        program.start()
        deadline = time.monotonic() + patience
        while not program.ready():
            if self.stopping:
                return
            if program.pid is None:
                assert program.process is not None
                ended = signal_name(program.process.returncode)
                raise StartFailed(f"{program.name} ended with {ended}:\n{program.last_words()}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{program.name} was not ready in {patience:.0f} s:\n{program.last_words()}"
                )
            time.sleep(0.02)

    def watch(self) -> None:
        """Keep everything running until a signal asks to stop."""
        while not self.stopping:
            self.look()
            time.sleep(0.1)

    def look(self) -> None:
        """One round: start again what has died, each with its own growing pause."""
        now = time.monotonic()
        for program in self.programs:
            if program.process is None or program.process.poll() is not None:
                self._revive(program, now)
            elif program.failures and now - program.started > HEALTHY_AFTER:
                program.failures = 0
        if now - self._last_rotation > 60:
            self._last_rotation = now
            for program in self.programs:
                rotate(program.log)

    def _revive(self, program: Program, now: float) -> None:
        if program.process is not None:
            pause = PAUSES[min(program.failures, len(PAUSES) - 1)]
            ended = signal_name(program.process.returncode)
            self.say(f"{program.name} ended with {ended}; started again in {pause:g} s (log: {program.log})")
            if program.clear_signal:
                send_group(program.process.pid, program.clear_signal)
            program.process = None
            program.failures += 1
            program.next_start = now + pause
            return
        if now < program.next_start:
            return
        program.restarts += 1
        try:
            program.start()
        except Exception as error:  # a supervisor that dies of a failed restart would take everything down
            pause = PAUSES[min(program.failures, len(PAUSES) - 1)]
            program.failures += 1
            program.next_start = time.monotonic() + pause
            self.say(f"{program.name} could not be started ({error}); tried again in {pause:g} s")

    def stop(self) -> None:
        """Stop everything: first all that take work, at once, then the servers one by one."""
        self.stopping = True
        work = [program for program in self.programs if program.name not in SERVERS]
        self._stop_together(work)
        for program in reversed([program for program in self.programs if program.name in SERVERS]):
            self._stop_together([program])

    def _stop_together(self, programs: Sequence[Program]) -> None:
        for program in programs:
            if program.pid is not None:
                send(program.pid, program.stop_signal)
        begun = time.monotonic()
        for program in programs:
            if program.process is None:
                continue
            while program.process.poll() is None and time.monotonic() - begun < program.stop_patience:
                time.sleep(0.02)
            if program.process.poll() is None:
                self.say(f"{program.name} did not stop in {program.stop_patience:g} s and is killed")
                send_group(program.process.pid, signal.SIGKILL)
                program.process.wait()
            elif program.clear_signal:
                send_group(program.process.pid, signal.SIGKILL)


SERVERS = frozenset({"postgres", "valkey"})


def rotate(log: Path) -> None:
    """Keep one old copy of a log that grew too long. Writers append, so truncation is safe under them."""
    try:
        if log.stat().st_size > LOG_LIMIT:
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
            with log.open("r+b") as stream:
                stream.truncate(0)
    except OSError:
        return
