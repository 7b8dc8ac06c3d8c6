"""A database with all migrations done, kept on the tests' own server and copied for each test process.

Migrating takes some ten seconds, copying one. The copy kept is named by what the migrations say, so that a change
of any of them, or of a library's, makes a new one.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

BASE = Path(__file__).parent.parent
#: What migrations are made of: themselves, what they load, what of the portal's code they call, the libraries'.
SOURCES = ("**/migrations/*.py", "*/data/*", "cluster_portal/common/*.py", "cluster_portal/audit/*.py")
PREFIX = "migrated_"
#: One process of a test run migrates, the others wait for it.
LOCK = 7_310_001


def name() -> str:
    """The name that the migrated database of this tree has."""
    digest = hashlib.sha256((BASE / "requirements.txt").read_bytes())
    files = {path for pattern in SOURCES for path in BASE.glob(pattern) if path.is_file()}
    for path in sorted(files):
        if ".venv" not in path.parts:
            digest.update(str(path.relative_to(BASE)).encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def ensure() -> str:
    """The migrated database's name; it is made if it is not there, and older ones go."""
    wanted = name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        kept = set(_kept(cursor))
        if wanted not in kept:
            _make(cursor, wanted)
        for old in kept - {wanted}:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
    return wanted


def _make(cursor: CursorWrapper, wanted: str) -> None:
    """Migrated under another name first: a run that is broken off leaves nothing that looks whole."""
    with _empty(cursor, "un" + wanted) as unfinished:
        call_command("migrate", verbosity=0, interactive=False)
    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, sql.Identifier(wanted)))


@contextmanager
def _empty(cursor: CursorWrapper, name: str) -> Iterator[sql.Identifier]:
    """The connection is with a new, empty database of this name meanwhile."""
    database = sql.Identifier(name)
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(database))
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(database))
    settings = connection.settings_dict
    own = settings["NAME"]
    connection.close()
    settings["NAME"] = name
    try:
        yield database
    finally:
        connection.close()
        settings["NAME"] = own


def _kept(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX.replace("_", r"\_") + "%"]
    )
    yield from (row[0] for row in cursor.fetchall())
