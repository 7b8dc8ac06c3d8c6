"""Compiles the translations without gettext's programs, which a bare machine does not have.

``python -m cluster_portal.ops.catalogues`` writes the ``.mo`` beside every ``.po`` that is newer.
"""

from __future__ import annotations

import os
from pathlib import Path

import polib

BASE = Path(__file__).resolve().parents[2]


def compile_all(base: Path = BASE) -> list[Path]:
    """Write what is out of date; returns the catalogues that were written.

    Two portals of one clone may do it at the same time, so each file is written whole and then renamed.
    """
    written = []
    for source in sorted((base / "locale").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
        written.append(target)
    return written


def incomplete(base: Path = BASE) -> dict[Path, list[str]]:
    """The messages of each catalogue that are untranslated or marked fuzzy; nothing where all are complete."""
    found = {}
    for source in sorted((base / "locale").glob("*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(source))
        missing = [
            entry.msgid
            for entry in catalogue
            if not entry.obsolete and (entry.fuzzy or not entry.translated())
        ]
        if missing:
            found[source] = missing
    return found


if __name__ == "__main__":
    compile_all()
