"""What a file is called: the sender's name for it, made harmless."""

from __future__ import annotations

import re
import unicodedata

#: Characters of a stored name at most, its ending included.
LONGEST = 120
_forbidden = re.compile(r'[<>:"|?*\\/]')
_blanks = re.compile(r"\s+")
#: Windows takes these for devices, whatever follows the dot.
_devices = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


def split_name(name: str) -> tuple[str, str]:
    """A harmless stem and the ending (lower case, without its dot; empty where there is none) of a sent name.

    No path, no control characters, nothing that turns the direction of the text or is not seen, nothing that a file
    system refuses. Letters of every language stay.
    """
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[\\/]", name)[-1]
    # Category C: control, format (bidirectional overrides, zero width), surrogates, private use, unassigned.
    name = "".join(
        " " if c in "\t\n\r" else c for c in name if c in "\t\n\r" or unicodedata.category(c)[0] != "C"
    )
    name = _blanks.sub(" ", _forbidden.sub("_", name)).rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    stem, ending = stem.strip(" ."), ending.strip().lower()
    if not stem or _devices.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}" if stem else "file"
    return stem[: LONGEST - len(ending[:10]) - 1].rstrip(" ."), ending


def safe_name(name: str) -> str:
    """The name under which a file is shown and downloaded."""
    stem, ending = split_name(name)
    return f"{stem}.{ending[:10]}" if ending else stem
