"""Numbers for people: a prefix, the year, a running number and a check character (ISO 7064, MOD 37-2).

`SKH-26-0001234-X` can be dictated over a telephone: one wrong character or two swapped neighbours never give another
valid number. Dashes and case do not count.

The pure system MOD 37-2 keeps that promise (its hybrid sister MOD 37,36 misses one swap in two hundred). One number in
37 would get `*` as its check character, which nobody can dictate: such serial numbers are left out.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNSPEAKABLE = "*"
_WRITTEN = re.compile(r"[A-Z]{3}-[0-9]{2}-[0-9]{7}-[0-9A-Z]")


def check_character(text: str) -> str:
    """The check character of `text` (letters and digits; dashes are skipped) by ISO 7064 MOD 37-2."""
    total = 0
    for character in text.replace("-", "").upper():
        total = (total + ALPHABET.index(character)) * 2 % 37
    return (ALPHABET + UNSPEAKABLE)[(1 - total) % 37]


def compose(prefix: str, year: int, serial: int) -> str:
    """`compose("SKH", 2026, 1234)` → `SKH-26-0001234-X` with its true check character.

    Raises ValueError for the one serial in 37 that is left out; `numbers` passes over them.
    """
    body = f"{prefix}-{year % 100:02}-{serial:07}"
    check = check_character(body)
    if check == UNSPEAKABLE:
        raise ValueError(f"{body} has no check character that can be said: take the next serial")
    return f"{body}-{check}"


def numbers(prefix: str, year: int, *, first: int = 1) -> Iterator[tuple[int, str]]:
    """Serial numbers from `first` on with their written form, without those that are left out."""
    serial = first
    while True:
        with suppress(ValueError):
            yield serial, compose(prefix, year, serial)
        serial += 1


def normalize(text: str) -> str:
    """A number as typed by a person, brought to the written form; unknown shapes come back in capitals."""
    compact = "".join(c for c in text.upper() if c in ALPHABET)
    if len(compact) == 13 and compact[:3].isalpha():
        return f"{compact[:3]}-{compact[3:5]}-{compact[5:12]}-{compact[12]}"
    return text.strip().upper()


def is_valid(number: str) -> bool:
    """Whether the check character of a number fits."""
    compact = "".join(c for c in number.upper() if c in ALPHABET)
    return len(compact) > 1 and check_character(compact[:-1]) == compact[-1]


def is_number(text: str) -> bool:
    """Whether `text` is a number in its written form (see `normalize`), and no word that fits by chance: every 37th
    surname in Latin letters ends in its own check character.
    """
    return _WRITTEN.fullmatch(text) is not None and is_valid(text)


def next_number(sequence: str, *, prefix: str, year: int) -> str:
    """The next number of a database sequence (named in code, never by a user). Gaps are possible."""
    return next_numbers(sequence, prefix=prefix, year=year, count=1)[0]


def next_numbers(sequence: str, *, prefix: str, year: int, count: int) -> list[str]:
    """So many of them, in their order: one statement, and another one for those that are left out."""
    found: list[str] = []
    while (missing := count - len(found)) > 0:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, missing])
            serials = [row[0] for row in cursor]
        for serial in serials:
            with suppress(ValueError):
                found.append(compose(prefix, year, serial))
    return found
