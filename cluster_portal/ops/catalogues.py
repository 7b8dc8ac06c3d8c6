"""Translations: compiled and checked without gettext's programs, which a bare machine does not have.

``python -m cluster_portal.ops.catalogues`` writes the ``.mo`` beside every ``.po`` that is newer; with
``--check`` it also says what is not translated, and ends with status 1 where anything is not.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

BASE = Path(__file__).resolve().parents[2]

#: Function → where its message, plural and context stand among the arguments (as Babel wants it).
FUNCTIONS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: Directories of the clone that hold no source of ours.
NOT_OURS = frozenset(
    {".venv", ".portal", ".git", "build", "tests", "docs", "node_modules", "static", "bench"}
)

#: Context and message, as a catalogue knows them.
Key = tuple[str | None, str]


def catalogue_files(base: Path = BASE) -> list[Path]:
    """The catalogues of all languages."""
    return sorted((base / "locale").glob("*/LC_MESSAGES/*.po"))


def compile_all(base: Path = BASE) -> list[Path]:
    """Write what is out of date; returns the catalogues that were written.

    Two portals of one clone may do it at the same time, so each file is written whole and then renamed.
    """
    written = []
    for source in catalogue_files(base):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
        written.append(target)
    return written


def _sources(base: Path) -> Iterator[Path]:
    """Modules and templates of ours."""
    for path in sorted(base.rglob("*")):
        parts = path.relative_to(base).parts
        ours = len(parts) > 1 and not NOT_OURS.intersection(parts)
        if ours and (path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in parts)):
            yield path


def source_messages(base: Path = BASE) -> dict[Key, str]:
    """Every message that the code and the templates want translated, with the file that wants it."""
    found: dict[Key, str] = {}
    for path in _sources(base):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # What stands for the template's own text is indented at random, which Python's tokens do not allow.
            text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
        name = str(path.relative_to(base))
        code = io.BytesIO(text.encode())
        for _line, function, message, _comments in extract_python(code, list(FUNCTIONS), [], {}):
            for key in _keys(function, message):
                found.setdefault(key, name)
    return found


def _keys(function: str, message: Any) -> Iterator[Key]:
    """The catalogue's key of one call; a call whose message is no literal has none."""
    arguments = message if isinstance(message, tuple) else (message,)
    where = FUNCTIONS[function] or (1,)
    context = None
    first = None
    for place in where:
        index = place[0] if isinstance(place, tuple) else place
        value = arguments[index - 1] if len(arguments) >= index else None
        if isinstance(place, tuple):
            context = value
        elif first is None:
            first = value
    if isinstance(first, str) and first:
        yield (context, first)


def incomplete(base: Path = BASE) -> dict[str, list[str]]:
    """For each language the messages that are missing, untranslated or marked fuzzy; nothing where complete."""
    wanted = source_messages(base)
    found: dict[str, list[str]] = {}
    for path in catalogue_files(base):
        language = path.parent.parent.name
        catalogue = polib.pofile(str(path))
        present = {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}
        problems = [
            f"{'fuzzy' if entry.fuzzy else 'untranslated'}: {entry.msgid!r}"
            for entry in catalogue
            if not entry.obsolete and (entry.fuzzy or not entry.translated())
        ]
        if path.name == "django.po":
            problems += [
                f"missing: {key[1]!r}{f' in the context {key[0]}' if key[0] else ''} ({wanted[key]})"
                for key in wanted.keys() - present
            ]
        # The source is English, so an English catalogue is not needed for what it says itself.
        if problems and language != "en":
            found.setdefault(language, []).extend(sorted(problems))
    return found


def main(arguments: list[str]) -> int:
    """Compile, and check where asked to."""
    compile_all()
    if "--check" not in arguments:
        return 0
    languages = {path.parent.parent.name for path in catalogue_files()}
    lines = [f"{language}: no catalogue in locale/" for language in sorted({"ru", "kk"} - languages)]
    for language, problems in incomplete().items():
        lines += [f"{language}: {len(problems)} messages are not translated", *problems[:40]]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
