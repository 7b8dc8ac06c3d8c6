"""A running pair of embedded servers, for tests."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
import redis

from cluster_portal.embedded.servers import Servers
from cluster_portal.embedded.store import Store
from cluster_portal.embedded.supervisor import Supervisor

BASE = Path(__file__).resolve().parents[2]


class Pair:
    """A running pair of servers with everything that watches them."""

    def __init__(self, root: Path) -> None:
        self.said: list[str] = []
        self.store = Store(root)
        self.servers = Servers(self.store, BASE / ".venv")
        self.store.lock()
        self.supervisor = Supervisor(self.said.append)
        self.servers.start(self.supervisor)

    def addresses(self) -> dict[str, str]:
        return self.servers.addresses()

    def connect(self) -> psycopg2.extensions.connection:
        return psycopg2.connect(self.addresses()["DATABASE_URL"], connect_timeout=3)

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.addresses()["REDIS_URL"], socket_timeout=3)

    def pid(self, name: str) -> int:
        found = next(program.pid for program in self.supervisor.programs if program.name == name)
        assert found is not None
        return found

    def watch_until(self, condition: Callable[[], bool], seconds: float = 30) -> float:
        """Let the supervisor work until ``condition``; the seconds that it took."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            self.supervisor.look()
            if condition():
                return time.monotonic() - begun
            time.sleep(0.05)
        raise AssertionError(f"not in {seconds} s; the supervisor said {self.said}")

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        self.supervisor.stop()
        self.store.unlock()


@contextmanager
def own_directory(patch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory to be, which the servers' account may enter, and no servers of the operator's own."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        made.chmod(0o755)
        for name in ("DATABASE_URL", "REDIS_URL", "PORTAL_DATA"):
            patch.delenv(name, raising=False)
        patch.setattr("cluster_portal.embedded.programs.SHARED", made / "shared")
        yield made / "data"
