"""XLSX with real types: a frozen, filtered heading, numbers and dates in the cell's own format, totals as values."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from cluster_portal.reports.columns import Type
from cluster_portal.reports.writers.cells import CellColumn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from cluster_portal.reports.writers import Sheet

#: Rows that a sheet of the format holds, less its head and total; what is more goes on the next sheet.
SHEET_ROWS = 1_048_576 - 10
#: Rows that are turned into cells together.
BLOCK = 500
NUMBER_FORMATS = {
    Type.INTEGER: "#,##0",
    Type.DECIMAL: "#,##0.00",
    Type.PERCENT: "0.0%",
    Type.DURATION: "#,##0.0",
    Type.DATE: "dd.mm.yyyy",
    Type.MOMENT: "dd.mm.yyyy hh:mm",
}


def write(sheet: Sheet, path: Path) -> None:
    """Rows are written as they come, so memory stays flat however many there are."""
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        # A text is a text, whatever it begins with.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": sheet.title, "author": sheet.author})
        _Book(book, sheet).write()


class _Book:
    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.bold = book.add_format({**base, "bold": True, "font_size": 14})
        self.small = book.add_format({**base, "font_color": "#566d78"})
        self.head = book.add_format(
            {**base, "bold": True, "bg_color": "#e3f2f6", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        )
        self.formats: list[Format] = []
        self.totals: list[Format] = []
        for column in sheet.columns:
            shape = {"num_format": NUMBER_FORMATS[column.type]} if column.type in NUMBER_FORMATS else {}
            self.formats.append(book.add_format({**base, **shape}))
            self.totals.append(book.add_format({**base, **shape, "bold": True, "top": 1}))

    def write(self) -> None:
        rows = iter(self.sheet.summed())
        columns = [
            CellColumn(column, self.sheet.zone, xl_col_to_name(n), self.formats[n]._get_xf_index())
            for n, column in enumerate(self.sheet.columns)
        ]
        page, line = self._page(1)
        pages, last = 1, line + SHEET_ROWS
        while block := list(islice(rows, BLOCK)):
            while block:
                if line == last:
                    self._filter(page, line)
                    pages += 1
                    page, line = self._page(pages)
                    last = line + SHEET_ROWS
                part, block = block[: last - line], block[last - line :]
                _write_block(page, line, columns, part)
                line += len(part)
        self._filter(page, line)
        self._total(page, line)

    def _total(self, page: Worksheet, line: int) -> None:
        if not self.sheet.totals:
            return
        for n in range(len(self.sheet.columns)):
            value = self.sheet.totals.get(n, _("Total") if n == 0 else None)
            style = self.totals[n]
            if isinstance(value, str):
                page.write_string(line, n, value, style)
            elif value is not None:
                page.write_number(line, n, value, style)

    def _page(self, number: int) -> tuple[Worksheet, int]:
        """A sheet with its head; the line on which the rows begin."""
        sheet = self.sheet
        page = self.book.add_worksheet(_("Data") if number == 1 else f"{_('Data')} {number}")
        for n, column in enumerate(sheet.columns):
            page.set_column(n, n, column.width)
        page.write_string(0, 0, sheet.title, self.bold)
        moment = sheet.moment.astimezone(sheet.zone).strftime("%d.%m.%Y %H:%M")
        about = _("As of %(moment)s (%(zone)s)") % {"moment": moment, "zone": sheet.zone.key}
        page.write_string(1, 0, " · ".join(filter(None, (sheet.subtitle, about))), self.small)
        line = 2
        for note in sheet.notes:
            page.write_string(line, 0, str(note), self.small)
            line += 1
        line += 1
        for n, column in enumerate(sheet.columns):
            page.write_string(line, n, str(column.title), self.head)
        page.freeze_panes(line + 1, 0)
        page.repeat_rows(line)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        self.heading = line
        return page, line + 1

    def _filter(self, page: Worksheet, line: int) -> None:
        if line > self.heading + 1:
            page.autofilter(self.heading, 0, line - 1, len(self.sheet.columns) - 1)


def _write_block(page: Worksheet, line: int, columns: list[CellColumn], block: list[Sequence[Any]]) -> None:
    """Rows written past xlsxwriter's own functions for cells, into the file where it keeps rows that are done.

    Its row file and the two functions named here have been its way of `constant_memory` since 2013; the version is
    locked, and the tests read the files back.
    """
    lines = range(line + 1, line + 1 + len(block))
    cells = [
        column.cells(lines, values) for column, values in zip(columns, zip(*block, strict=True), strict=True)
    ]
    # What stands in its hands, the heading, goes first.
    page._write_single_row(line + len(block))
    page._check_dimensions(line + len(block) - 1, len(columns) - 1)
    page.row_data_fh.write(
        "".join(
            f'<row r="{number}">{"".join(row)}</row>'
            for number, row in zip(lines, zip(*cells, strict=True), strict=True)
        )
    )
