"""The embedded PostgreSQL and Valkey under the supervisor: start, kill -9, stale files, ports, rights."""

import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from cluster_portal.embedded.account import servers_account
from cluster_portal.embedded.place import Place
from cluster_portal.embedded.servers import running_addresses
from cluster_portal.embedded.store import AlreadyRunning, Store
from tests.embedded.pair import BASE, Pair

pytestmark = [pytest.mark.concurrency]


@pytest.fixture
def pair(root: Path) -> Iterator[Pair]:
    made = Pair(root)
    yield made
    made.stop()


def test_cyrillic_trigrams_and_letters_work(pair: Pair) -> None:
    with pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist")
        cursor.execute(
            "SELECT similarity('Иванов', 'Иваноф'), lower('ЁӘҒҚҢӨҰҮҺІ'), current_setting('TimeZone')"
        )
        similarity, lowered, zone = cursor.fetchone()
    assert similarity > 0.5
    assert lowered == "ёәғқңөұүһі"
    assert zone == "UTC"


def test_the_role_is_no_superuser_and_needs_its_password(pair: Pair) -> None:
    with pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, True)
        cursor.execute("SELECT datcollate, datlocale FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone() == ("C.UTF-8", "PG_UNICODE_FAST")
    address = pair.addresses()["DATABASE_URL"].replace(pair.store.password("postgres"), "wrong")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(address)


def test_secrets_and_data_are_private(pair: Pair) -> None:
    pair.store.secret_key()
    for name in ("servers.json", "secret.key"):
        assert stat.S_IMODE((pair.store.root / name).stat().st_mode) == 0o600
    for name in ("postgres", "valkey", "log", "run"):
        assert stat.S_IMODE((pair.store.root / name).stat().st_mode) == 0o700
    owner = servers_account()
    assert (pair.store.root / "postgres").stat().st_uid == owner.uid


def test_parents_keep_their_rights(root: Path) -> None:
    before = {path: path.stat().st_mode for path in root.parents}
    made = Pair(root)
    made.stop()
    assert {path: path.stat().st_mode for path in root.parents} == before


def test_killed_postgres_comes_back_with_every_acknowledged_row(pair: Pair) -> None:
    with pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int)")
    acknowledged = 0
    for _ in range(3):
        connection = pair.connect()
        for _ in range(50):
            with connection, connection.cursor() as cursor:
                cursor.execute("INSERT INTO kept VALUES (1)")
            acknowledged += 1
        os.kill(pair.pid("postgres"), signal.SIGKILL)
        pair.watch_until(pair.answers)
    with pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (acknowledged,)
    assert sum("postgres ended with signal 9" in line for line in pair.said) == 3


def test_killed_valkey_comes_back_with_every_acknowledged_item(pair: Pair) -> None:
    client = pair.redis()
    for number in range(1000):
        client.rpush("list", number)
    os.kill(pair.pid("valkey"), signal.SIGKILL)

    def back() -> bool:
        try:
            return bool(pair.redis().ping())
        except redis.RedisError:
            return False

    pair.watch_until(back)
    assert pair.redis().llen("list") == 1000


def test_a_clean_stop_keeps_data_ports_and_passwords(root: Path) -> None:
    first = Pair(root)
    with first.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 7 AS n")
    first.redis().set("kept", "7")
    addresses = first.addresses()
    assert running_addresses(Store(root)) == addresses
    first.stop()
    assert not (root / "postgres" / "postmaster.pid").exists()
    second = Pair(root)
    try:
        assert second.addresses() == addresses
        assert second.redis().get("kept") == b"7"
        with second.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT n FROM kept")
            assert cursor.fetchone() == (7,)
    finally:
        second.stop()


