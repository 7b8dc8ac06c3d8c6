"""CSV as the reader's Excel opens it: a byte order mark, semicolons and comma decimals where those are used."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.reports.columns import SMALL, Type

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from cluster_portal.reports.columns import Column
    from cluster_portal.reports.writers import Sheet

#: What makes a spreadsheet take a text for a formula (OWASP, CSV injection).
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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


def write(sheet: Sheet, path: Path) -> None:
    """Headings and rows, nothing else: a program can read it."""
    comma = sheet.language != "en"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";" if comma else ",")
        writer.writerow([defused(str(column.title)) for column in sheet.columns])
        for row in sheet.rows:
            writer.writerow(
                [
                    cell(column, value, sheet.zone, comma)
                    for column, value in zip(sheet.columns, row, strict=True)
                ]
            )
