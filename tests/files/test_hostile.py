"""Files that are not what they say, or harm whoever opens them: each is refused with its reason at the field."""

from __future__ import annotations

import struct
import zlib

import pytest

from cluster_portal.files.errors import REASONS, FileRefused
from cluster_portal.files.storage import kept
from tests.files import samples as s

SCRIPT = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
JAVASCRIPT = b"<< /S /JavaScript /JS (x) >>"
PROGRAM = b"MZ" + b"\x90\0\x03\0" * 40
ZIP = s.archive(**{"payload.js": b"alert(1)" * 20})


def looped_tiff() -> bytes:
    """A page that says that it follows itself."""
    good = bytearray(s.tiff())
    at = int.from_bytes(good[4:8], "little")
    number = int.from_bytes(good[at : at + 2], "little")
    place = at + 2 + 12 * number
    good[place : place + 4] = at.to_bytes(4, "little")
    return bytes(good)


def wide_tiff() -> bytes:
    """The width of the first page is changed to a hundred million."""
    good = bytearray(s.tiff())
    at = int.from_bytes(good[4:8], "little")
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(good[at : at + 2], "little"), 12):
        if int.from_bytes(good[entry : entry + 2], "little") == 256:
            good[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, 100_000_000)
    return bytes(good)


def huge_jpeg() -> bytes:
    """The frame says 60 000 × 60 000."""
    good = bytearray(s.jpeg())
    at = good.index(b"\xff\xc0")
    good[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(good)


def overlapping_docx() -> bytes:
    """A hundred parts that all lie in the same bytes."""
    whole = s.docx({"word/media/a.bin": b"\0" * 3_000_000})
    end = whole.rindex(b"PK\x05\x06")
    size, offset = struct.unpack("<II", whole[end + 12 : end + 20])
    directory = whole[offset : offset + size]
    last = directory.rindex(b"PK\x01\x02")
    copies = b"".join(
        directory[last:].replace(b"word/media/a.bin", b"word/media/%05d" % n) for n in range(100)
    )
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 103, 103, size + len(copies), offset, 0)
    return whole[:offset] + directory + copies + tail


def locked_docx() -> bytes:
    """The bit of a password is set on every part."""
    good = bytearray(s.docx())
    at = good.find(b"PK\x01\x02")
    while at >= 0:
        good[at + 8] |= 1
        at = good.find(b"PK\x01\x02", at + 4)
    return bytes(good)


