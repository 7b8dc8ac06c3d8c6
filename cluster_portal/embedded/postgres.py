"""The embedded PostgreSQL of one data directory: made once, started, healed, stopped.

Decisions (each was measured before it was taken):

* ICU is not in the wheel, so the collation is the builtin provider's ``PG_UNICODE_FAST``;
  ``--locale=C.UTF-8`` is what makes trigrams of Cyrillic words work (with ``C`` their similarity is 0).
* TCP on 127.0.0.1 with SCRAM and no Unix socket: no path limit of 107 bytes, no stale socket lock, and
  another user of the machine needs the password.
* The application's role ``portal`` owns the database and may create databases (for the tests), and is nothing
  more. The superuser's password is thrown away; roles are made in single-user mode, as root of the data.
* The log holds no statements and no details of errors, because both may name patients.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .account import Account
from .processes import is_alive, program_name, send, standing_in, working_directory
from .store import Store

ROLE = "portal"
DATABASE = "portal"

#: Time zone, encoding and messages of the server do not depend on the caller's environment: initdb fails on a
#: LANG that was never generated on the machine.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}


class PostgresProblem(Exception):
    """PostgreSQL could not be made or started; the text says what it said."""


class Postgres:
    """One PostgreSQL cluster below ``home``, its programs in ``programs``."""

    name = "postgres"

    def __init__(
        self, home: Path, programs: Path, account: Account, store: Store, *, durable: bool = True
    ) -> None:
        """``durable`` off gives up safety against crashes for speed; for tests only."""
        self.home = home
        self.data = home / "postgres"
        self.programs = programs
        self.account = account
        self.store = store
        self.durable = durable
        self.port = 0

    # -- making ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the data where they are missing, choose the port, clear what a crash left behind."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.stop_leftover()
        if self.store.get("postgres_ready") is not True:
            self._make_role_and_database()
            self.store.put(postgres_ready=True)
        self.port = self.store.port(self.name)

    def _run(self, command: list[str], given: str = "") -> None:
        done = subprocess.run(
            command, input=given, text=True, capture_output=True, cwd=self.home, env=ENVIRONMENT, check=False,
            **self.account.popen_arguments(),
        )  # fmt: skip
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise PostgresProblem(f"{Path(command[0]).name} failed:\n{said}")

    def _initialise(self) -> None:
        """initdb beside the final place, then one rename: a killed initdb leaves nothing half made."""
        self.store.put(postgres_ready=False, prepared=None, founded=None)
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.account.take(fresh)
        thrown_away = self.home / "postgres.first"
        thrown_away.unlink(missing_ok=True)
        descriptor = os.open(thrown_away, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(32))
        self.account.take(thrown_away)
        try:
            self._run([
                str(self.programs / "initdb"), "-D", str(fresh), "--username=postgres",
                f"--pwfile={thrown_away}", "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8", "--locale-provider=builtin",
                "--builtin-locale=PG_UNICODE_FAST", *([] if self.durable else ["--no-sync"]),
            ])  # fmt: skip
        finally:
            thrown_away.unlink(missing_ok=True)
        fresh.rename(self.data)

    def _make_role_and_database(self) -> None:
        """The application's role and database, by the single-user mode, which asks for no password."""
        password = self.store.password(self.name)
        # A DO block, as single-user mode reads one statement a line and knows no IF NOT EXISTS for roles.
        role = (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') "
            f"THEN CREATE ROLE {ROLE}; END IF; END $$"
        )
        statements = [
            "SET log_statement = 'none'",
            role,
            f"ALTER ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER PASSWORD '{password}'",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        ]
        # A second CREATE DATABASE only prints an error line; the mode goes on and ends with 0.
        self._run(
            [str(self.programs / "postgres"), "--single", "-D", str(self.data),
             "-c", "log_min_error_statement=panic", "postgres"],
            "\n".join(statements) + "\n",
        )  # fmt: skip

    # -- running --------------------------------------------------------------------------------------------

    def command(self) -> list[str]:
        """The command line of the server. Settings stand here, so a new version brings them."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "effective_cache_size": "1GB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "max_wal_size": "2GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            "log_line_prefix": "%m [%p] ",
            # A client that vanished (kill -9 of a web process on another machine) must not keep row locks.
            "tcp_keepalives_idle": "60",
            "idle_in_transaction_session_timeout": "5min",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def clear_stale_pid(self) -> None:
        """Before a start: remove a ``postmaster.pid`` that would keep the server from starting for ever.

        PostgreSQL itself copes with the file of a dead process, and through it refuses to start while
        processes of the killed server still live; so that file stays. It refuses for ever when the number now
        belongs to another process of the same user, or when the file was cut short; those are removed, once
        nothing of the old server is left.
        """
        path = self.data / "postmaster.pid"
        pid = self._recorded_pid()
        if not path.exists() or (pid is not None and (self._is_server(pid) or not is_alive(pid))):
            return
        deadline = time.monotonic() + 30
        while standing_in(self.data, "postgres"):
            if time.monotonic() > deadline:
                raise PostgresProblem(f"Processes of a killed PostgreSQL still stand in {self.data}.")
            time.sleep(0.1)
        path.unlink(missing_ok=True)

    def stop_leftover(self) -> None:
        """Stop a server that runs on our data without a supervisor, as after a kill of ours."""
        pid = self._recorded_pid()
        if pid is not None and self._is_server(pid):
            for number, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
                send(pid, number)
                deadline = time.monotonic() + patience
                while is_alive(pid) and time.monotonic() < deadline:
                    time.sleep(0.05)
        self.clear_stale_pid()

    def is_ready(self) -> bool:
        """Whether the server says that it takes connections (last line of its pid file)."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def url(self, database: str = DATABASE) -> str:
        """The address for ``DATABASE_URL``."""
        return f"postgresql://{ROLE}:{self.store.password(self.name)}@127.0.0.1:{self.port}/{database}"

    def _recorded_pid(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
            return abs(int(first))
        except (OSError, ValueError, IndexError):
            return None

    def _is_server(self, pid: int) -> bool:
        """Whether ``pid`` is a server on our data: by program and working directory, not by number alone."""
        place = working_directory(pid)
        if place is None or not is_alive(pid):
            return False
        return program_name(pid).startswith("postgres") and str(place) == os.path.realpath(self.data)
