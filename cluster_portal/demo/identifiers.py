"""Numbers of people and organisations that pass every check and belong to nobody on purpose.

Bodies are drawn without repetition; the check digits follow the rules that `common.identifiers` validates.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# Multiplying by a number that has no common factor with the modulus visits every residue once: serial numbers become
# numbers that look drawn, and no two of them are equal.
_SNILS_FIRST, _SNILS_ROOM, _SNILS_STEP = 10_000_000, 980_000_000, 618_033_989
_ENP_ROOM, _ENP_STEP = 10**10, 6_180_339_887
_IIN_ROOM, _IIN_STEP = 10**4, 6_181
_TRIPLE = re.compile(r"(\d)\1\1")
KAZAKH_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
INN_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def snils_numbers() -> Iterator[str]:
    """СНИЛС without end, all different: nine digits above 001-001-998, then the control number.

    Bodies with the same digit three times running are left out, as the Pension Fund never issued any.
    """
    return (snils(serial) for serial in count() if not _TRIPLE.search(_snils_body(serial)))


def _snils_body(serial: int) -> str:
    return f"{_SNILS_FIRST + serial * _SNILS_STEP % _SNILS_ROOM:09}"


def snils(serial: int) -> str:
    """The `serial`-th СНИЛС."""
    body = _snils_body(serial)
    total = sum(int(digit) * weight for digit, weight in zip(body, range(9, 0, -1), strict=True))
    return f"{body}{total % 101 % 100:02}"


def luhn_digit(body: str) -> int:
    """The last digit by HL7 Mod10, which for digits is Luhn's rule."""
    total = 0
    for index, digit in enumerate(reversed(body)):
        number = int(digit) * (1 if index % 2 else 2)
        total += number - 9 if number > 9 else number
    return -total % 10


def enp(serial: int, region: str) -> str:
    """The `serial`-th ЕНП: 16 digits that begin with the region's two."""
    body = f"{region}5{serial % 10}0{serial * _ENP_STEP % _ENP_ROOM:010}"
    return f"{body}{luhn_digit(body)}"


def inn(serial: int, region: str) -> str:
    """ИНН of an organisation: region, tax office, number, check digit."""
    body = f"{region}01{90000 + serial:05}"
    return f"{body}{sum(int(d) * w for d, w in zip(body, INN_WEIGHTS, strict=True)) % 11 % 10}"


def ogrn(serial: int, region: str) -> str:
    """ОГРН: kind, year, region, office, number, check digit."""
    body = f"1{2 + serial % 22:02}{region}00{90000 + serial:05}"
    return f"{body}{int(body) % 11 % 10}"


def kazakh_digit(body: str) -> int | None:
    """The check digit of ИИН and БИН; None where the rule gives none, and the number is never issued."""
    check = sum(int(d) * w for d, w in zip(body, range(1, 12), strict=True)) % 11
    if check == 10:
        check = sum(int(d) * w for d, w in zip(body, KAZAKH_WEIGHTS, strict=True)) % 11
    return None if check == 10 else check


def iin(serial: int, born: date, sex: str) -> str:
    """ИИН of somebody `born` that day: date, century and sex, four digits by `serial`, check digit."""
    century = {18: 1, 19: 3, 20: 5}[born.year // 100] + (sex == "f")
    while True:
        body = f"{born:%y%m%d}{century}{serial * _IIN_STEP % _IIN_ROOM:04}"
        check = kazakh_digit(body)
        if check is not None:
            return f"{body}{check}"
        serial += 1


def kazakh_bin(serial: int, registered: date) -> str:
    """БИН of a legal person (4, head office 0) registered in that month."""
    while True:
        body = f"{registered:%y%m}40{serial % 10**5:05}"
        check = kazakh_digit(body)
        if check is not None:
            return f"{body}{check}"
        serial += 1000
