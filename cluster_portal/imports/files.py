"""Files that the portal gives out for an import: the template to fill in, and the rows that were refused."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_range_abs

from cluster_portal.imports.cleaning import Several
from cluster_portal.imports.reading.cells import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from cluster_portal.imports.base import Column, Import, Row

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A text is a text, whatever it begins with.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: So many rows of the template are text already, before anybody types into them.
TEMPLATE_ROWS = 2_000


def _styles(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    head = {**base, "bold": True, "bg_color": "#e3f2f6", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    return {
        "text": book.add_format({**base, "num_format": "@"}),
        "plain": book.add_format({**base, "text_wrap": True}),
        "head": book.add_format(head),
        "needed": book.add_format({**head, "bg_color": "#fff0c7"}),
        "why": book.add_format({**base, "font_color": "#b3261e", "text_wrap": True}),
    }


class _Lists:
    """The sheet with the words of choices, a column for each of ours."""

    def __init__(self, sheet: Any, styles: dict[str, Any]) -> None:
        self.sheet, self.styles, self.number = sheet, styles, 0
        sheet.freeze_panes(1, 0)

    def offer(self, page: Any, place: int, column: Column) -> None:
        """Write a column's words, and offer them in its cells; other words for the same may be typed as well."""
        number, words = self.number, column.words
        self.number += 1
        self.sheet.set_column(number, number, 32)
        self.sheet.write_string(0, number, str(column.title), self.styles["head"])
        self.sheet.write_column(1, number, words, self.styles["plain"])
        if not isinstance(column.clean, Several):
            name = self.sheet.get_name().replace("'", "''")
            source = f"='{name}'!{xl_range_abs(1, number, len(words), number)}"
            page.data_validation(
                1, place, TEMPLATE_ROWS, place, {"validate": "list", "source": source, "show_error": False}
            )


def told(column: Column) -> str:
    """What to write into a column."""
    words = _("One of: %(words)s.") % {"words": ", ".join(column.words)} if column.words else ""
    return " ".join(filter(None, (str(column.help), words)))


def template(kind: Import) -> bytes:
    """An XLSX with our headings, an example below them, a second sheet that explains each column, and a third one with
    the words of those that are choices, offered in their cells too.
    """
    target = BytesIO()
    with xlsxwriter.Workbook(target, {**OPTIONS, "in_memory": True}) as book:
        styles = _styles(book)
        page = book.add_worksheet(_("Data"))
        about = book.add_worksheet(_("How to fill it in"))
        lists = _Lists(book.add_worksheet(_("Words to choose from")), styles)
        for n, heading in enumerate((_("Column"), _("Needed"), _("What to write"), _("Example"))):
            about.write_string(0, n, heading, styles["head"])
            about.set_column(n, n, (28, 12, 70, 28)[n])
        for n, column in enumerate(kind.columns):
            style = styles["text"] if column.is_text else None
            page.set_column(n, n, column.width, style)
            page.write_string(0, n, str(column.title), styles["needed" if column.required else "head"])
            if column.example:
                page.write_string(1, n, column.example, style)
            if column.words:
                lists.offer(page, n, column)
            needed = _("yes") if column.required else ""
            for place, text in enumerate((str(column.title), needed, told(column), column.example)):
                about.write_string(n + 1, place, text, styles["plain"])
        page.freeze_panes(1, 0)
        about.freeze_panes(1, 0)
    return target.getvalue()


@contextmanager
def refused_rows(
    path: Path, headings: Sequence[str], titles: dict[str, str]
) -> Iterator[Callable[[Row], None]]:
    """Write the rows that cannot be taken in as they came, each with its reasons: to be corrected and uploaded again.

    Memory stays flat however many there are. `titles` are the headings of our columns by name.
    """
    options = {**OPTIONS, "constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        styles = _styles(book)
        page = book.add_worksheet(_("Refused rows"))
        page.set_column(0, max(len(headings) - 1, 0), 16, styles["text"])
        page.set_column(len(headings), len(headings), 60)
        for n, heading in enumerate((*headings, _("Why it was refused"))):
            page.write_string(0, n, heading, styles["head"])
        page.freeze_panes(1, 0)
        line = 0

        def write(row: Row) -> None:
            nonlocal line
            line += 1
            for n in range(len(headings)):
                text = shown(row.cells[n]) if n < len(row.cells) else ""
                if text:
                    page.write_string(line, n, text, styles["text"])
            why = [
                f"{titles[found.column]}: {found.text}" if found.column in titles else found.text
                for found in row.findings
            ]
            place = _("line %(line)s of the file") % {"line": row.line}
            page.write_string(line, len(headings), f"{'; '.join(why)} ({place})"[:32_000], styles["why"])

        yield write
