"""PDF for reading and signing: a head with what was asked, the table, page numbers. Drawn straight onto the canvas."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from cluster_portal.reports.columns import SMALL, Column, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cluster_portal.reports.writers import Sheet

#: Nobody reads more on paper; the file says so and where the whole is.
MOST_ROWS = 20_000
FONTS = settings.BASE_DIR / "static" / "vendor" / "golos-text-ttf"
REGULAR, BOLD = "Golos", "Golos-Bold"
INK, MUTED, LINE, SOFT = HexColor("#17313b"), HexColor("#566d78"), HexColor("#dfe7ea"), HexColor("#e3f2f6")
MARGIN, SIZE, LEADING, PADDING = 36, 8, 10, 3
#: A cell shows this many lines at most.
LINES = 3


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, FONTS / "GolosText_400Regular.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, FONTS / "GolosText_600SemiBold.ttf"))


def write(sheet: Sheet, path: Path) -> None:
    """The first `MOST_ROWS` rows; pages are written as they fill."""
    _fonts()
    document = _Document(sheet, path)
    document.head()
    rows = sheet.summed()
    for row in islice(rows, MOST_ROWS):
        document.row(row)
    if any(True for _row in rows):
        document.remark(
            _("Only the first %(count)s rows are printed here. Take the Excel table for all of them.")
            % {"count": MOST_ROWS}
        )
    document.end()


def _wrapped(text: str, font: str, width: float) -> list[str]:
    """The text in lines no wider than `width`; a word that is wider alone is broken where it must be."""
    lines = []
    for line in simpleSplit(text, font, SIZE, width):
        while pdfmetrics.stringWidth(line, font, SIZE) > width and len(line) > 1:
            fits = next(
                n
                for n in range(len(line) - 1, 0, -1)
                if n == 1 or pdfmetrics.stringWidth(line[:n], font, SIZE) <= width
            )
            # After a hyphen rather than in the middle of a syllable.
            fits = line.rfind("-", 1, fits) + 1 or fits
            lines.append(line[:fits])
            line = line[fits:]
        lines.append(line)
    return lines


class _Document:
    def __init__(self, sheet: Sheet, path: Path) -> None:
        self.sheet = sheet
        self.wide, self.high = landscape(A4) if len(sheet.columns) > 5 else A4
        self.canvas = Canvas(str(path), pagesize=(self.wide, self.high), pageCompression=1)
        self.canvas.setTitle(sheet.title)
        self.canvas.setAuthor(sheet.author)
        self.page, self.y, self.count = 1, self.high - MARGIN, 0
        room = self.wide - 2 * MARGIN
        shares = sum(column.width for column in sheet.columns)
        self.widths = [room * column.width / shares for column in sheet.columns]

    def head(self) -> None:
        sheet, canvas = self.sheet, self.canvas
        room = self.wide - 2 * MARGIN
        moment = sheet.moment.astimezone(sheet.zone).strftime("%d.%m.%Y %H:%M")
        about = _("As of %(moment)s (%(zone)s)") % {"moment": moment, "zone": sheet.zone.key}
        for text, font, size, colour in (
            (sheet.title, BOLD, 16, INK),
            (sheet.subtitle, REGULAR, 9, INK),
            (about, REGULAR, 9, MUTED),
            *((str(note), REGULAR, 8, MUTED) for note in sheet.notes),
        ):
            canvas.setFillColor(colour)
            canvas.setFont(font, size)
            for line in simpleSplit(text, font, size, room) if text else ():
                self.y -= size * 1.25
                canvas.drawString(MARGIN, self.y, line)
            self.y -= 3
        self.y -= 8
        self._headings()

    def row(self, row: Sequence[Any]) -> None:
        """One row, on the next page where it does not fit."""
        self.count += 1
        self._line([self._text(n, value) for n, value in enumerate(row)], REGULAR)

    def remark(self, text: str) -> None:
        self._room(LEADING * 2)
        self.canvas.setFillColor(MUTED)
        self.canvas.setFont(REGULAR, SIZE)
        self.canvas.drawString(MARGIN, self.y - LEADING, text)
        self.y -= LEADING * 2

    def end(self) -> None:
        if not self.count:
            self.remark(_("There is nothing to report for this choice."))
        elif self.sheet.totals:
            totals = self.sheet.totals
            texts = [self._text(n, totals[n]) if n in totals else "" for n in range(len(self.sheet.columns))]
            texts[0] = texts[0] or _("Total")
            self._line(texts, BOLD)
        self._foot()
        self.canvas.save()

    def _text(self, n: int, value: Any) -> str:
        column = self.sheet.columns[n]
        if value is None and column.people:
            return f"<{SMALL}"
        return words(column, value, self.sheet.zone)

    def _headings(self) -> None:
        self._line([str(column.title) for column in self.sheet.columns], BOLD, fill=True)

    def _line(self, texts: Sequence[str], font: str, *, fill: bool = False) -> None:
        cells = [
            _wrapped(text, font, width - 2 * PADDING)[:LINES]
            for text, width in zip(texts, self.widths, strict=True)
        ]
        height = max(map(len, cells), default=1) * LEADING + 2 * PADDING
        if not fill:
            self._room(height)
        canvas, x = self.canvas, MARGIN
        if fill:
            canvas.setFillColor(SOFT)
            canvas.rect(MARGIN, self.y - height, self.wide - 2 * MARGIN, height, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(font, SIZE)
        for column, width, lines in zip(self.sheet.columns, self.widths, cells, strict=True):
            for number, line in enumerate(lines):
                y = self.y - PADDING - SIZE - number * LEADING
                self._draw(column, line, x, y, width)
            x += width
        canvas.setStrokeColor(LINE)
        canvas.line(MARGIN, self.y - height, self.wide - MARGIN, self.y - height)
        self.y -= height

    def _draw(self, column: Column, line: str, x: float, y: float, width: float) -> None:
        if column.is_number:
            self.canvas.drawRightString(x + width - PADDING, y, line)
        else:
            self.canvas.drawString(x + PADDING, y, line)

    def _room(self, height: float) -> None:
        if self.y - height < MARGIN + LEADING:
            self._foot()
            self.canvas.showPage()
            self.page, self.y = self.page + 1, self.high - MARGIN
            self._headings()

    def _foot(self) -> None:
        self.canvas.setFillColor(MUTED)
        self.canvas.setFont(REGULAR, SIZE)
        self.canvas.drawString(MARGIN, MARGIN - LEADING, self.sheet.author)
        number = _("Page %(number)s") % {"number": self.page}
        self.canvas.drawRightString(self.wide - MARGIN, MARGIN - LEADING, number)
