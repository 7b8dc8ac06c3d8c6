"""The cells of a worksheet as XML, a column of many rows at once.

xlsxwriter calls five functions for a cell; a report of a million rows has fifteen million. Here a whole column is one
comprehension over values of the column's usual type, and whatever is of another type takes the long way, `_other`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.reports.columns import SMALL, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from cluster_portal.reports.columns import Column

#: The longest text that a cell holds.
LONGEST = 32_767
#: Excel counts days from here, and 1 January 1 is this many days before it.
EPOCH = dt.datetime(1899, 12, 30)
EPOCH_DAYS = EPOCH.toordinal()
DAY = dt.timedelta(days=1)
#: Texts that are repeated in a column are escaped once; the memory of one column is forgotten beyond this many.
REMEMBERED = 5000

#: What a text may not hold as it is (ECMA-376, ST_Xstring: `_x000D_` stands for a control character).
_UNSAFE = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|^\s|\s$|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")


def text_xml(text: str) -> str:
    """An inline string, what it holds escaped."""
    text = text[:LONGEST]
    if not _UNSAFE.search(text):
        return f"<is><t>{text}</t></is>"
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<is><t xml:space="preserve">{text}</t></is>'


class CellColumn:
    """The cells of one column: `letter` and `style` (the index of its cell format) name where and how they stand."""

    def __init__(self, column: Column, zone: ZoneInfo, letter: str, style: int) -> None:
        self.column, self.zone, self.letter = column, zone, letter
        self._style = f'" s="{style}"'
        self._known: dict[str, str] = {}
        self._yes_no = {True: self._text(_("yes")), False: self._text(_("no"))}
        # A small count that is hidden; else nothing is no cell at all.
        self._none = self._text(f"<{SMALL}") if column.people else None
        self.cells: Callable[[Sequence[int], Sequence[Any]], list[str]] = {
            Type.TEXT: self._texts,
            Type.DATE: self._days,
            Type.MOMENT: self._moments,
            Type.INTEGER: self._integers,
            Type.BOOLEAN: self._others,
        }.get(column.type, self._numbers)

    def _text(self, text: str) -> str:
        """All of a text's cell but its number of row."""
        return f'{self._style} t="inlineStr">{text_xml(text)}</c>'

    def _texts(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        known, place = self._known, f'<c r="{self.letter}'
        if len(known) > REMEMBERED:
            known.clear()
        cells = []
        for line, value in zip(lines, values, strict=True):
            if type(value) is not str:
                cells.append(self._other(line, value))
                continue
            end = known.get(value)
            if end is None:
                end = known[value] = self._text(value)
            cells.append(f"{place}{line}{end}")
        return cells

    def _integers(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        place, style, other = f'<c r="{self.letter}', f"{self._style}><v>", self._other
        return [
            f"{place}{line}{style}{value}</v></c>" if type(value) is int else other(line, value)
            for line, value in zip(lines, values, strict=True)
        ]

    def _numbers(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        place, style, other = f'<c r="{self.letter}', f"{self._style}><v>", self._other
        finite = math.isfinite
        return [
            f"{place}{line}{style}{value}</v></c>"
            if (kind := type(value)) is int or ((kind is Decimal or kind is float) and finite(value))
            else other(line, value)
            for line, value in zip(lines, values, strict=True)
        ]

    def _days(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        place, style, other, date = f'<c r="{self.letter}', f"{self._style}><v>", self._other, dt.date
        return [
            f"{place}{line}{style}{value.toordinal() - EPOCH_DAYS}</v></c>"
            if type(value) is date
            else other(line, value)
            for line, value in zip(lines, values, strict=True)
        ]

    def _moments(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        place, style, other, moment = f'<c r="{self.letter}', f"{self._style}><v>", self._other, dt.datetime
        zone = self.zone
        return [
            f"{place}{line}{style}{(value.astimezone(zone).replace(tzinfo=None) - EPOCH) / DAY}</v></c>"
            if type(value) is moment
            else other(line, value)
            for line, value in zip(lines, values, strict=True)
        ]

    def _others(self, lines: Sequence[int], values: Sequence[Any]) -> list[str]:
        return [self._other(line, value) for line, value in zip(lines, values, strict=True)]

    def _other(self, line: int, value: Any) -> str:
        """Any value, by its own type."""
        place = f'<c r="{self.letter}{line}'
        if value is None:
            return f"{place}{self._none}" if self._none else ""
        if isinstance(value, bool):
            return f"{place}{self._yes_no[value]}"
        if isinstance(value, dt.datetime):
            there = value.astimezone(self.zone).replace(tzinfo=None)
            return f"{place}{self._style}><v>{(there - EPOCH) / DAY}</v></c>"
        if isinstance(value, dt.date):
            return f"{place}{self._style}><v>{value.toordinal() - EPOCH_DAYS}</v></c>"
        if self.column.is_number and isinstance(value, int | float | Decimal):
            if math.isfinite(value):
                return f"{place}{self._style}><v>{value}</v></c>"
            return f'{place}{self._style} t="e"><v>#NUM!</v></c>'
        return f"{place}{self._text(str(value))}"
