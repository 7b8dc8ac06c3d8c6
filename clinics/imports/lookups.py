"""What the registry's tables share: columns made of the model's own fields, and rows found by what they are called."""

from __future__ import annotations

import re
from datetime import time
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.selectors.equipment_words import countries
from clinics.selectors.tables import COLUMNS, KEY, title_of
from clinics.selectors.wording import LANGUAGES as SPOKEN
from clinics.selectors.wording import SHORT_PAYMENTS, language_name
from cluster_portal.common import identifiers
from cluster_portal.common.translated import LANGUAGES, in_every_language
from cluster_portal.imports.base import Column
from cluster_portal.imports.cleaning import (
    Choice,
    Several,
    day,
    decimal,
    flag,
    folded,
    lines,
    perhaps,
    text,
    usable,
    whole,
)
from cluster_portal.imports.reading.cells import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cluster_portal.imports.cleaning import Cleaner

#: How near (0 to 1) a name has to come to be proposed for a word that nothing is called.
NEAR_BY = 0.7
#: Longest text of a column without a length of its own.
LONG = 4000


def labels(choices: Iterable[tuple[str, Any]], more: Mapping[str, Iterable[str]] | None = None) -> Choice:
    """One of a field's choices by its label in any language, its code, or by `more` words for it."""
    more = more or {}
    choices = list(choices)
    known = cache(
        lambda: {
            value: (*in_every_language(label).values(), *more.get(value, ())) for value, label in choices
        }
    )
    return Choice(known, lambda: [label for _value, label in choices])


@cache
def languages() -> Mapping[str, Iterable[str]]:
    """The languages that clinics speak, by their names in each of the portal's."""
    names = [Locale(reader).languages for reader in LANGUAGES]
    return {code: tuple(table[code] for table in names if code in table) for code in SPOKEN}


SPOKEN_WORDS = Choice(languages, lambda: [language_name(code) for code in SPOKEN])


def register_number(*lengths: int) -> Cleaner:
    """A register number, digits only. Where the table took it for a number, its leading zeros come back."""

    def clean(cell: Any) -> str:
        value = usable(cell)
        if isinstance(value, int) and not isinstance(value, bool):
            length = next((one for one in lengths if one >= len(str(value))), lengths[-1])
            return f"{value:0{length}}"
        found = text(40)(cell)
        return identifiers.normalize(found) if re.fullmatch(r"[\d\s\-–]+", found) else found

    return clean


def degrees(cell: Any) -> float:
    """Degrees of a circle with every decimal that was written; a comma is as good as a point."""
    try:
        return float(shown(usable(cell)).strip().rstrip("°").replace(",", "."))
    except ValueError:
        raise ValidationError(_("Write degrees with decimals: 46.9591.")) from None


_HOURS = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–—]\s*(\d{1,2})[:.](\d\d)\s*$")
_CLOSED = {"closed", "закрыто", "выходной", "жабық"}


@cache
def _weekdays() -> dict[str, int]:
    """ISO weekdays by number and by their names in every language, long and short."""
    found = {str(number): number for number in range(1, 8)}
    for reader in LANGUAGES:
        for form in ("stand-alone", "format"):
            for names in (Locale(reader).days[form][width] for width in ("abbreviated", "wide", "short")):
                found |= {folded(name): number + 1 for number, name in names.items()}
    return found


def opening_hours(cell: Any) -> dict[str, list[str]]:
    """A week's hours: `пн–пт 08:00–20:00; сб 09:00–14:00`. Days that are not named are closed."""
    found = {}
    for part in re.split(r"[;\n]", shown(usable(cell))):
        words = part.strip().rstrip(".")
        if not words:
            continue
        match = _HOURS.search(words)
        head, _blank, tail = words.rpartition(" ")
        if match:
            head = words[: match.start()]
            starts, ends = (f"{int(match[n]):02}:{match[n + 1]}" for n in (1, 3))
        elif tail.lower() not in _CLOSED:
            raise _no_hours(words)
        for weekday in _days(head):
            if match:
                try:
                    in_order = time.fromisoformat(starts) < time.fromisoformat(ends)
                except ValueError:
                    raise _no_hours(words) from None
                if not in_order:
                    raise ValidationError(_("The end is not after the beginning."))
                found[str(weekday)] = [starts, ends]
    return dict(sorted(found.items()))