HOSTILE: dict[str, tuple[str, bytes, str]] = {
    # Names and contents that do not agree.
    "svg": ("рентген.svg", SVG, "ending"),
    "html": ("заключение.html", b"<html>" + SCRIPT, "ending"),
    "program": ("viewer.exe", PROGRAM, "ending"),
    "no ending": ("заключение", s.pdf(), "no_ending"),
    "ending behind another": ("scan.pdf.js", s.pdf(), "ending"),
    "turned name": ("scan\u202efdp.exe", s.pdf(), "ending"),
    "svg as png": ("рентген.png", SVG, "content"),
    "html as png": ("x.png", b"<!DOCTYPE html>" + SCRIPT, "content"),
    "html as pdf": ("x.pdf", b"<html>" + SCRIPT, "content"),
    "program as pdf": ("x.pdf", PROGRAM, "content"),
    "script as jpeg": ("x.jpg", b"#!/bin/sh\nrm -rf ~\n" * 20, "content"),
    "eicar as pdf": ("x.pdf", EICAR, "content"),
    "gif as png": ("x.png", b"GIF89a" + b"\0" * 200, "content"),
    "pdf as png": ("x.png", s.pdf(), "other_format"),
    "zip as pdf": ("x.pdf", ZIP, "other_format"),
    "empty": ("x.pdf", b"", "empty"),
    # Two formats in one file.
    "pdf behind other bytes": ("x.pdf", s.pdf(before=b"MZ\x90\0"), "content"),
    "pdf and a zip behind it": ("x.pdf", s.pdf(after=ZIP), "mixed"),
    "pdf and html behind it": ("x.pdf", s.pdf(after=SCRIPT), "mixed"),
    "pdf with a page in front": ("x.pdf", s.pdf(b"/Title (<html>" + SCRIPT + b") "), "mixed"),
    "jpeg and a zip behind it": ("x.jpg", s.jpeg() + ZIP, "mixed"),
    "jpeg with a page in its comment": ("x.jpg", s.jpeg(comment=SCRIPT), "mixed"),
    "png and a zip behind it": ("x.png", s.png() + ZIP, "mixed"),
    "tiff and a pdf": ("x.tif", s.tiff()[:8] + s.pdf() + s.tiff()[8:], "mixed"),
    "dicom that is a program": ("x.dcm", s.dicom(PROGRAM[:128]), "mixed"),
    "zip that is no document": ("x.docx", ZIP, "content"),
    "document behind other bytes": ("x.docx", b"PK\x03\x04" + s.docx(), "mixed"),
    "document and bytes behind it": ("x.docx", s.docx() + SCRIPT, "mixed"),
    # What runs when it is opened.
    "pdf with javascript": ("x.pdf", s.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "active"),
    "pdf with hidden javascript": ("x.pdf", s.pdf(b"/OpenAction << /S /J#61vaScr#69pt /JS (x) >>"), "active"),
    "pdf with packed javascript": ("x.pdf", s.pdf(objects=s.packed(b"<< /S /JavaScript /JS (x) >>")), "active"),
    "pdf with javascript packed under a written-out name": (
        "x.pdf", s.pdf(objects=s.packed(JAVASCRIPT, name=b"O#62jStm")), "active",
    ),
    "pdf with javascript packed twice": ("x.pdf", s.pdf(objects=s.packed(JAVASCRIPT, ascii=True)), "damaged"),
    "pdf with javascript packed and transformed": (
        "x.pdf", s.pdf(objects=s.packed(JAVASCRIPT, more=b"/DecodeParms << /Predictor 12 >>")), "damaged",
    ),
    "pdf that starts a program": ("x.pdf", s.pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "active"),
    "pdf with a file inside": ("x.pdf", s.pdf(b"/Names << /EmbeddedFiles 9 0 R /EmbeddedFile >>"), "active"),
    "pdf with a password": ("x.pdf", s.pdf(b"/Encrypt 9 0 R "), "protected"),
    "document with macros": ("x.docx", s.docx({"word/vbaProject.bin": b"\xd0\xcf"}), "macros"),
    "document of the kind with macros": (
        "x.docx", s.docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros",
    ),
    "document with an object": ("x.docx", s.docx({"word/embeddings/oleObject1.bin": b"\xd0\xcf"}), "embedded"),
    "document with a foreign template": (
        "x.docx",
        s.docx({"word/_rels/settings.xml.rels": s.relation("attachedTemplate", "https://evil.example/t.dotm")}),
        "external",
    ),
    "document that climbs out": ("x.docx", s.docx({"../../etc/cron.d/x": b"*"}), "mixed"),
    "document with entities": (
        "x.docx",
        s.docx(document='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + s.DOCUMENT),
        "damaged",
    ),
    "document with a password": ("x.docx", locked_docx(), "protected"),
    # What bursts.
    "document that unpacks to 220 MB": ("x.docx", s.docx({"word/media/a.bin": b"\0" * 220_000_000}), "unpacked"),
    "document of parts in one another": ("x.docx", overlapping_docx(), "unpacked"),
    "document of 3000 parts": ("x.docx", s.docx({f"word/{n}.bin": b"" for n in range(3000)}), "pages"),
    "png of a hundred million points": ("x.png", s.png(10_000, 10_000, raw=b""), "points"),
    "png that unpacks to more": ("x.png", s.png(raw=b"\0" * 5_000_000), "unpacked"),
    "pdf that unpacks to 220 MB": ("x.pdf", s.pdf(objects=s.packed(b"", 220_000_000)), "unpacked"),
    "jpeg of 3600 million points": ("x.jpg", huge_jpeg(), "points"),
    "tiff of 800 million points": ("x.tif", wide_tiff(), "points"),
    "tiff that goes round": ("x.tif", looped_tiff(), "damaged"),
    "dicom packed as a whole": ("x.dcm", s.dicom(syntax=b"1.2.840.10008.1.2.1.99"), "protected"),
    # What is cut off.
    "half a jpeg": ("x.jpg", s.jpeg()[:-40], "damaged"),
    "half a png": ("x.png", s.png()[:-20], "damaged"),
    "png with a wrong sum": ("x.png", s.png(more=s.chunk(b"tEXt", b"a\0b")[:-1] + b"!"), "damaged"),
    "half a pdf": ("x.pdf", s.pdf()[:-30], "damaged"),
    "half a tiff": ("x.tif", s.tiff()[:-100], "damaged"),
    "workbook named a document": ("x.docx", s.xlsx(), "other_format"),
    "document named a workbook": ("x.xlsx", s.docx(), "other_format"),
    "workbook with macros": ("x.xlsx", s.xlsx({"xl/vbaProject.bin": b"\xd0\xcf"}), "macros"),
    "workbook of macros": (
        "x.xlsx", s.xlsx(main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "macros",
    ),
    "workbook with old macros": ("x.xlsx", s.xlsx({"xl/macrosheets/sheet1.xml": b"<x/>"}), "macros"),
    "workbook that asks a program": ("x.xlsx", s.xlsx({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "external"),
    "workbook that asks a database": ("x.xlsx", s.xlsx({"xl/connections.xml": b"<x/>"}), "external"),
    "workbook with an object": ("x.xlsx", s.xlsx({"xl/embeddings/a.bin": b"\xd0\xcf"}), "embedded"),
    "half a document": ("x.docx", s.docx()[:-60], "damaged"),
    "half a dicom": ("x.dcm", s.dicom()[:150], "damaged"),
}  # fmt: skip


def test_there_are_forty_of_them_and_more() -> None:
    assert len(HOSTILE) >= 40
    assert {reason for _name, _content, reason in HOSTILE.values()} <= set(REASONS)


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_is_refused_with_its_reason(case: str) -> None:
    name, content, reason = HOSTILE[case]
    with pytest.raises(FileRefused) as refused, kept([s.upload(name, content)]):
        pass
    assert refused.value.reason == reason
    [text] = refused.value.errors["file"]
    assert len(text) >= 10 and "%(" not in text


@pytest.mark.parametrize("case", [c for c, (_n, content, _r) in HOSTILE.items() if content])
def test_nothing_of_it_stays(case: str, settings) -> None:
    name, content, _reason = HOSTILE[case]
    with pytest.raises(FileRefused), kept([s.upload("good.pdf", s.pdf()), s.upload(name, content)]):
        pass
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_bombs_are_small_to_send() -> None:
    """They would not be bombs otherwise."""
    assert len(zlib.compress(b"\0" * 220_000_000, 9)) < 1_000_000
