"""``./portal test``: every check of the project, in order."""

import subprocess
import time
from collections.abc import Sequence

from cluster_portal import env

from . import browser
from .place import Place, say
from .running import Refused, servers_for
from .store import Store

#: Two ``./portal test`` of one clone at the same time use different servers.
PLACES = 8


def test(place: Place, arguments: Sequence[str]) -> int:
    """All checks; with ``arguments`` only pytest with these. The last line is pytest's own."""
    place.environment.ensure("requirements.txt", "requirements-dev.txt")
    if not env.is_set("PORTAL_DATA"):
        place.store = _free_store(place)
    chromium = browser.find(place.python, say)
    with servers_for(place, durable=False) as addresses:
        variables = place.variables(addresses, demo=True)
        if chromium:
            variables["PORTAL_BROWSER"] = chromium
        subprocess.run(
            [place.python, "-m", "cluster_portal.ops.catalogues"], cwd=place.base, env=variables, check=True
        )
        if arguments:
            return _pytest(place, variables, arguments)
        failed = [name for name, command in _steps(place) if not _step(place, variables, name, command)]
        variables["PORTAL_FAILED_STEPS"] = ", ".join(failed)
        processes = env.int("TEST_PROCESSES", 2)
        # What needs a browser or races others stays together on one process: see tests/conftest.py.
        status = _pytest(place, variables, ["-q", "-n", str(processes), "--dist", "loadgroup"])
        return status or (1 if failed else 0)


def _free_store(place: Place) -> Store:
    for number in range(1, PLACES + 1):
        store = Store(place.base / ".portal" / (f"test-{number}" if number > 1 else "test"))
        if not store.is_locked():
            return store
    raise Refused(f"{PLACES} runs of the tests are going on in this clone already.")


def _steps(place: Place) -> list[tuple[str, list[str]]]:
    python = place.python
    ruff = str(place.environment.path / "bin" / "ruff")
    imports = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return [
        ("style (ruff check)", [ruff, "check", "--quiet", "."]),
        ("format (ruff format)", [ruff, "format", "--quiet", "--check", "."]),
        ("import rules (import-linter)", [python, "-c", imports]),
        ("migrations are up to date", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("translations are complete", [python, "-m", "cluster_portal.ops.catalogues", "--check"]),
        ("system checks (manage.py check)", [python, "manage.py", "check", "--fail-level", "ERROR"]),
    ]


def _step(place: Place, variables: dict[str, str], name: str, command: Sequence[str]) -> bool:
    begun = time.monotonic()
    done = subprocess.run(
        list(command), cwd=place.base, env=variables, capture_output=True, text=True, check=False
    )
    passed = done.returncode == 0
    say(f"{'ok    ' if passed else 'FAILED'}  {name}  ({time.monotonic() - begun:.1f} s)")
    if not passed:
        say((done.stdout + done.stderr).strip()[-6000:])
    return passed


def _pytest(place: Place, variables: dict[str, str], arguments: Sequence[str]) -> int:
    command = [place.python, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=place.base, env=variables, check=False).returncode
