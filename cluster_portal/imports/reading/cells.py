"""What stands in a cell, whichever the file: None, text, a number, a date, a truth, or something that is no value."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: Why a cell holds no value that could be taken over.
BROKEN = "broken"
LOST = "lost"
#: From here on Excel no longer keeps every digit of a number.
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell without a usable value: an error such as #N/A, or a formula whose value was not stored (`BROKEN`); a
    number of more digits than a spreadsheet keeps (`LOST`). `text` is what stands there."""

    text: str
    why: str = BROKEN

    def __str__(self) -> str:
        return self.text


def number(text: str) -> Any:
    """A number of a file as a whole number or a Decimal; Broken where digits were lost or it is none."""
    if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS:
        return int(text)
    try:
        value = Decimal(text)
        if not value.is_finite():
            return Broken(text)
        if value.adjusted() >= MOST_DIGITS:
            return Broken(text, LOST)
        if value == value.to_integral_value():
            return int(value)
        # What a machine writes for 0.1: 0.10000000000000001.
        return round(value, MOST_DIGITS - 1 - max(value.adjusted(), 0)).normalize()
    except ArithmeticError:
        return Broken(text)


def day_of_serial(
    serial: Decimal | int, *, from_1904: bool = False
) -> dt.date | dt.datetime | dt.time | Broken:
    """The date or moment that a spreadsheet's number of days stands for.

    Days count from 1900, with a 29 February 1900 that never was, or from 1904 (ECMA-376 part 1, 18.17.4.1).
    """
    days = int(serial)
    seconds = round((Decimal(serial) - days) * 86400)
    if days == 0 and seconds and not from_1904:
        return (dt.datetime.min + dt.timedelta(seconds=min(seconds, 86399))).time()
    if from_1904:
        first = dt.datetime(1904, 1, 1)
    else:
        first = dt.datetime(1899, 12, 30) if days >= 60 else dt.datetime(1899, 12, 31)
    try:
        moment = first + dt.timedelta(days=days, seconds=seconds)
    except OverflowError:
        return Broken(str(serial))
    if days < 0:
        return Broken(str(serial))
    return moment if seconds else moment.date()


def shown(value: Any) -> str:
    """A cell as it is told back to people: in findings, samples, and the file of refused rows."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%d.%m.%Y %H:%M")
    if isinstance(value, dt.date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
