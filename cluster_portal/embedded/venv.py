"""The virtual environment of a clone: made and filled from the locked requirements, once per change of them.

Through uv, of the machine or fetched by pip into ``build/uv`` (8 s), else through pip alone (17 s). uv also makes
the environment where Debian's python3-venv is missing. Nothing outside ``.venv`` and ``build/`` is touched.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster_portal import env

#: uv with its hashes, for machines without one.
UV = Path(__file__).with_name("uv.txt")

#: uv brings certificates of its own; behind an inspecting proxy only the machine's own list is right (the two
#: names of that switch are those of newer and older versions).
SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}


class InstallFailed(Exception):
    """The environment could not be made; the text says what to do."""


class Environment:
    """``.venv`` of the clone at ``base``."""

    def __init__(self, base: Path, say: Callable[[str], None]) -> None:
        self.base = base
        self.path = base / ".venv"
        self.python = self.path / "bin" / "python"
        self.say = say

    def ensure(self, *lists: str) -> None:
        """Install the locked ``lists`` (``requirements.txt`` …) unless exactly these are installed already.

        Raises:
            InstallFailed: no installer works here, or a package could not be had.
        """
        wanted = {name: self._digest(name) for name in lists}
        if self._is_installed(wanted):
            return
        with self._alone():
            if self._is_installed(wanted):
                return
            uv = self._uv()
            if not self._works():
                self.say("Making the Python environment in .venv …")
                uv = self._create(uv)
            self.say(f"Installing {' and '.join(lists)} {'through uv' if uv else 'through pip'} …")
            if not self._install(uv, lists) and not (uv and self._install_without_uv(lists)):
                raise InstallFailed(
                    "The requirements could not be installed (see above). The package index has to be "
                    "reachable once; PIP_INDEX_URL and UV_INDEX_URL name another one."
                )
            stamp = {**self._stamp(), **wanted, "python": self._python_id()}
            self._stamp_path.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")

    # -- what is there ------

    @property
    def _stamp_path(self) -> Path:
        return self.path / "portal-installed.json"

    def _stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads(self._stamp_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) and stamp.get("python") == self._python_id() else {}

    def _is_installed(self, wanted: dict[str, str]) -> bool:
        stamp = self._stamp()
        return bool(stamp) and all(stamp.get(name) == digest for name, digest in wanted.items())

    def _digest(self, name: str) -> str:
        return hashlib.sha256((self.base / name).read_bytes()).hexdigest()

    def _python_id(self) -> str:
        """Changes when the interpreter under the environment does (an upgrade, a removed pyenv version)."""
        try:
            target = self.python.resolve(strict=True)
            return f"{target} {target.stat().st_size}"
        except OSError:
            return "missing"

    def _works(self) -> bool:
        try:
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            answer = subprocess.run([self.python, "-c", check], capture_output=True, timeout=60, check=False)
        except OSError:
            return False
        return answer.returncode == 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two starts of one clone (two clusters) take turns."""
        build = self.base / "build"
        build.mkdir(exist_ok=True)
        with (build / "install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # -- doing it ------

    def _run(self, command: list[str], *, quiet: bool = False) -> bool:
        try:
            done = subprocess.run(
                command, cwd=self.base, check=False,
                env=env.for_child(SETTINGS),
                stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.DEVNULL if quiet else None,
            )  # fmt: skip
        except OSError:
            return False
        return done.returncode == 0

    def _uv(self) -> str | None:
        """The program uv: the machine's, one fetched before, or one fetched now; None where none can be had."""
        target = self.base / "build" / "uv"
        fetched = str(target / "bin" / "uv")
        for found in (shutil.which("uv"), fetched):
            # A shim of pyenv answers to the name and then fails; only a version is a proof.
            if found and Path(found).exists() and self._run([found, "--version"], quiet=True):
                return found
        fetch = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--target",
            str(target),
            "--require-hashes",
            "-r",
            str(UV),
        ]
        return fetched if self._run([sys.executable, *fetch], quiet=True) else None

    def _create(self, uv: str | None) -> str | None:
        """Make the environment; returns the uv to go on with, if any."""
        if uv and self._run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(self.path)]):
            return uv
        if self._run([sys.executable, "-m", "venv", "--clear", str(self.path)], quiet=True) and self._works():
            return None
        raise InstallFailed(
            "A Python environment cannot be made here. Install python3-venv (Debian, Ubuntu: "
            "apt-get install python3-venv) or uv, then start again."
        )

    def _install(self, uv: str | None, lists: tuple[str, ...]) -> bool:
        files = [part for name in lists for part in ("-r", name)]
        common = ["--require-hashes", "--only-binary", ":all:", *files]
        if uv:
            return self._run([uv, "pip", "install", "--quiet", "--python", str(self.python), *common])
        return self._run([str(self.python), "-m", "pip", "install", "--quiet", *common])

    def _install_without_uv(self, lists: tuple[str, ...]) -> bool:
        """What uv could not do, pip may: it reads other settings. uv's environments have no pip, so a new one."""
        self.say("uv could not; trying pip …")
        return self._create(None) is None and self._install(None, lists)
