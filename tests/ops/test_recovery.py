"""The recovery to a moment that docs/deployment.md describes, drilled on an embedded server."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from cluster_portal.embedded.account import servers_account
from cluster_portal.embedded.postgres import ENVIRONMENT
from cluster_portal.embedded.programs import postgres_programs
from cluster_portal.embedded.store import free_port

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]

BASE = Path(__file__).resolve().parents[2]
ACCOUNT = servers_account()


@contextmanager
def server(place: Path, data: Path, port: int, **settings: str) -> Iterator[psycopg2.extensions.connection]:
    """A server on ``data`` with the manual's settings, and a connection to it."""
    programs = postgres_programs(BASE / ".venv", ACCOUNT)
    options = {"port": str(port), "unix_socket_directories": "", "wal_level": "replica", **settings}
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, *(part for item in options.items() for part in ("-c", "=".join(item)))],
        cwd=place, env=ENVIRONMENT, stderr=(place / "log").open("ab"), **ACCOUNT.popen_arguments(),
    )  # fmt: skip
    connection = None
    try:
        deadline = time.monotonic() + 60
        while connection is None:
            try:
                connection = psycopg2.connect(host="127.0.0.1", port=port, user="drill", dbname="postgres")
            except psycopg2.OperationalError:
                assert process.poll() is None, (place / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        connection.autocommit = True
        yield connection
    finally:
        if connection is not None:
            connection.close()
        process.send_signal(2)
        process.wait(60)


def owned(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True)
    ACCOUNT.take(path)
    return path


def query(connection: psycopg2.extensions.connection, statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0]) if cursor.description else ""


def test_recovery_to_the_moment_before_a_mishap() -> None:
    programs = postgres_programs(BASE / ".venv", ACCOUNT)
    who = ACCOUNT.popen_arguments()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        data, archive = owned(place / "data"), owned(place / "wal")
        base = place / "base"
        subprocess.run(
            [programs / "initdb", "-D", data, "--username=drill", "--auth=trust", "--locale=C.UTF-8", "--no-sync"],
            cwd=place, env=ENVIRONMENT, capture_output=True, check=True, **who,
        )  # fmt: skip
        ACCOUNT.take(place)
        port = free_port()
        archiving = {"archive_mode": "on", "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f"}
        with server(place, data, port, **archiving) as connection:
            query(connection, "CREATE TABLE bookings AS SELECT generate_series(1, 1000) AS n")
            subprocess.run(
                [programs / "pg_basebackup", f"--pgdata={base}", "--checkpoint=fast", "--wal-method=none",
                 "--host=127.0.0.1", f"--port={port}", "--username=drill"],
                cwd=place, env=ENVIRONMENT, capture_output=True, check=True, **who,
            )  # fmt: skip
            query(connection, "INSERT INTO bookings SELECT generate_series(1001, 1500)")
            checksum = query(connection, "SELECT md5(string_agg(n::text, ',' ORDER BY n)) FROM bookings")
            moment = query(connection, "SELECT clock_timestamp()")
            time.sleep(0.2)
            query(connection, "DROP TABLE bookings")
            query(connection, "SELECT pg_switch_wal()")
            deadline = time.monotonic() + 30
            while query(connection, "SELECT last_archived_wal FROM pg_stat_archiver") == "None" or not any(
                archive.iterdir()
            ):
                assert time.monotonic() < deadline
                time.sleep(0.1)
        restored = place / "restored"
        shutil.copytree(base, restored)
        for path in [restored, *restored.rglob("*")]:
            ACCOUNT.take(path)
        signal_file = restored / "recovery.signal"
        signal_file.touch()
        ACCOUNT.take(signal_file)
        begun = time.monotonic()
        recovery = {
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
        }
        with server(place, restored, free_port(), **recovery) as connection:
            assert (
                query(connection, "SELECT md5(string_agg(n::text, ',' ORDER BY n)) FROM bookings") == checksum
            )
            assert time.monotonic() - begun < 60
