"""What one data directory remembers: ports, passwords, the signing key; and the lock on it.

The directory (``.portal/<cluster>`` or ``PORTAL_DATA``) holds::

    servers.json   ports and generated passwords, mode 0600
    secret.key     Django's signing key, mode 0600
    lock           held (flock) by the one supervisor that runs here
    postgres/ valkey/ log/ run/   and what Django keeps: files/ static/ mail/
"""

import fcntl
import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any


class AlreadyRunning(Exception):
    """Another supervisor holds this data directory."""


class StoreProblem(Exception):
    """The data directory cannot be used; the text says why."""


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, path)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now.

    Taken below the range from which the kernel gives ports to outgoing connections, so that no such
    connection sits on the port at the moment a killed server is started again.
    """
    for _ in range(200):
        port = 20_000 + secrets.randbelow(12_000)
        if port_is_free(port):
            return port
    raise StoreProblem("No free port was found between 20000 and 32000.")


def port_is_free(port: int) -> bool:
    """Whether ``port`` on 127.0.0.1 can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Store:
    """One data directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._lock: int | None = None

    def create(self, mode: int = 0o700) -> None:
        """Make the directory where it is missing; one that exists keeps its rights."""
        if not self.root.exists():
            try:
                self.root.parent.mkdir(parents=True, exist_ok=True)
                self.root.mkdir(mode=mode)
            except OSError as error:
                raise StoreProblem(f"The data directory cannot be made: {error}") from None
            self.root.chmod(mode)
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise StoreProblem(
                f"{self.root} belongs to another user; set PORTAL_DATA to a directory of yours."
            )
        for name in ("log", "run"):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> None:
        """Take the directory for this process; the kernel gives it back when the process ends in any way."""
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise AlreadyRunning(str(self.root)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._lock = descriptor

    def unlock(self) -> None:
        """Give the directory back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_locked(self) -> bool:
        """Whether a supervisor runs here now (this process or another one)."""
        if self._lock is not None:
            return True
        try:
            descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def read(self) -> dict[str, Any]:
        """Everything remembered. A file cut short by a crash counts as empty: ports are chosen again."""
        try:
            remembered = json.loads((self.root / "servers.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return remembered if isinstance(remembered, dict) else {}

    def get(self, name: str) -> Any:
        """One remembered value, or None."""
        return self.read().get(name)

    def put(self, **values: Any) -> None:
        """Remember values beside the others."""
        write_private(self.root / "servers.json", json.dumps({**self.read(), **values}, indent=1) + "\n")

    def port(self, name: str) -> int:
        """The remembered port of a server, or another one where somebody else listens there now."""
        remembered = self.get(f"{name}_port")
        if isinstance(remembered, int) and port_is_free(remembered):
            return remembered
        chosen = free_port()
        self.put(**{f"{name}_port": chosen})
        return chosen

    def password(self, name: str) -> str:
        """The remembered password of a server, made on first use; safe in a URL and in quotes."""
        remembered = self.get(f"{name}_password")
        if isinstance(remembered, str) and remembered:
            return remembered
        made = secrets.token_urlsafe(24)
        self.put(**{f"{name}_password": made})
        return made

    def secret_key(self) -> str:
        """Django's signing key of this portal, made on first use."""
        path = self.root / "secret.key"
        try:
            kept = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            kept = ""
        if not kept:
            kept = secrets.token_urlsafe(64)
            write_private(path, kept + "\n")
        return kept
