"""Which account of the operating system the embedded servers run under.

PostgreSQL refuses to run as root. An ordinary user runs everything as itself; root runs the servers as the
account named by ``PORTAL_USER``, else ``cluster-portal`` where the machine has it, else ``nobody``. No
account is created and no directory that already exists gets other rights.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster_portal import env


class AccountProblem(Exception):
    """The servers cannot run under the wanted account; the text says why."""


@dataclass(frozen=True)
class Account:
    """A user of the operating system. ``own`` is true when it is the one this process runs as."""

    name: str
    uid: int
    gid: int

    @property
    def own(self) -> bool:
        return self.uid == os.geteuid()

    def popen_arguments(self) -> dict[str, Any]:
        """Keyword arguments for ``subprocess`` that start a program under this account."""
        return {} if self.own else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Make this account the owner of ``path`` (one file or directory, not what it holds)."""
        if not self.own:
            os.chown(path, self.uid, self.gid)

    def may(self, path: Path, mode: int) -> bool:
        """Whether this account may use ``path`` in ``mode`` (``os.R_OK`` …), all its parents considered.

        Asked of the kernel by a forked child under the account itself, because rights of parents, groups and
        access lists cannot be worked out from ``stat`` alone.
        """
        if self.own:
            return os.access(path, mode)
        child = os.fork()
        if child == 0:
            allowed = False
            try:
                os.setgroups([])
                os.setgid(self.gid)
                os.setuid(self.uid)
                allowed = os.access(path, mode)
            finally:
                os._exit(0 if allowed else 1)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0


def servers_account() -> Account:
    """The account for PostgreSQL and Valkey: our own, or the unprivileged one when we are root."""
    if os.geteuid() != 0:
        own = os.geteuid()
        try:
            name = pwd.getpwuid(own).pw_name
        except KeyError:
            # initdb looks its own user up; a bare numeric user of a container has no entry.
            raise AccountProblem(
                f"The user id {own} has no entry in /etc/passwd, which PostgreSQL's initdb needs. "
                "Add one, or give DATABASE_URL and REDIS_URL."
            ) from None
        return Account(name, own, os.getegid())
    wanted = env.str("PORTAL_USER", None)
    for name in [wanted] if wanted else ["cluster-portal", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise AccountProblem(
                "PostgreSQL does not run as root: PORTAL_USER should be an ordinary account."
            )
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise AccountProblem(f"The account {wanted or 'nobody'} does not exist on this machine; set PORTAL_USER.")
