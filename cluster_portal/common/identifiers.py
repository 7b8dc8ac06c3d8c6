"""Identifiers of people and organisations: normalised, checked, shown and masked.

Every validator raises ValidationError in the reader's language. `normalize` keeps digits only.
"""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def normalize(value: str | None) -> str:
    """Digits only, as they are stored and searched. Digits of other scripts are none: they would be another number."""
    return re.sub(r"[^0-9]", "", value or "")


def _require_digits(value: str, length: tuple[int, ...], message) -> str:
    digits = normalize(value)
    if len(digits) not in length or re.search(r"[^0-9\s\-–]", value):
        raise ValidationError(message, code="format")
    return digits


def validate_snils(value: str) -> None:
    """СНИЛС: 11 digits, the last two a checksum (numbers up to 001-001-998 carry none and are refused)."""
    digits = _require_digits(value, (11,), _("СНИЛС has 11 digits: 123-456-789 00."))
    body, check = digits[:9], int(digits[9:])
    total = sum(int(d) * weight for d, weight in zip(body, range(9, 0, -1), strict=True)) % 101 % 100
    if int(body) <= 1001998 or total != check:
        raise ValidationError(
            _("The check digits of СНИЛС do not fit. Please compare with the document."), "check"
        )


def format_snils(value: str) -> str:
    """`11223344595` → `112-233-445 95`."""
    return f"{value[:3]}-{value[3:6]}-{value[6:9]} {value[9:]}" if len(value) == 11 else value


def validate_enp(value: str) -> None:
    """ЕНП of the OMS policy: 16 digits, the last one by HL7 Mod10, which for digits is Luhn's rule."""
    digits = _require_digits(value, (16,), _("The OMS policy number has 16 digits."))
    total = 0
    for index, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if index % 2 else 1)
        total += number - 9 if number > 9 else number
    if total % 10:
        raise ValidationError(
            _("The check digit of the policy does not fit. Please compare with the policy."), "check"
        )


def format_enp(value: str) -> str:
    """Groups of four."""
    return " ".join(value[i : i + 4] for i in range(0, len(value), 4))


def validate_inn(value: str) -> None:
    """ИНН of an organisation (10 digits) or of a person (12)."""
    digits = _require_digits(value, (10, 12), _("ИНН has 10 or 12 digits."))
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)

    def check(length: int) -> int:
        return sum(int(d) * w for d, w in zip(digits, weights[-length:], strict=False)) % 11 % 10

    fits = (
        int(digits[9]) == check(9)
        if len(digits) == 10
        else int(digits[10]) == check(10) and int(digits[11]) == check(11)
    )
    if not fits:
        raise ValidationError(_("The check digit of ИНН does not fit."), "check")


def validate_ogrn(value: str) -> None:
    """ОГРН (13 digits) or ОГРНИП (15 digits)."""
    digits = _require_digits(value, (13, 15), _("ОГРН has 13 digits, ОГРНИП has 15."))
    if int(digits[:-1]) % (len(digits) - 2) % 10 != int(digits[-1]):
        raise ValidationError(_("The check digit of ОГРН does not fit."), "check")


def _kazakh_check(digits: str) -> int:
    check = sum(int(d) * w for d, w in zip(digits, range(1, 12), strict=False)) % 11
    if check == 10:
        check = (
            sum(int(d) * w for d, w in zip(digits, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2), strict=False)) % 11
        )
    return check


def validate_iin(value: str) -> None:
    """ИИН of Kazakhstan: birth date YYMMDD, century and sex, four digits, a check digit."""
    digits = _require_digits(value, (12,), _("ИИН has 12 digits."))
    century = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}.get(digits[6])
    try:
        date((century or 0) + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        raise ValidationError(_("ИИН begins with the birth date: YYMMDD."), "format") from None
    if _kazakh_check(digits[:11]) != int(digits[11]):
        raise ValidationError(_("The check digit of ИИН does not fit."), "check")


def validate_bin(value: str) -> None:
    """БИН of a Kazakh organisation: registration YYMM, kind 4–6, a check digit."""
    digits = _require_digits(value, (12,), _("БИН has 12 digits."))
    if not 1 <= int(digits[2:4]) <= 12 or digits[4] not in "456":
        raise ValidationError(_("БИН begins with the month of registration: YYMM, then 4, 5 or 6."), "format")
    if _kazakh_check(digits[:11]) != int(digits[11]):
        raise ValidationError(_("The check digit of БИН does not fit."), "check")


def validate_cadastral_number(value: str) -> None:
    """Of Russia (district:area:quarter:plot, `77:15:0020321:213`) or of Kazakhstan (`02-036-145-312`)."""
    if not re.fullmatch(
        r"[0-9]{2}:[0-9]{2}:[0-9]{6,7}:[0-9]{1,6}|[0-9]{2}([-:])[0-9]{3}\1[0-9]{3}\1[0-9]{1,5}", value
    ):
        raise ValidationError(
            _("A cadastral number looks like 77:15:0020321:213 or 02-036-145-312."), "format"
        )


def mask(value: str) -> str:
    """For lists: everything but the last four characters hidden."""
    return "•" * max(len(value) - 4, 0) + value[-4:] if value else ""
