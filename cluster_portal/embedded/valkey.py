"""The embedded Valkey of one data directory.

Every write goes to an append-only file before it is answered, so a killed process loses nothing
(``appendfsync no``: with ``everysec`` a write that meets the sync of its second on a slow disk is answered
first and written up to two seconds later). A power cut may take the last half minute; the truth about work
is in PostgreSQL in any case. Memory is never freed by dropping keys, because the keys are jobs and sessions.
"""

import socket
from pathlib import Path

from .account import Account
from .store import Store, write_private


class Valkey:
    """One Valkey below ``home``."""

    name = "valkey"

    def __init__(self, home: Path, program: Path, account: Account, store: Store) -> None:
        self.home = home
        self.data = home / "valkey"
        self.program = program
        self.account = account
        self.store = store
        self.port = 0

    def prepare(self) -> None:
        """Make the directory and the configuration (with the password, so it is private to the account)."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.take(self.data)
        self.port = self.store.port(self.name)
        path = self.data / "valkey.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            "protected-mode yes",
            f"requirepass {self.store.password(self.name)}",
            f'dir "{self.data}"',
            "daemonize no",
            "appendonly yes",
            "appendfsync no",
            "aof-load-truncated yes",
            'save ""',
            "maxmemory-policy noeviction",
            "databases 16",
            "loglevel notice",
        ]
        write_private(path, "\n".join(lines) + "\n")
        self.account.take(path)

    def command(self) -> list[str]:
        """The command line of the server."""
        return [str(self.program), str(self.data / "valkey.conf")]

    def ask(self, command: str) -> bytes | None:
        """The first bytes of the answer to one command without arguments; None when the server is away."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.store.password(self.name)}\r\n{command}\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = connection.recv(256)
                    if not part:
                        return b""
                    answer += part
        except OSError:
            return None
        return answer.split(b"\r\n")[1]

    def is_ready(self) -> bool:
        """Whether the server answers a PING (it refuses while it loads its file)."""
        return self.ask("PING") == b"+PONG"

    def forget(self) -> None:
        """Drop every key: after a restore, jobs and cached sessions of another time mean nothing."""
        self.ask("FLUSHALL")

    def stop_leftover(self) -> None:
        """Ask a server that survived its supervisor on our port to end; it saves its file first."""
        port = self.store.get(f"{self.name}_port")
        if isinstance(port, int):
            self.port = port
            self.ask("SHUTDOWN")

    def url(self) -> str:
        """The address for ``REDIS_URL``."""
        return f"redis://:{self.store.password(self.name)}@127.0.0.1:{self.port}/0"
