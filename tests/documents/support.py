"""Reading back what was drawn."""

from __future__ import annotations

import io

from pypdf import PdfReader


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def text_of(pdf: bytes) -> str:
    """The words of a PDF in one line, as a reader would copy them."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """The fonts of a PDF by name (without the subset's prefix), and whether each lies in the file."""
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for reference in page["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            descendant = font["/DescendantFonts"][0].get_object()
            name = str(font["/BaseFont"]).lstrip("/").partition("+")[2]
            found[name] = "/FontFile2" in descendant["/FontDescriptor"].get_object()
    return found
