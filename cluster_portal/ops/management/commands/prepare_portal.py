"""``manage.py prepare_portal``: everything that a start needs before the web may answer, in one process."""

from __future__ import annotations

import gc
import hashlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cluster_portal.ops import catalogues


class Command(BaseCommand):
    """Translations, migrations, dictionaries, static files, demo data; each only when there is something to do."""

    help = "Prepare the database, the translations, the static files and, in a demo, its cluster."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cluster", help="load this demo cluster where it is not loaded yet")
        parser.add_argument(
            "--database-only", action="store_true", help="tables and dictionaries; an image brings the rest"
        )

    def handle(
        self, *args: Any, cluster: str | None = None, database_only: bool = False, **options: Any
    ) -> None:
        # Millions of objects that live to the end: looking through them for rubbish takes a tenth of the start.
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)
        if database_only:
            self._migrate()
            self._load_dictionaries()
            return
        catalogues.compile_all()
        self.check(databases=["default"], include_deployment_checks=False)
        collecting = self._collect_static()
        self._migrate()
        self._load_dictionaries()
        if cluster:
            self._load_demo(cluster)
        if collecting is not None:
            self._wait_for(collecting)

    def _step(self, text: str, begun: float) -> None:
        self.stdout.write(f"  {text} ({time.monotonic() - begun:.1f} s)")
        self.stdout.flush()

    def _migrate(self) -> None:
        begun = time.monotonic()
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        self.stdout.write("Making the tables …")
        self.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)
        self._step("tables are up to date", begun)

    def _collect_static(self) -> subprocess.Popen[bytes] | None:
        """Begin collectstatic in a process of its own when a file changed since the last time.

        Digests and compression take a core for seconds, while the migrations mostly wait for PostgreSQL.
        """
        self._static_state = _state_of_static()
        stamp = _static_stamp()
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == self._static_state:
            return None
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        return subprocess.Popen([*manage, "collectstatic", "--noinput", "--clear", "--verbosity", "0"])

    def _wait_for(self, collecting: subprocess.Popen[bytes]) -> None:
        begun = time.monotonic()
        if collecting.wait() != 0:
            raise CommandError("The static files could not be collected.")
        _static_stamp().write_text(self._static_state, encoding="utf-8")
        self._step("static files are collected", begun)

    def _load_dictionaries(self) -> None:
        # Named, because the floors above bring it.
        if "load_dictionaries" in get_commands():
            call_command("load_dictionaries", verbosity=0)

    def _load_demo(self, cluster: str) -> None:
        begun = time.monotonic()
        call_command("load_demo", cluster, stdout=self.stdout)
        if time.monotonic() - begun > 1:
            self._step(f"demo cluster {cluster} is loaded", begun)
        if "demo_logins" in get_commands():
            logins = settings.DATA_DIR / "run" / "logins.txt"
            logins.parent.mkdir(parents=True, exist_ok=True)
            with logins.open("w", encoding="utf-8") as stream:
                call_command("demo_logins", stdout=stream, no_color=True)


def _static_stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".collected"


def _state_of_static() -> str:
    """A digest of names, sizes and times of the files that would be collected, packages' included."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list(apps.get_app_config("staticfiles").ignore_patterns):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
