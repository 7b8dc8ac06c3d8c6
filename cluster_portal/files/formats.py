"""The kinds of files that the portal takes, and what each is called and served as."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices

MEGABYTE = 1024 * 1024
#: The largest file (bytes), how many may be sent at once, and the largest request that carries them.
MAX_SIZE = 25 * MEGABYTE
MAX_AT_ONCE = 5
MAX_REQUEST = MAX_AT_ONCE * MAX_SIZE + MEGABYTE
#: The largest picture, in points: an A3 page scanned at 600 dpi has 70 million.
MAX_POINTS = 80_000_000
#: What a packed file may grow to (bytes).
MAX_UNPACKED = 200 * MEGABYTE
#: Pages of a TIFF, parts of a DOCX or XLSX.
MAX_PAGES, MAX_PARTS = 500, 2000


class Format(TextChoices):
    """Names are the same in every language."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    TIFF = "tiff", "TIFF"
    DICOM = "dicom", "DICOM"
    DOCX = "docx", "DOCX"
    XLSX = "xlsx", "XLSX"


class Traits(NamedTuple):
    """The endings of a format's names, the first one being the usual; the type it is served as."""

    endings: tuple[str, ...]
    content_type: str


TRAITS: dict[str, Traits] = {
    Format.PDF: Traits(("pdf",), "application/pdf"),
    Format.JPEG: Traits(("jpg", "jpeg", "jpe"), "image/jpeg"),
    Format.PNG: Traits(("png",), "image/png"),
    Format.TIFF: Traits(("tif", "tiff"), "image/tiff"),
    Format.DICOM: Traits(("dcm", "dicom", "dic"), "application/dicom"),
    Format.DOCX: Traits(("docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    Format.XLSX: Traits(("xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
#: ZIP archives by their first bytes.
PACKED = (Format.DOCX, Format.XLSX)
BY_ENDING = {ending: name for name, traits in TRAITS.items() for ending in traits.endings}
#: For the `accept` of a field: endings alone, types are different on each machine.
ACCEPT = ",".join(f".{ending}" for ending in BY_ENDING)
ALL_LABELS = ", ".join(Format.labels)


def format_of_ending(ending: str) -> Format | None:
    """The format that names with this ending (without its dot) promise."""
    found = BY_ENDING.get(ending.lower())
    return Format(found) if found else None


def format_of_bytes(head: bytes) -> Format | None:
    """The format that the first bytes (132 or more) are of. A ZIP archive counts as DOCX until it is looked into."""
    if head.startswith(b"%PDF-"):
        return Format.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    # DICOM before TIFF: a whole-slide image may lawfully be both, and the preamble is looked at by its own check.
    if head[128:132] == b"DICM":
        return Format.DICOM
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return Format.TIFF
    if head.startswith(b"PK\x03\x04"):
        return Format.DOCX
    return None
