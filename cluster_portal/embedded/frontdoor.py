"""The commands of ``./portal``: what each takes, and which module does it."""

import argparse
import sys
from collections.abc import Sequence

from cluster_portal import env

from . import checks, running
from .account import AccountProblem
from .place import Place
from .postgres import PostgresProblem
from .programs import ProgramsMissing
from .store import AlreadyRunning, StoreProblem
from .supervisor import StartFailed
from .venv import InstallFailed

CLUSTERS = ("sakhalin", "skolkovo", "aktobe")
#: Commands whose arguments belong to another program.
PASSING_ON = frozenset({"manage", "test", "bench"})

#: Failures that are told in a sentence; anything else is a defect and keeps its traceback.
TOLD = (
    AccountProblem, AlreadyRunning, InstallFailed, PostgresProblem, ProgramsMissing, StartFailed,
    StoreProblem, running.Refused, env.EnvironmentProblem,
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="./portal",
        description="Portal of a regional medical cluster.",
        epilog="PORT (8000), HOST (127.0.0.1), PORTAL_DATA (.portal/<cluster>), DATABASE_URL and REDIS_URL "
        "(servers of your own) are read from the environment; README.md lists all of them.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, text: str, *, cluster: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        if cluster:
            added.add_argument("--cluster", choices=CLUSTERS, default=env.str("PORTAL_CLUSTER", CLUSTERS[0]))
        return added

    run = command("run", "Install what is missing, start everything, keep it running; Ctrl-C stops it.")
    run.add_argument("--empty", action="store_true", help="no demo data; asks for the first administrator")
    database = command("db", "Start only PostgreSQL and Valkey of the data directory, in the foreground.")
    database.add_argument("--env", action="store_true", help="print the addresses of running ones as exports")
    command("manage", "Run a command of Django; starts the servers for its duration when needed.")
    command("test", "Run every check, or with arguments only pytest with these.", cluster=False)
    command("bench", "Measure the portal beside the bare database.", cluster=False)
    command("lock", "Renew requirements.txt and requirements-dev.txt from the .in files.", cluster=False)
    backup = command("backup", "Write the database and the files of the portal into one archive.")
    backup.add_argument("archive", nargs="?", help="where to (default: build/backups/<cluster>-<time>.tar)")
    restore = command(
        "restore", "Put an archive of backup back; what is there now is kept under another name."
    )
    restore.add_argument("archive")
    return top


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status of the process."""
    try:
        own, others = split(arguments)
        return _dispatch(parser().parse_args(own), others)
    except AlreadyRunning as problem:
        print(
            f"portal: a portal already runs on {problem}. Stop it first, or choose another one with "
            "--cluster or PORTAL_DATA.",
            file=sys.stderr,
        )
    except TOLD as problem:
        print(f"portal: {problem}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those of Django, pytest or the measurements, which are handed on untouched.

    argparse cannot do that: it claims every option that comes first, such as pytest's ``-k``.
    """
    own, others = list(arguments), []
    if own and own[0] in PASSING_ON:
        mine = 1
        if own[0] == "manage" and len(own) > 2 and own[1] == "--cluster":
            mine = 3
        own, others = own[:mine], own[mine:]
    return own, others


def _dispatch(given: argparse.Namespace, others: Sequence[str]) -> int:
    place = Place.of_clone(getattr(given, "cluster", CLUSTERS[0]))
    if given.command == "run":
        return running.run(place, empty=given.empty)
    if given.command == "db":
        return running.print_addresses(place) if given.env else running.database(place)
    if given.command == "manage":
        return running.manage(place, others)
    if given.command == "test":
        return checks.test(place, others)
    if given.command == "bench":
        return running.bench(place, others)
    if given.command == "lock":
        return running.lock_requirements(place)
    from . import backup

    if given.command == "backup":
        return backup.backup(place, given.archive)
    return backup.restore(place, given.archive)
