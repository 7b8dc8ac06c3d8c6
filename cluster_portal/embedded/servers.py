"""The pair of embedded servers of a data directory, under a supervisor."""

import signal
from pathlib import Path

from cluster_portal import env

from .account import servers_account
from .postgres import ENVIRONMENT, Postgres
from .programs import postgres_programs, servers_home, valkey_program
from .store import Store
from .supervisor import Program, Supervisor
from .valkey import Valkey


class Servers:
    """PostgreSQL and Valkey where the operator named none of his own (``DATABASE_URL``, ``REDIS_URL``)."""

    def __init__(self, store: Store, venv: Path, *, durable: bool = True) -> None:
        self.store = store
        self.account = servers_account()
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        store.create(0o700 if self.account.own else 0o711)
        self._venv = venv
        self._durable = durable

    def start(self, supervisor: Supervisor) -> None:
        """Start what is needed and wait until it answers. The caller holds the directory's lock."""
        home = servers_home(self.store, self.account)
        log = self.store.root / "log"
        if not env.is_set("DATABASE_URL"):
            postgres = Postgres(
                home,
                postgres_programs(self._venv, self.account),
                self.account,
                self.store,
                durable=self._durable,
            )
            postgres.prepare()
            supervisor.start(
                Program(
                    "postgres", postgres.command, log / "postgres.log", home, ENVIRONMENT, self.account,
                    before=postgres.clear_stale_pid, ready=postgres.is_ready, stop_signal=signal.SIGINT,
                    stop_patience=60, clear_signal=0,
                )
            )  # fmt: skip
            self.postgres = postgres
        if not env.is_set("REDIS_URL"):
            valkey = Valkey(home, valkey_program(self._venv, self.account), self.account, self.store)
            valkey.stop_leftover()
            valkey.prepare()
            supervisor.start(
                Program(
                    "valkey", valkey.command, log / "valkey.log", home, ENVIRONMENT, self.account,
                    ready=valkey.is_ready,
                )
            )  # fmt: skip
            self.valkey = valkey

    def addresses(self) -> dict[str, str]:
        """``DATABASE_URL`` and ``REDIS_URL`` of the servers that were started here."""
        found = {}
        if self.postgres is not None:
            found["DATABASE_URL"] = self.postgres.url()
        if self.valkey is not None:
            found["REDIS_URL"] = self.valkey.url()
        return found


def running_addresses(store: Store) -> dict[str, str]:
    """The addresses of the servers that another process runs on this data directory."""
    remembered = store.read()
    found = {}
    if not env.is_set("DATABASE_URL") and "postgres_port" in remembered:
        postgres = Postgres(Path(remembered.get("home", store.root)), Path(), servers_account(), store)
        postgres.port = int(remembered["postgres_port"])
        found["DATABASE_URL"] = postgres.url()
    if not env.is_set("REDIS_URL") and "valkey_port" in remembered:
        valkey = Valkey(Path(remembered.get("home", store.root)), Path(), servers_account(), store)
        valkey.port = int(remembered["valkey_port"])
        found["REDIS_URL"] = valkey.url()
    return found
