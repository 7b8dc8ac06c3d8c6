"""Identifiers of people and organisations: the vectors of their sources, and every kind of slip."""

import random
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from stdnum import luhn
from stdnum.ru import inn as stdnum_inn
from stdnum.ru import ogrn as stdnum_ogrn

from cluster_portal.common import identifiers
from tests.factories import patients as factory


def accepts(validate, value: str) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("value", ["11223344595", "112-233-445 95", "08765430300", "087-654-303 00"])
def test_known_snils_are_right(value):
    identifiers.validate_snils(value)


@pytest.mark.parametrize(
    "value",
    [
        "11223344596",  # check digits
        "00100199800",  # numbers up to 001-001-998 carry no checksum
        "1122334459",  # short
        "112233445950",  # long
        "112-233-445 9x",
        "11223344595; DROP",
        "",
    ],
)
def test_wrong_snils_are_refused(value):
    assert not accepts(identifiers.validate_snils, value)


def test_every_wrong_digit_of_a_snils_is_seen():
    # 101 is a prime above every weighted difference, so no single digit can go wrong unseen, but for the one pair of
    # remainders 0 and 100 that share the digits 00.
    seen = unseen = 0
    for n in range(400):
        right = factory.snils(n * 7919)
        for place in range(9):
            for digit in "0123456789":
                if digit != right[place]:
                    wrong = right[:place] + digit + right[place + 1 :]
                    seen += not accepts(identifiers.validate_snils, wrong)
                    unseen += accepts(identifiers.validate_snils, wrong)
    assert unseen / (seen + unseen) < 0.001


def test_known_enp_is_right():
    identifiers.validate_enp("8451999122899990")
    identifiers.validate_enp("8451 9991 2289 9990")
    assert not accepts(identifiers.validate_enp, "8451999122899991")
    assert not accepts(identifiers.validate_enp, "845199912289999")


def test_enp_is_checked_as_luhn_checks():
    dice = random.Random(2188)
    for _ in range(2000):
        number = f"{dice.randrange(10**16):016}"
        assert accepts(identifiers.validate_enp, number) == luhn.is_valid(number)


def test_inn_and_ogrn_agree_with_an_independent_library():
    dice = random.Random(519)
    for _ in range(3000):
        for length, validate, other in (
            (10, identifiers.validate_inn, stdnum_inn),
            (12, identifiers.validate_inn, stdnum_inn),
            (13, identifiers.validate_ogrn, None),
            (15, identifiers.validate_ogrn, None),
        ):
            number = f"{dice.randrange(10**length):0{length}}"
            expected = (
                other.is_valid(number) if other else int(number[:-1]) % (length - 2) % 10 == int(number[-1])
            )
            assert accepts(validate, number) == expected, number
    assert stdnum_ogrn.is_valid("1022200525819")
    identifiers.validate_ogrn("1022200525819")
    identifiers.validate_inn("7707083893")
    identifiers.validate_inn("500100732259")


@pytest.mark.parametrize("n", range(0, 3000, 37))
def test_generated_identifiers_fit(n):
    identifiers.validate_snils(factory.snils(n))
    identifiers.validate_enp(factory.enp(n))
    identifiers.validate_iin(factory.iin(date(1988, 2, 29), n))


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("981111450050", False),  # the thirteenth month does not exist, the check digit neither
        ("991301300012", False),
        (factory.iin(date(2004, 2, 29), 12), True),
    ],
)
def test_iin_begins_with_a_birth_date(value, fits):
    assert accepts(identifiers.validate_iin, value) == fits


def test_bin_begins_with_the_month_of_registration():
    # Kazakhtelecom and the National Bank of Kazakhstan, from their own sites.
    identifiers.validate_bin("941240000193")
    identifiers.validate_bin("941240001151")
    assert not accepts(identifiers.validate_bin, "941340000193")
    assert not accepts(identifiers.validate_bin, "941210000193")
    assert not accepts(identifiers.validate_bin, "941240000194")


@pytest.mark.parametrize("digits", ["١١٢٢٣٣٤٤٥٩٥", "１１２２３３４４５９５", "११२२३३४४५९५"])
def test_digits_of_other_scripts_are_no_identifier(digits):
    # They would pass for \d and int(), and stand beside the same number in ASCII as another one.
    assert not accepts(identifiers.validate_snils, digits)
    assert identifiers.normalize(digits) == ""


def test_shown_and_masked():
    assert identifiers.format_snils("11223344595") == "112-233-445 95"
    assert identifiers.format_enp("8451999122899990") == "8451 9991 2289 9990"
    assert identifiers.mask("11223344595") == "•••••••4595"
    assert identifiers.mask("") == ""
    assert identifiers.normalize("112-233-445 95") == "11223344595"
    assert identifiers.normalize(None) == ""
