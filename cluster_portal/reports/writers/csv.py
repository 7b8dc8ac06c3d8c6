"""CSV as the reader's Excel opens it: a byte order mark, semicolons and comma decimals where those are used."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.reports.columns import SMALL, Type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from cluster_portal.reports.columns import Column
    from cluster_portal.reports.writers import Sheet

#: What makes a spreadsheet take a text for a formula (OWASP, CSV injection).
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FIRST = frozenset(LIVE)
#: Rows that are turned into fields together.
BLOCK = 500


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(LIVE) else text


def cell(column: Column, value: Any, zone: ZoneInfo, comma: bool) -> str:
    """One value as text: numbers without grouping so that they stay numbers, dates in ISO order."""
    if value is None:
        return f"<{SMALL}" if column.people else ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int) and column.is_number:
        return str(value)
    if column.is_number and isinstance(value, float | Decimal):
        digits = 4 if column.type == Type.PERCENT else 2
        text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if comma else text
    return defused(str(value))


def _fields(column: Column, values: Sequence[Any], zone: ZoneInfo, comma: bool) -> Sequence[Any]:
    """A column of many rows: values of its usual type the short way, all others by `cell`."""
    match column.type:
        case Type.TEXT:
            return [
                value if type(value) is str and value[:1] not in FIRST else cell(column, value, zone, comma)
                for value in values
            ]
        case Type.INTEGER:
            # The writer itself writes whole numbers.
            return [value if type(value) is int else cell(column, value, zone, comma) for value in values]
        case Type.DATE:
            date = dt.date
            return [
                value.isoformat() if type(value) is date else cell(column, value, zone, comma)
                for value in values
            ]
        case Type.MOMENT:
            # "2026-11-21 09:30:00", without the fraction and the offset that may follow.
            return [
                str(value.astimezone(zone))[:19]
                if type(value) is dt.datetime
                else cell(column, value, zone, comma)
                for value in values
            ]
        case Type.BOOLEAN:
            words = {True: _("yes"), False: _("no")}
            return [
                words[value] if type(value) is bool else cell(column, value, zone, comma) for value in values
            ]
    spec, point = (".4f" if column.type == Type.PERCENT else ".2f"), "," if comma else "."
    return [
        format(value, spec).rstrip("0").rstrip(".").replace(".", point)
        if (kind := type(value)) is Decimal or kind is float
        else cell(column, value, zone, comma)
        for value in values
    ]


def write(sheet: Sheet, path: Path) -> None:
    """Headings and rows, nothing else: a program can read it."""
    comma = sheet.language != "en"
    rows = iter(sheet.rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";" if comma else ",")
        writer.writerow([defused(str(column.title)) for column in sheet.columns])
        while block := list(islice(rows, BLOCK)):
            fields = [
                _fields(column, values, sheet.zone, comma)
                for column, values in zip(sheet.columns, zip(*block, strict=True), strict=True)
            ]
            writer.writerows(zip(*fields, strict=True))
