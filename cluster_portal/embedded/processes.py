"""Small questions to the operating system about processes, without any package."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> Callable[[], None] | None:
    """A ``preexec_fn`` that lets the kernel send signal ``number`` to the child when we die (Linux only).

    It is what stops the servers in good order after a ``kill -9`` of the supervisor.
    """
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        library.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return prepare


def is_alive(pid: int) -> bool:
    """Whether a process of that id exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()
    return state != "Z"


def working_directory(pid: int) -> Path | None:
    """Where a process stands; None when it is gone or not ours to ask."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        pass
    if Path("/proc/self").exists():
        return None
    answer = subprocess.run(
        ["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"], capture_output=True, text=True, check=False
    )
    names = [line[1:] for line in answer.stdout.splitlines() if line.startswith("n")]
    return Path(names[0]) if names else None


def program_name(pid: int) -> str:
    """The short name of a process's program; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    answer = subprocess.run(
        ["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return Path(answer.stdout.strip()).name


def standing_in(directory: Path, name: str) -> list[int]:
    """The processes of program ``name`` whose working directory is ``directory`` (Linux; else none)."""
    found = []
    wanted = os.path.realpath(directory)
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        place = working_directory(pid)
        if (
            place is not None
            and str(place) == wanted
            and program_name(pid).startswith(name)
            and is_alive(pid)
        ):
            found.append(pid)
    return found


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may already be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def send_group(group: int, number: int) -> None:
    """Send a signal to a process group that may already be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def signal_name(status: int) -> str:
    """Words for a return code of ``subprocess``: "signal 9 (SIGKILL)" or "exit status 1"."""
    if status < 0:
        try:
            return f"signal {-status} ({signal.Signals(-status).name})"
        except ValueError:
            return f"signal {-status}"
    return f"exit status {status}"
