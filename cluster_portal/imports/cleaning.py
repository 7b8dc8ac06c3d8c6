"""Cleaners of cells: what a column takes from a cell, or a ValidationError in words.

A cleaner gets a cell that is not empty (`reading.cells` says what may stand there).
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cluster_portal.imports.reading import LOST, Broken
from cluster_portal.imports.reading.cells import day_of_serial, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Cleaner = Callable[[Any], Any] if TYPE_CHECKING else Any

DATES = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
#: What a spreadsheet leaves of a long number that it took for one: 1,23457E+15.
_SHORTENED = re.compile(r"\d[.,]\d+[eE]\+\d+")
_LIVE = "=+-@"
#: So many words of a choice are listed for a person; of more only those that come near.
LISTED = 24
#: Days that people mean by a bare number in a column of dates: 1900 to 2099.
_SERIALS = range(2, 73_050)


def usable(cell: Any) -> Any:
    """The cell where it has a value. Raises ValidationError for an error, a formula or a number that lost digits."""
    if isinstance(cell, Broken):
        if cell.why == LOST:
            raise ValidationError(
                _(
                    "The table keeps this number with lost digits. Format the column as text and enter it anew."
                )
            )
        if cell.text == "=":
            raise ValidationError(_("The formula here has no stored value. Please paste the value itself."))
        raise ValidationError(_("There is an error of the table instead of a value."))
    return cell


def text(most: int) -> Cleaner:
    """A text of at most `most` characters, blanks put in order. One that a spreadsheet would run is refused."""

    def clean(cell: Any) -> str:
        return _fitting(" ".join(shown(usable(cell)).split()), most)

    return clean


def lines(most: int) -> Cleaner:
    """A text that may have several lines; otherwise as `text`."""

    def clean(cell: Any) -> str:
        found = "\n".join(" ".join(line.split()) for line in shown(usable(cell)).splitlines())
        return _fitting(found.strip(), most)

    return clean


def _fitting(found: str, most: int) -> str:
    # What our own CSV puts before a text that a spreadsheet would run (`reports/writers/csv.py`).
    if found[:1] == "'" and found[1:2] in _LIVE and len(found) > 1:
        found = found[1:]
    if found[:1] in "=@" and found:
        raise ValidationError(_("It begins with “%(sign)s”, as a formula does.") % {"sign": found[0]})
    if len(found) > most:
        raise ValidationError(
            _("There are %(count)s characters here, and %(most)s at most fit.")
            % {"count": len(found), "most": most}
        )
    return found


def digits(length: int) -> Cleaner:
    """An identifier of so many digits, as typed. Where the table took it for a number, its leading zeros come back."""

    def clean(cell: Any) -> str:
        value = usable(cell)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return f"{value:0{length}}"
        found = shown(value).strip().lstrip("'")
        if _SHORTENED.fullmatch(found):
            raise ValidationError(
                _(
                    "The table keeps this number with lost digits. Format the column as text and enter it anew."
                )
            )
        if len(found) > 3 * length:
            raise ValidationError(_("This is too long for a number of %(count)s digits.") % {"count": length})
        return found

    return clean


def day(cell: Any) -> dt.date:
    """A date: of the table's own, or typed with the year in four digits."""
    value = usable(cell)
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value in _SERIALS:
        return day_of_serial(value)
    # A program's midnight is no part of the date.
    found = re.sub(r"[ T]0{1,2}:00(:00(\.0+)?)?$", "", shown(value).strip().removesuffix("г.").rstrip())
    for pattern in DATES:
        try:
            return dt.datetime.strptime(found, pattern).date()
        except ValueError:
            continue
    raise ValidationError(_("This is no date. Write it as 31.12.1980."))


def whole(least: int = 0, most: int = 10**9) -> Cleaner:
    """A whole number within bounds."""

    def clean(cell: Any) -> int:
        value = usable(cell)
        if isinstance(value, str) and re.fullmatch(r"-?\d[\d\s\xa0]*", value):
            value = int(re.sub(r"\s", "", value))
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValidationError(
                _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )
        return value

    return clean


def decimal(places: int, least: Decimal | int = 0) -> Cleaner:
    """A number with at most so many decimal places; a comma is as good as a point."""

    def clean(cell: Any) -> Decimal:
        value = usable(cell)
        if isinstance(value, str) and re.fullmatch(r"-?[\d\s\xa0]+([.,]\d+)?", value):
            value = Decimal(re.sub(r"\s", "", value).replace(",", "."))
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < least:
            raise ValidationError(_("Write a number that is not below %(least)s.") % {"least": least})
        return round(Decimal(value), places)

    return clean


def folded(words: str) -> str:
    """Words as they are compared: lower case, ё as е, letters and digits only."""
    return re.sub(r"[\W_]+", "", words.lower().replace("ё", "е"))


class Choice:
    """One of several values, by any of its words; the value itself is one too.

    `known` maps each value to its words, `said` gives them as the reader is to see them, the first ones of `known`
    without it. Both are asked for when they are needed first: catalogues are not read at the start.
    """

    def __init__(
        self,
        known: Callable[[], Mapping[Any, Iterable[str]]],
        said: Callable[[], Iterable[Any]] | None = None,
    ) -> None:
        self._known, self._said = known, said

    @cached_property
    def _values(self) -> dict[str, Any]:
        return {
            folded(word): value for value, texts in self._known().items() for word in (str(value), *texts)
        }

    def words(self) -> list[str]:
        """What may be written, in the reader's language; empty where there is too much of it for a list."""
        known = self._known()
        if len(known) > LISTED:
            return []
        if self._said:
            return [str(word) for word in self._said()]
        return [next(iter(texts), str(value)) for value, texts in known.items()]

    def __call__(self, cell: Any) -> Any:
        found = shown(usable(cell)).strip()
        try:
            return self._values[folded(found)]
        except KeyError:
            raise ValidationError(self._unknown(found)) from None

    def _unknown(self, found: str) -> str:
        if words := self.words():
            return _("Nothing here is called so. Write one of: %(words)s.") % {"words": ", ".join(words)}
        known = self._known()
        every = {word.casefold(): word for texts in known.values() for word in texts}
        near = [every[word] for word in get_close_matches(found.casefold(), every, 3)]
        return perhaps(_("Nothing here is called so."), near)


def perhaps(text: str, near: Iterable[str]) -> str:
    """What is wrong, and the words that may be meant, where there are any."""
    said = ", ".join(dict.fromkeys(near))
    return f"{text} {_('Perhaps you mean: %(words)s.') % {'words': said}}" if said else text


def choice(words: Mapping[Any, Iterable[str]]) -> Choice:
    """A `Choice` of words that are in hand."""
    return Choice(lambda: words)


class Several:
    """Several values of one kind with semicolons or line breaks between, or with commas where no value has any: a list
    without repetitions."""

    def __init__(self, one: Cleaner) -> None:
        self.one = one

    def __call__(self, cell: Any) -> list[Any]:
        found = []
        for part in re.split(r"[;\n]", shown(usable(cell))):
            if not part.strip():
                continue
            try:
                found.append(self.one(part))
            except ValidationError:
                if "," not in part:
                    raise
                found += [self.one(piece) for piece in part.split(",") if piece.strip()]
        return list(dict.fromkeys(found))


#: Words for yes and no beside those of the catalogues.
_YES, _NO = ("1", "true", "y", "+", "да", "иә", "yes"), ("0", "false", "n", "-", "нет", "жоқ", "no")


def flag(cell: Any) -> bool:
    """Yes or no, in any of the portal's languages."""
    word = shown(usable(cell)).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValidationError(_("Write yes or no."))
