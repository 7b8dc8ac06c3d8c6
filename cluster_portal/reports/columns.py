"""What stands in a report's columns: types, and how a value is read in a language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Counts of people below this are hidden from those who may not recognise anybody (analysts).
SMALL = 5


class Type(StrEnum):
    """`PERCENT` is a share 0–1, `DURATION` a number of days, `MOMENT` a time with its zone."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "datetime"
    DURATION = "duration"
    BOOLEAN = "boolean"


NUMBERS = frozenset({Type.INTEGER, Type.DECIMAL, Type.PERCENT, Type.DURATION})


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the stable name for programs, `title` the heading (lazy text).

    `width` in characters. `total` sums the column at the end. `people` marks a count of people: small ones are hidden
    from analysts. `of` names the column of which it counts a part; the parts of one whole share nobody. `personal`
    marks what names or recognises a person: analysts do not get the column at all.
    """

    name: str
    title: Any
    type: Type = Type.TEXT
    width: int = 16
    total: bool = False
    people: bool = False
    of: str = ""
    personal: bool = False

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS


class _Hidden:
    """Stands for a count that is not small and is not told, because a small one could be worked out of it."""

    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        # A sum leaves it out.
        return False


HIDDEN = _Hidden()


def gives_away(whole: int, parts: Iterable[int]) -> bool:
    """Whether a whole that is told beside its parts gives a small count away: of few people nothing else is told."""
    return 0 < whole - sum(part for part in parts if part >= SMALL) < SMALL


def covering(columns: Sequence[Column]) -> Callable[[Sequence[Any]], list[Any]]:
    """What hides small counts of people in a row of these columns: `None` stands for "fewer than five".

    Where a whole and its other parts would give a hidden count away, the smallest of those parts is `HIDDEN` too, and
    where none is left, the whole (secondary suppression).
    """
    places = {column.name: n for n, column in enumerate(columns)}
    wholes: dict[int, list[int]] = {}
    for n, column in enumerate(columns):
        if column.people and column.of in places:
            wholes.setdefault(places[column.of], []).append(n)
    counts = [n for n, column in enumerate(columns) if column.people]

    def cover(row: Sequence[Any]) -> list[Any]:
        told = list(row)
        for n in counts:
            if isinstance(told[n], int) and 0 < told[n] < SMALL:
                told[n] = None
        for whole, parts in wholes.items():
            while isinstance(told[whole], int) and gives_away(row[whole], _told(told, parts)):
                most = min((n for n in parts if told[n]), key=lambda n: row[n], default=whole)
                told[most] = HIDDEN
        return told

    return cover


def _told(row: Sequence[Any], places: Sequence[int]) -> list[int]:
    return [row[n] for n in places if row[n]]


def plain(column: Column, value: Any, zone: ZoneInfo) -> Any:
    """A value for programs: numbers as they are, dates and moments in ISO 8601."""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value is HIDDEN:
        return None
    if value is None or column.is_number or isinstance(value, bool):
        return value
    return str(value)


def words(column: Column, value: Any, zone: ZoneInfo) -> str:
    """A value as the reader writes it: «1 234,5», «22.11.2026», «yes»."""
    if value is None or value == "":
        return ""
    if value is HIDDEN:
        return str(value)
    match column.type:
        case Type.MOMENT:
            return formats.date_format(value.astimezone(zone), "SHORT_DATETIME_FORMAT")
        case Type.DATE:
            return formats.date_format(value, "SHORT_DATE_FORMAT")
        case Type.PERCENT:
            return f"{formats.number_format(round(Decimal(value) * 100, 1))} %"
        case Type.DECIMAL:
            return formats.number_format(round(Decimal(value), 2), use_l10n=True)
        case Type.DURATION:
            return formats.number_format(round(Decimal(value), 1), use_l10n=True)
        case Type.INTEGER:
            return formats.number_format(value, use_l10n=True, force_grouping=True)
        case Type.BOOLEAN:
            return _("yes") if value else _("no")
    return str(value)
