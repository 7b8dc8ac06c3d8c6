"""Numbers for people: a prefix, the year, a running number and a check character (ISO 7064, MOD 37,36).

`SKH-26-0001234-X` can be dictated over a telephone: one wrong or two swapped characters never give another valid
number. Dashes and case do not count.
"""

from __future__ import annotations

from django.db import connection

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(text: str) -> str:
    """The check character of `text` (letters and digits; dashes are skipped) by ISO 7064 MOD 37,36."""
    check = len(ALPHABET)
    for character in text.replace("-", "").upper():
        check = ((check + ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - check) % 36]


def compose(prefix: str, year: int, serial: int) -> str:
    """`compose("SKH", 2026, 1234)` → `SKH-26-0001234-X` with its true check character."""
    body = f"{prefix}-{year % 100:02}-{serial:07}"
    return f"{body}-{check_character(body)}"


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


def next_number(sequence: str, *, prefix: str, year: int) -> str:
    """The next number of a database sequence (named in code, never by a user). Gaps are possible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [sequence])
        return compose(prefix, year, cursor.fetchone()[0])
