"""The data directory: rights, lock, what it remembers."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cluster_portal.embedded.store import AlreadyRunning, Store, StoreProblem, free_port, port_is_free


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "data")
    made.create()
    return made


def test_the_directory_is_private(store: Store) -> None:
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700


def test_an_existing_directory_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir(mode=0o750)
    Store(tmp_path / "data").create()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o750


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreProblem, match="cannot be made"):
        Store(tmp_path / "file" / "data").create()


def test_what_is_put_is_there(store: Store) -> None:
    store.put(a=1)
    store.put(b="two")
    assert Store(store.root).read() == {"a": 1, "b": "two"}
    assert stat.S_IMODE((store.root / "servers.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_file_cut_short_counts_as_empty(store: Store, text: str) -> None:
    (store.root / "servers.json").write_text(text)
    assert store.read() == {}
    assert store.port("postgres")


def test_ports_and_passwords_stay(store: Store) -> None:
    port, password, key = store.port("postgres"), store.password("postgres"), store.secret_key()
    again = Store(store.root)
    assert (again.port("postgres"), again.password("postgres"), again.secret_key()) == (port, password, key)
    assert len(password) >= 24 and len(key) >= 50


def test_ports_stay_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(20):
        port = free_port()
        assert 20_000 <= port < lowest
        assert port_is_free(port)


def test_the_lock_is_held_by_one_and_ends_with_it(store: Store) -> None:
    assert not store.is_locked()
    script = (
        "import sys, time; from pathlib import Path; from cluster_portal.embedded.store import Store;"
        "store = Store(Path(sys.argv[1])); store.lock(); print('locked', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(store.root)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"locked\n"
    with pytest.raises(AlreadyRunning):
        store.lock()
    assert store.is_locked()
    other.kill()
    other.wait()
    store.lock()
    store.unlock()
    assert not store.is_locked()
