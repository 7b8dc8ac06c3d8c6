"""Several PDFs as one."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def join(papers: Iterable[bytes]) -> bytes:
    """The pages of our own PDFs one after another; what they share (the fonts) is kept once."""
    # Loaded with the first file that needs it, as the drawing itself.
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for paper in papers:
        writer.append(PdfReader(BytesIO(paper)), import_outline=False)
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
