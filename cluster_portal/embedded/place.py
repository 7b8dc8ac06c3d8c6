"""Where one portal lives: the clone, its environment, and the data directory of one cluster."""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cluster_portal import env

from .store import Store
from .venv import Environment

#: What a start prepares from: tables, translations, static files, demo data, the packages behind them.
SOURCES = (
    "cluster_portal",
    "clinics",
    "patients",
    "training",
    "investors",
    "locale",
    "static",
    "manage.py",
    "requirements.txt",
)


def say(text: str) -> None:
    """A line for the person at the terminal, at once even into a file; a closed terminal stops nothing."""
    _write(sys.stdout, text)


@dataclass
class Place:
    """The clone at ``base`` with the cluster that is asked for."""

    base: Path
    cluster: str
    store: Store
    environment: Environment

    @classmethod
    def of_clone(cls, cluster: str) -> "Place":
        base = Path(__file__).resolve().parents[2]
        data = env.path("PORTAL_DATA", base / ".portal" / cluster)
        return cls(base, cluster, Store(data), Environment(base, say))

    @property
    def python(self) -> str:
        return str(self.environment.python)

    def fingerprint(self, *extra: str) -> str:
        """Changes with every file that `prepare_portal` looks at, by name, size and time."""
        digest = hashlib.sha256("\n".join([str(self.base), *extra]).encode())
        for source in SOURCES:
            root = self.base / source
            for path in sorted([root, *root.rglob("*")]):
                if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                    status = path.stat()
                    digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    def variables(self, addresses: dict[str, str], *, demo: bool) -> dict[str, str]:
        """The whole environment of a program of this portal.

        What the operator set stays; the rest is filled in: servers, signing key, directories, hosts.
        """
        root = self.store.root
        filled = {
            "PORTAL_DATA": str(root),
            "PORTAL_CLUSTER": self.cluster,
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{self.environment.path / 'bin'}:{env.str('PATH', '/usr/bin:/bin')}",
        }
        if demo:
            filled["PORTAL_DEMO"] = "1"
        if not env.is_set("SECRET_KEY"):
            filled["SECRET_KEY"] = self.store.secret_key()
        if not env.is_set("ALLOWED_HOSTS"):
            filled["ALLOWED_HOSTS"] = "localhost,127.0.0.1,[::1]"
        return env.for_child({**filled, **addresses})


def stderr(text: str) -> None:
    """A line that does not mix with a command's output."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    try:
        print(text, file=stream, flush=True)
    except OSError:
        return