def test_a_port_taken_by_somebody_else_is_changed(root: Path) -> None:
    first = Pair(root)
    first.stop()
    taken = Store(root).get("postgres_port")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        second = Pair(root)
        try:
            assert second.answers()
            assert second.store.get("postgres_port") != taken
        finally:
            second.stop()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("12", id="cut short"),
        pytest.param(
            "{sleeper}\n/elsewhere\n1\n1\n\n127.0.0.1\n 1 1\nready\n", id="number of another process"
        ),
        pytest.param("999999999\n/elsewhere\n1\n1\n\n127.0.0.1\n 1 1\nready\n", id="dead process"),
    ],
)
def test_a_stale_pid_file_does_not_stop_the_start(root: Path, content: str) -> None:
    first = Pair(root)
    first.stop()
    account = servers_account()
    sleeper = subprocess.Popen(["sleep", "60"], **account.popen_arguments())
    try:
        path = root / "postgres" / "postmaster.pid"
        path.write_text(content.format(sleeper=sleeper.pid), encoding="utf-8")
        account.take(path)
        second = Pair(root)
        try:
            assert second.answers()
        finally:
            second.stop()
        assert sleeper.poll() is None, "a process that is not ours must not be touched"
    finally:
        sleeper.kill()
        sleeper.wait()


def test_servers_that_outlived_their_supervisor_are_taken_over(root: Path, tmp_path: Path) -> None:
    """kill -9 of the supervisor: the kernel tells the servers; the next start finds the data."""
    with (tmp_path / "out").open("w") as output:
        running = subprocess.Popen(
            [os.fspath(BASE / "portal"), "db"], env={**os.environ, "PORTAL_DATA": str(root)}, stdout=output
        )
    deadline = time.monotonic() + 60
    while "running" not in (tmp_path / "out").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(AlreadyRunning):
        Store(root).lock()
    running.kill()
    running.wait()
    second = Pair(root)
    try:
        assert second.answers()
        assert second.redis().ping()
    finally:
        second.stop()


def test_an_interrupted_first_start_is_begun_again(root: Path) -> None:
    """initdb killed half way leaves only the directory that the next start throws away."""
    store = Store(root)
    store.create(0o755)
    (root / "postgres.new").mkdir()
    (root / "postgres.new" / "half").write_text("made")
    made = Pair(root)
    try:
        assert made.answers()
        assert not (root / "postgres.new").exists()
    finally:
        made.stop()


def test_forgotten_passwords_are_made_anew(root: Path) -> None:
    """servers.json lost: the data stay, role and password are set again through the single-user mode."""
    first = Pair(root)
    with first.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 7 AS n")
    first.stop()
    (root / "servers.json").unlink()
    second = Pair(root)
    try:
        with second.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT n FROM kept")
            assert cursor.fetchone() == (7,)
    finally:
        second.stop()


def test_the_operators_own_servers_are_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@db.example:5432/portal")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example:6379/0")
    made = Pair(root)
    assert made.supervisor.programs == []
    assert made.addresses() == {}
    made.stop()


def test_two_places_run_side_by_side(root: Path, pair: Pair) -> None:
    other = Pair(root.parent / "other")
    try:
        assert other.answers() and pair.answers()
        assert other.addresses()["DATABASE_URL"] != pair.addresses()["DATABASE_URL"]
    finally:
        other.stop()


def test_the_log_quotes_neither_statements_nor_rows(pair: Pair) -> None:
    with pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE people (name text UNIQUE)")
        cursor.execute("INSERT INTO people VALUES ('Канарейкин')")
    with pytest.raises(psycopg2.IntegrityError), pair.connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO people VALUES ('Канарейкин')")
    log = (pair.store.root / "log" / "postgres.log").read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "Канарейкин" not in log


def test_a_place_below_a_closed_directory(root: Path) -> None:
    """Root with its clone in /root: the servers' account cannot enter, so data go where it can."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the servers as another account")
    closed = root.parent / "closed"
    closed.mkdir(mode=0o700)
    made = Pair(closed / "data")
    try:
        assert made.answers()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        home = Path(made.store.get("home"))
        assert home.parent == root.parent / "shared"
        assert (home / "owner").read_text().strip() == str(closed / "data")
    finally:
        made.stop()


def test_the_place_of_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_DATA", raising=False)
    assert Place.of_clone("aktobe").store.root == BASE / ".portal" / "aktobe"
    monkeypatch.setenv("PORTAL_DATA", "/somewhere/else")
    assert Place.of_clone("aktobe").store.root == Path("/somewhere/else")
