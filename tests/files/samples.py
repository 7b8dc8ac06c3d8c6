"""Tiny true files of every format, made here; tests spoil them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cluster_portal.files.checks.office import MAIN, SHEET


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """As a browser sends it."""
    return SimpleUploadedFile(name, content)


def pdf(catalog: bytes = b"", *, before: bytes = b"", after: bytes = b"", objects: bytes = b"") -> bytes:
    """One empty page; `catalog` goes into the catalogue, `objects` before the end."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + catalog + b">>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    body += b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>\nendobj\n" + objects
    body += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n"
    return before + body + str(len(body)).encode() + b"\n%%EOF\n" + after


def packed(
    content: bytes, unpacked: int = 0, *, name: bytes = b"ObjStm", more: bytes = b"", ascii: bool = False
) -> bytes:
    """An object stream of a PDF, which hides what it holds from plain search."""
    data = zlib.compress(content + b" " * unpacked, 9)
    how = b"/FlateDecode"
    if ascii:
        data, how = data.hex().encode() + b">", b"[/ASCIIHexDecode /FlateDecode]"
    head = b"9 0 obj\n<< /Filter %b %b /Type /%b /N 1 /First 0 /Length %d >>\nstream\n" % (
        how,
        more,
        name,
        len(data),
    )
    return head + data + b"\nendstream\nendobj\n"


def picture(kind: str, size: tuple[int, int] = (8, 8), mode: str = "RGB", **options: Any) -> bytes:
    """A plain picture by Pillow."""
    out = io.BytesIO()
    Image.new(mode, size, 100).save(out, kind, **options)
    return out.getvalue()


def jpeg(**options: Any) -> bytes:
    return picture("JPEG", **options)


def tiff(**options: Any) -> bytes:
    return picture("TIFF", **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG with its sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int = 4, height: int = 4, *, raw: bytes | None = None, more: bytes = b"", depth: int = 8
) -> bytes:
    """Grey points; `raw` replaces them, `more` stands before them."""
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    raw = (b"\0" * (1 + width * depth // 8)) * height if raw is None else raw
    points = chunk(b"IDAT", zlib.compress(raw, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + points + chunk(b"IEND", b"")


def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
    """An element of DICOM, explicit and little-endian."""
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HH2sH", group, number, kind, len(value)) + value


def dicom(preamble: bytes = b"", syntax: bytes = b"1.2.840.10008.1.2.1") -> bytes:
    meta = element(2, 2, b"UI", b"1.2.840.10008.5.1.4.1.1.12.1") + element(2, 16, b"UI", syntax)
    group = element(2, 0, b"UL", struct.pack("<I", len(meta)))
    return preamble.ljust(128, b"\0") + b"DICM" + group + meta + element(0x10, 0x10, b"PN", b"Demo^Patient")


TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="{main}"/>{more}</Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
)
DOCUMENT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>'


def relation(kind: str, target: str, mode: str = "External") -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    inner = f'<Relationship Id="r1" Type="{base}{kind}" Target="{target}" TargetMode="{mode}"/>'
    return RELATIONS.format(inner=inner).encode()


def docx(
    parts: dict[str, bytes] | None = None, *, main: str = MAIN, more: str = "", document: str = DOCUMENT
) -> bytes:
    """A document with nothing in it, and `parts` beside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES.format(main=main, more=more))
        archive.writestr("word/document.xml", document)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


WORKBOOK = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>'


def xlsx(parts: dict[str, bytes] | None = None, *, main: str = SHEET) -> bytes:
    """A workbook without sheets, and `parts` beside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        types = TYPES.format(main=main, more="").replace("/word/document.xml", "/xl/workbook.xml")
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("xl/workbook.xml", WORKBOOK)
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    """A ZIP that is no document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


#: One of each, under a name that fits.
GOOD = {
    "Холтер, 24 часа.pdf": pdf(),
    "снимок.JPG": jpeg(),
    "ЭКГ.jpeg": jpeg(progressive=True),
    "схема.png": png(),
    "скан.tif": tiff(),
    "скан сжатый.tiff": tiff(compression="tiff_lzw"),
    "кт.dcm": dicom(),
    "выписка.docx": docx(),
    "смета.xlsx": xlsx(),
}
