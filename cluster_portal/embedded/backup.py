"""``./portal backup`` and ``./portal restore``: the database and the files of one portal in one archive.

The archive is a tar with ``portal.json`` (what, when, which version), ``database.dump`` (pg_dump's custom
format, one consistent moment) and ``files/``. The files are read after the database: one that is uploaded in
between is in the archive without its row, never the other way round. The signing key is not in it: an archive
that is read by a stranger must not let him forge sessions.
"""

import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cluster_portal import env

from .account import Account, servers_account
from .place import Place, say
from .programs import postgres_programs
from .running import Refused, servers_for

FORMAT = 1


def _programs(place: Place) -> Path:
    """pg_dump and pg_restore of the wheel, run by ourselves."""
    own = servers_account()
    if not own.own:
        own = Account("root", os.geteuid(), os.getegid())
    return postgres_programs(place.environment.path, own)


def _run(command: list[str], url: str) -> None:
    """Run a program of PostgreSQL with the address in its environment, where ``ps`` does not show it."""
    variables = _libpq(url)
    done = subprocess.run(command, env=env.for_child(variables), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{Path(command[0]).name} failed:\n{done.stderr.strip()[-2000:]}")


def _libpq(url: str) -> dict[str, str]:
    settings: dict[str, Any] = env.database_of(url)
    return {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
    }


def backup(place: Place, archive: str | None) -> int:
    """Write the archive; the portal may run meanwhile. It appears under its name only when it is whole."""
    begun = time.monotonic()
    place.environment.ensure("requirements.txt")
    now = datetime.now(UTC)
    default = place.base / "build" / "backups" / f"{place.cluster}-{now:%Y%m%d-%H%M%S}.tar"
    target = Path(archive).expanduser().absolute() if archive else default
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise Refused(f"{target} exists already; an archive is never overwritten.")
    with servers_for(place) as addresses, tempfile.TemporaryDirectory(dir=target.parent) as work:
        url = addresses.get("DATABASE_URL") or env.str("DATABASE_URL")
        dump = Path(work) / "database.dump"
        _run(
            [str(_programs(place) / "pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
             f"--file={dump}"],
            url,
        )  # fmt: skip
        about = {"format": FORMAT, "cluster": place.cluster, "made_at": now.isoformat(timespec="seconds")}
        fresh = Path(work) / "archive.tar"
        with tarfile.open(fresh, "w") as tar:
            text = json.dumps(about, indent=1).encode()
            entry = tarfile.TarInfo("portal.json")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
            tar.add(dump, "database.dump")
            files = place.store.root / "files"
            if files.is_dir():
                tar.add(files, "files")
        fresh.chmod(0o600)
        fresh.rename(target)
    say(f"{target}  ({target.stat().st_size / 1e6:.1f} MB, {time.monotonic() - begun:.1f} s)")
    return 0


def restore(place: Place, archive: str) -> int:
    """Put an archive back into this place's database and files.

    Nothing is thrown away: the database that is there keeps its tables in ``portal_before_<time>``, the files
    their directory. The portal must not run meanwhile. With a ``DATABASE_URL`` of your own use pg_restore by
    hand: which database may be replaced there is not for a script to decide.

    Raises:
        Refused: no such archive, not an archive of backup, or the place is in use.
    """
    begun = time.monotonic()
    place.environment.ensure("requirements.txt")
    source = Path(archive).expanduser().absolute()
    if not source.is_file():
        raise Refused(f"There is no archive {source}.")
    if env.is_set("DATABASE_URL"):
        raise Refused("With DATABASE_URL set, restore with pg_restore; docs/deployment.md shows how.")
    place.store.create(0o700 if servers_account().own else 0o711)
    if place.store.is_locked():
        raise Refused(f"A portal runs on {place.store.root}; stop it first.")
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    with tempfile.TemporaryDirectory(dir=place.store.root) as work:
        _unpack(source, Path(work))
        with servers_for(place, afresh=True) as addresses:
            url = addresses["DATABASE_URL"]
            programs = _programs(place)
            fresh = f"portal_restored_{stamp}"
            _sql(programs, url, f"CREATE DATABASE {fresh}")
            restored = url.rpartition("/")[0] + f"/{fresh}"
            _run(
                [str(programs / "pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error",
                 f"--dbname={fresh}", str(Path(work) / "database.dump")],
                restored,
            )  # fmt: skip
            _sql(programs, restored, "ANALYZE")
            _sql(programs, restored, f"ALTER DATABASE portal RENAME TO portal_before_{stamp}")
            before = url.rpartition("/")[0] + f"/portal_before_{stamp}"
            _sql(programs, before, f"ALTER DATABASE {fresh} RENAME TO portal")
        # Another database: what was prepared before says nothing about it.
        place.store.put(prepared=None)
        files = place.store.root / "files"
        if files.exists():
            files.rename(place.store.root / f"files_before_{stamp}")
        if (Path(work) / "files").is_dir():
            (Path(work) / "files").rename(files)
    say(
        f"Restored in {time.monotonic() - begun:.1f} s. What was there before: database portal_before_{stamp}, "
        f"files_before_{stamp}/. ./portal run starts the portal."
    )
    return 0


def _unpack(source: Path, work: Path) -> None:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(work, filter="data")
        about = json.loads((work / "portal.json").read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError):
        raise Refused(f"{source} is not a whole archive of ./portal backup.") from None
    if about.get("format") != FORMAT or not (work / "database.dump").is_file():
        raise Refused(f"{source} was made by another version of the portal.")


def _sql(programs: Path, url: str, statement: str) -> None:
    _run(
        [str(programs / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", statement],
        url,
    )
