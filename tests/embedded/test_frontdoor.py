"""``./portal`` as a person meets it: what it refuses in words, and one whole run with everything killed once."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster_portal.embedded.frontdoor import split
from cluster_portal.embedded.processes import is_alive
from cluster_portal.embedded.store import Store, free_port

BASE = Path(__file__).resolve().parents[2]
PORTAL = str(BASE / "portal")


@pytest.fixture
def place() -> Iterator[Path]:
    """A data directory that the servers' account may enter too."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made) / "data"


def variables(place: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_DEMO", "LOG_LEVEL", "OUTBOX_NUDGE"}
    }
    return {**kept, "PORTAL_DATA": str(place), **more}


def portal(place: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PORTAL, *arguments],
        env=variables(place, **more),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )


def test_help_names_every_command(place: Path) -> None:
    told = portal(place, "--help").stdout
    for command in ("run", "db", "manage", "test", "bench", "lock", "backup", "restore"):
        assert command in told


@pytest.mark.parametrize(
    ("given", "own", "others"),
    [
        (["test", "-k", "booking", "--help"], ["test"], ["-k", "booking", "--help"]),
        (["bench", "--rounds", "1"], ["bench"], ["--rounds", "1"]),
        (
            ["manage", "--cluster", "aktobe", "shell", "-c", "1"],
            ["manage", "--cluster", "aktobe"],
            ["shell", "-c", "1"],
        ),
        (["manage", "migrate", "--cluster"], ["manage"], ["migrate", "--cluster"]),
        (["run", "--cluster", "aktobe"], ["run", "--cluster", "aktobe"], []),
        ([], [], []),
    ],
)
def test_arguments_of_others_are_handed_on(given: list[str], own: list[str], others: list[str]) -> None:
    assert split(given) == (own, others)


def test_an_unknown_cluster_is_refused(place: Path) -> None:
    done = portal(place, "run", "--cluster", "atlantis")
    assert done.returncode == 2
    assert "sakhalin" in done.stderr


def test_a_port_in_use_is_told(place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = portal(place, "run", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"portal: Port {port} on 127.0.0.1 cannot be used (Address already in use). "
        "Choose another one: PORT=8001 ./portal run"
    )


def test_a_port_that_is_no_number_is_told(place: Path) -> None:
    done = portal(place, "run", PORT="http")
    assert done.returncode == 1
    assert done.stderr.strip() == "portal: PORT should be a whole number."


def test_a_place_in_use_is_told(place: Path) -> None:
    store = Store(place)
    store.create()
    store.lock()
    try:
        done = portal(place, "run")
    finally:
        store.unlock()
    assert done.returncode == 1
    assert f"a portal already runs on {place}" in done.stderr
    assert "Traceback" not in done.stderr


def test_addresses_of_nothing_are_refused(place: Path) -> None:
    done = portal(place, "db", "--env")
    assert done.returncode == 1
    assert "Nothing runs on" in done.stderr


def test_an_archive_that_is_none_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "archive.tar").write_text("not an archive")
    assert "is not a whole archive" in portal(place, "restore", str(tmp_path / "archive.tar")).stderr
    assert "There is no archive" in portal(place, "restore", str(tmp_path / "nothing.tar")).stderr


@pytest.mark.concurrency
def test_backup_and_restore(place: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar"
    first = portal(place, "manage", "migrate", "--verbosity", "0")
    assert first.returncode == 0, first.stderr
    (place / "files").mkdir()
    (place / "files" / "scan.pdf").write_text("a scan")
    founding = [
        "manage", "shell", "-c",
        "from clinics.services.founding import *; from cluster_portal.common.actor import SYSTEM;"
        "found_cluster(SYSTEM, founding=Founding('Островной кластер', 'Острова', 'OST', 'RU', 'Asia/Sakhalin'))",
    ]  # fmt: skip
    assert portal(place, *founding).returncode == 0
    assert portal(place, "backup", str(archive)).returncode == 0
    assert archive.stat().st_mode & 0o077 == 0, "an archive holds patients: only its owner may read it"
    again = portal(place, "backup", str(archive))
    assert again.returncode == 1 and "never overwritten" in again.stderr
    name = [
        "manage",
        "shell",
        "-c",
        "from clinics.models import Cluster; print(Cluster.objects.get().name_ru)",
    ]
    spoil = [
        "manage",
        "shell",
        "-c",
        "from clinics.models import Cluster; Cluster.objects.update(name_ru='x')",
    ]
    assert portal(place, *spoil).returncode == 0
    (place / "files" / "scan.pdf").write_text("spoilt")
    restored = portal(place, "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    assert portal(place, *name).stdout.splitlines()[-1] == "Островной кластер"
    assert (place / "files" / "scan.pdf").read_text() == "a scan"
    assert next(place.glob("files_before_*")).joinpath("scan.pdf").read_text() == "spoilt"


class Running:
    """``./portal run --empty`` and what one may do to it."""

    def __init__(self, place: Path, output: Path) -> None:
        self.place, self.port = place, free_port()
        self.output = output
        with output.open("w") as stream:
            self.process = subprocess.Popen(
                [PORTAL, "run", "--empty"],
                env=variables(place, PORT=str(self.port)),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        self.until("is ready after", 300)

    def until(self, text: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def state(self) -> str:
        """What ``/health/ready`` says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=30) as answer:
                return str(json.load(answer))
        except urllib.error.HTTPError as refused:
            return refused.read().decode()
        except OSError as error:
            return str(error)

    def ready(self) -> bool:
        return "'status': 'ready'" in self.state()

    def pids(self) -> dict[str, int]:
        """The supervised programs: children of the front door, by what they are."""
        kinds = {
            "postgres": "postgres",
            "valkey": "valkey-server",
            "web": "gunicorn",
            "worker": "worker-",
            "jobs": "jobs-",
            "beat": "run/beat",
        }
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
            except (OSError, IndexError):
                continue
            if parent == self.process.pid:
                found |= {kind: int(entry.name) for kind, mark in kinds.items() if mark in command}
        return found

    def stop(self, number: int = signal.SIGINT) -> float:
        begun = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(120) == 0
        return time.monotonic() - begun


@pytest.mark.concurrency
@pytest.mark.slow
def test_a_run_survives_the_death_of_each_part(place: Path, tmp_path: Path) -> None:
    running = Running(place, tmp_path / "out")
    try:
        assert running.ready(), running.state()
        before = running.pids()
        assert set(before) == {"postgres", "valkey", "web", "worker", "jobs", "beat"}
        for name, pid in before.items():
            os.kill(pid, signal.SIGKILL)
            running.until(f"{name} ended with signal 9", 30)
            deadline = time.monotonic() + 120
            while running.pids().get(name) in (None, pid) or not running.ready():
                assert time.monotonic() < deadline, f"{name} did not come back"
                time.sleep(0.1)
        everything = running.pids()
        assert all(everything[name] != pid for name, pid in before.items())
    finally:
        running.stop()
    assert not any(is_alive(pid) for pid in everything.values())
    assert not (place / "postgres" / "postmaster.pid").exists()
    assert running.output.read_text().rstrip().endswith("Stopped.")
    again = Running(place, tmp_path / "again")
    try:
        assert again.ready(), again.state()
        assert "Making the tables" not in again.output.read_text(), (
            "nothing changed, nothing is prepared again"
        )
    finally:
        again.stop(signal.SIGTERM)
