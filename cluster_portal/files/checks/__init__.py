"""What a file is, by its name, its first bytes and its structure; and what of it is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cluster_portal.files.checks import dicom, office, pdf, pictures, tiff
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import PACKED, Format, format_of_bytes, format_of_ending
from cluster_portal.files.names import safe_name, split_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.files.contents import Part, View

#: Each looks through a whole file and gives what is stored of it; all raise FileRefused.
CHECKS: dict[str, Callable[[View], list[Part]]] = {
    Format.PDF: pdf.check,
    Format.JPEG: pictures.jpeg,
    Format.PNG: pictures.png,
    Format.TIFF: tiff.check,
    Format.DICOM: dicom.check,
    Format.DOCX: office.document,
    Format.XLSX: office.sheet,
}

#: Programs that guess a type read about so much.
HEAD = 1024
_markup = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe|\?php)", re.IGNORECASE)
#: The end of a ZIP archive: 22 bytes and a comment of 64 KB at most.
ZIP_TAIL = 22 + 65535


class Examined(NamedTuple):
    """A file that may be kept: its harmless name, its format, and the parts of its content that are stored."""

    name: str
    format: Format
    parts: list[Part]


def examine(view: View, name: str) -> Examined:
    """Check that name, first bytes and structure agree, and that the content is that one format and nothing besides.

    Raises FileRefused, which says the reason.
    """
    ending = split_name(name)[1]
    if not ending:
        raise FileRefused("no_ending")
    expected = format_of_ending(ending)
    if expected is None:
        raise FileRefused("ending", ending=ending[:20])
    found = format_of_bytes(view[:HEAD])
    if found is None:
        raise FileRefused("content", expected=expected.label)
    if found in PACKED and expected in PACKED:
        # Which of them it is stands inside.
        found = expected
    if found != expected:
        raise FileRefused("other_format", expected=expected.label, found=found.label)
    refuse_mixtures(view, found)
    try:
        parts = CHECKS[found](view)
    except (IndexError, ValueError, OverflowError) as exc:
        # A length or an offset that leads out of the file.
        raise FileRefused("damaged") from exc
    return Examined(safe_name(name), found, parts)


def refuse_mixtures(view: View, found: Format) -> None:
    """Refuse what other programs would take for something else: markup or a PDF in front, an archive at the back."""
    head = view[:HEAD]
    if _markup.search(head) or b"%PDF-" in head[1:]:
        raise FileRefused("mixed")
    if found not in PACKED and has_archive(view):
        raise FileRefused("mixed")


def has_archive(view: View) -> bool:
    """Whether unpacking programs would find a ZIP archive, which they look for from the end."""
    start = max(0, len(view) - ZIP_TAIL)
    tail = view[start:]
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        size = int.from_bytes(tail[at + 12 : at + 16], "little")
        directory = start + at - size
        if directory >= 0 and (size == 0 or view[directory : directory + 4] == b"PK\x01\x02"):
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False
