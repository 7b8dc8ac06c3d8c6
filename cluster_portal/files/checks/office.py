"""DOCX and XLSX: an archive that is a document and nothing else; without macros, foreign objects and parts from
elsewhere.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from cluster_portal.files.contents import CHUNK
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.formats import MAX_PARTS, MAX_UNPACKED, Format

if TYPE_CHECKING:
    from cluster_portal.files.contents import Part, View

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#: What the main part of each format is declared as.
MAINS = {MAIN: Format.DOCX, SHEET: Format.XLSX}
TYPES = "[Content_Types].xml"
#: The largest part of the kind that is read whole: types and relations.
MAX_DESCRIPTION = 2 * 1024 * 1024
_macros = re.compile(r"macroEnabled|macrosheet|vbaProject|vbaData", re.IGNORECASE)
_bad_names = re.compile(r"(?:^|/)(?:vbaProject|vbaData|macrosheets/)", re.IGNORECASE)
_objects = re.compile(r"^(?:word|xl)/(?:embeddings|activeX)/|oleObject", re.IGNORECASE)
#: Other workbooks, programs that are asked for figures (DDE), databases.
_sources = re.compile(r"^xl/(?:externalLinks/|connections\.)", re.IGNORECASE)
_end = b"PK\x05\x06"
#: How zipfile and the XML parser say that they cannot read something.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ElementTree.ParseError,
)  # fmt: skip


def document(view: View) -> list[Part]:
    """The whole DOCX as it is. Raises FileRefused."""
    return _check(view, Format.DOCX)


def sheet(view: View) -> list[Part]:
    """The whole XLSX as it is. Raises FileRefused."""
    return _check(view, Format.XLSX)


def _check(view: View, expected: Format) -> list[Part]:
    try:
        with zipfile.ZipFile(_Mapped(view)) as archive:
            _check_archive(view, archive)
            _check_document(archive, expected)
    except _UNREADABLE as exc:
        raise FileRefused("damaged") from exc
    return [slice(0, len(view))]


class _Mapped(io.RawIOBase):
    """A mapped file for zipfile, which would close it."""

    def __init__(self, view: View) -> None:
        self.view, self.at = view, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: len(self.view)}[whence]
        if start + offset < 0:
            raise OSError("before the beginning")
        self.at = start + offset
        return self.at

    def readinto(self, buffer: bytearray) -> int:
        piece = self.view[self.at : self.at + len(buffer)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


def _check_archive(view: View, archive: zipfile.ZipFile) -> None:
    """One archive from the first byte to the last, with plain names, and no larger inside than can be looked at."""
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise FileRefused("pages")
    end = view.rfind(_end)
    # Something before the first entry or behind the last one is another file.
    if len(archive.comment) or end + 22 != len(view) or not entries:
        raise FileRefused("mixed")
    if min(entry.header_offset for entry in entries) != 0:
        raise FileRefused("mixed")
    names = [entry.filename for entry in entries]
    if len(set(map(str.lower, names))) != len(names):
        raise FileRefused("mixed")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise FileRefused("protected")
        path = entry.orig_filename
        if path.startswith("/") or "\\" in path or ":" in path or "\0" in path or ".." in path.split("/"):
            raise FileRefused("mixed")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise FileRefused("unpacked")
    # Entries that lie over one another unpack to more than the file could hold.
    if sum(entry.compress_size for entry in entries) > len(view):
        raise FileRefused("unpacked")


def _check_document(archive: zipfile.ZipFile, expected: Format) -> None:
    names = archive.namelist()
    if TYPES not in names:
        raise FileRefused("content", expected=expected.label)
    if any(_bad_names.search(name) for name in names):
        raise FileRefused("macros")
    if any(_objects.search(name) for name in names):
        raise FileRefused("embedded")
    if any(_sources.search(name) for name in names):
        raise FileRefused("external")
    types = [
        (one.get("PartName", "").lstrip("/"), one.get("ContentType", ""))
        for one in _description(archive, TYPES)
    ]
    if any(_macros.search(kind) for _part, kind in types):
        raise FileRefused("macros")
    found = {MAINS[kind] for part, kind in types if kind in MAINS and part in names}
    if not found:
        raise FileRefused("content", expected=expected.label)
    if found != {expected}:
        other = next(iter(found - {expected}))
        raise FileRefused("other_format", expected=expected.label, found=other.label)
    for name in names:
        if name.endswith(".rels"):
            if any(map(_leads_outside, _description(archive, name))):
                raise FileRefused("external")
        elif name != TYPES:
            _read_through(archive, name)


def _leads_outside(relation: ElementTree.Element) -> bool:
    """Whether opening the document fetches something. A link that a reader has to click is no danger before that."""
    outside = relation.get("TargetMode", "").strip().lower() == "external"
    return outside and not relation.get("Type", "").endswith("/hyperlink")


def _description(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part that says how the others hang together: its elements. UTF-8 only, and no declarations of its own."""
    if archive.getinfo(name).file_size > MAX_DESCRIPTION:
        raise FileRefused("pages")
    text = archive.read(name)
    text.decode("utf-8")
    if b"\0" in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise FileRefused("damaged")
    return ElementTree.fromstring(text)  # noqa: S314 - without declarations there is nothing to expand or to fetch


def _read_through(archive: zipfile.ZipFile, name: str) -> None:
    """Unpack a part piece by piece: its sums are right, and XML of it declares nothing of its own."""
    is_xml, before = name.lower().endswith((".xml", ".vml")), b""
    with archive.open(name) as part:
        while piece := part.read(CHUNK):
            if is_xml and (b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece):
                raise FileRefused("damaged")
            before = piece[-16:]
