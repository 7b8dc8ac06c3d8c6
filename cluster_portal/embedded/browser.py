"""A Chromium for the browser tests: found, or installed where root may, or done without, loudly."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from cluster_portal import env

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
#: Cyrillic letters need a font, and Playwright's driver needs libatomic, on a machine that has neither.
PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")


def find(python: str, say: Callable[[str], None]) -> str | None:
    """The path of a usable browser, or None after saying why there is none."""
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium for the browser tests …")
        quiet = {**env.for_child({"DEBIAN_FRONTEND": "noninteractive"})}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES],
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                say(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-400:]}")
                break
        found = _installed()
    if found is None:
        say(
            "NO BROWSER: the browser tests will be skipped. Install chromium, or name one with PORTAL_BROWSER."
        )
        return None
    driver = subprocess.run(
        [python, "-m", "playwright", "--version"], capture_output=True, text=True, check=False
    )
    if driver.returncode != 0:
        say(f"NO BROWSER DRIVER: the browser tests will be skipped ({driver.stderr.strip()[-300:]}).")
        return None
    return found


def _installed() -> str | None:
    named = env.str("PORTAL_BROWSER", None)
    if named:
        return named if Path(named).is_file() else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)
