"""From a template and plain data to a PDF.

A template (`templates/documents/*.typ`) is a program of ours; what people typed reaches it only as data, as JSON in
one input, so markup in a name stays letters. Templates read no file outside their folder, and no package.

typst is 80 MB of machine code: it is loaded with the first paper, so processes that draw none do without it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typst
    from django.utils.safestring import SafeString

FOLDER = Path(settings.BASE_DIR) / "templates" / "documents"
#: Golos Text as TTF, pinned by `manage.py vendor_assets`. No other font is used, so a PDF looks the same everywhere.
FONTS = Path(settings.BASE_DIR) / "static" / "vendor" / "golos-text-ttf"


@cache
def _fonts() -> typst.Fonts:
    """The fonts, read once in a process; they may be shared by its threads."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _compile(template: str, data: Mapping[str, Any], **options: Any) -> Any:
    import typst

    return typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        # Lazy translations become texts in the language of the moment.
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)},
        **options,
    )


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template (its name without `.typ`): tagged, with the fonts embedded, a few hundredths of a second.

    `data` is what JSON can say. Raises typst.TypstError where the template itself is at fault.
    """
    return _compile(template, data, format="pdf")


def qr(text: str) -> str:
    """A square code as SVG, for a template's `qr()`. A quarter of it may be damaged (level Q): paper gets folded."""
    import segno

    return segno.make(text, error="q", micro=False).svg_inline(border=0, omitsize=True)


def qr_html(text: str) -> SafeString:
    """`qr` for a page: the code of what the portal says itself, drawn by us, so nothing in it is escaped."""
    return mark_safe(qr(text))  # noqa: S308