def _no_hours(words: str) -> ValidationError:
    return ValidationError(
        _("These are no hours: %(words)s. Write them as Mon–Fri 08:00–20:00; Sat 09:00–14:00.")
        % {"words": words[:60]}
    )


def _days(words: str) -> list[int]:
    days: list[int] = []
    for part in words.strip().rstrip(":").split(","):
        try:
            ends = [_weekdays()[folded(word)] for word in re.split(r"[-–—]", part)]
        except KeyError:
            raise _no_hours(words) from None
        days += range(ends[0], ends[-1] + 1)
    return days


#: What hospitals write beside the portal's own words.
WORDS = {
    "ownership": {"state": ("гос", "государственная", "мемлекеттік"), "private": ("частная", "жекеменшік"),
                  "foreign": ("иностранная", "шетелдік")},
    "sex": {"m": ("м", "муж", "мужской", "ер", "male"), "f": ("ж", "жен", "женский", "әйел", "female")},
}  # fmt: skip
_SPECIAL: dict[str, Callable[[], Cleaner]] = {
    "country": lambda: Choice(countries),
    "languages": lambda: Several(SPOKEN_WORDS),
    "interpreters": lambda: Several(SPOKEN_WORDS),
    "opening_hours": lambda: opening_hours,
    "lat": lambda: degrees,
    "lon": lambda: degrees,
    "inn": lambda: register_number(10, 12),
    "ogrn": lambda: register_number(13, 15),
    "bin": lambda: register_number(12),
    # Looked up by the session: whose they are decides which there are.
    "organization": lambda: text(300),
    "clinic": lambda: text(300),
    "clinics": lambda: Several(text(300)),
    "specialties": lambda: Several(text(160)),
    "service_type": lambda: text(200),
    KEY: lambda: text(40),
}


def cleaner_of(model: type[models.Model], name: str) -> Cleaner:
    """What a column takes, as its field says."""
    if name in _SPECIAL:
        return _SPECIAL[name]()
    field = model._meta.get_field(name)
    if isinstance(field, ArrayField):
        short = {str(code): (words,) for code, words in SHORT_PAYMENTS.items()}
        return Several(labels(field.base_field.flatchoices, short))
    if field.choices:
        return labels(field.flatchoices, WORDS.get(name))
    match field:
        case models.BooleanField():
            return flag
        case models.DateField():
            return day
        case models.DecimalField():
            return decimal(field.decimal_places)
        case models.IntegerField():
            return whole(0, 1000)
        case models.TextField():
            return lines(LONG)
        case _:
            return text(field.max_length)


def columns_of(
    model: type[models.Model],
    *,
    required: Iterable[str],
    aliases: Mapping[str, tuple[str, ...]],
    helps: Mapping[str, Any],
    examples: Mapping[str, str],
) -> tuple[Column, ...]:
    """The columns of a kind of record in the order of its table."""
    required = set(required)
    helps = {
        KEY: gettext_lazy("Stands in exported tables; leave it as it is, and empty for new rows."),
        **helps,
    }
    return tuple(
        Column(
            name, title_of(model, name), cleaner_of(model, name), required=name in required,
            help=helps.get(name, ""), example=examples.get(name, ""), aliases=aliases.get(name, ()),
            width=34 if name.startswith(("name", "address", "clinic", "position")) else 18,
        )
        for name in COLUMNS[model]
    )  # fmt: skip


class Called:
    """Rows by what they are called in any language (`names`), by their keys or codes, and by their `numbers`."""

    def __init__(self, rows: Iterable[Any], *names: str, numbers: Iterable[str] = ()) -> None:
        self._names = names
        self._rows: dict[str, Any] = {}
        for row in rows:
            words = {getattr(row, f"{name}_{language}") for name in names for language in LANGUAGES}
            words |= {getattr(row, name) for name in numbers}
            for word in {folded(word) for word in (*words, str(row.pk)) if word}:
                self._rows[word] = row if self._rows.get(word, row) == row else None

    def find(self, written: str, unknown: Any, ambiguous: Any) -> Any:
        """The row that is called so. Raises ValidationError with the words given, and names that come near."""
        word = folded(written)
        if row := self._rows.get(word):
            return row
        if word in self._rows:
            raise ValidationError(ambiguous)
        near = (self._rows[one] for one in get_close_matches(word, self._rows, 3, NEAR_BY))
        raise ValidationError(perhaps(str(unknown), [self._said(row) for row in near if row]))

    def _said(self, row: Any) -> str:
        return str(getattr(row, self._names[0], row))
