"""Generated numbers pass the checks that typed ones must pass, and none comes twice."""

import re
from datetime import date, timedelta
from itertools import islice

import pytest

from cluster_portal.common.identifiers import (
    validate_bin,
    validate_enp,
    validate_iin,
    validate_inn,
    validate_ogrn,
    validate_snils,
)
from cluster_portal.demo import identifiers


def test_snils_are_valid_and_all_different():
    numbers = list(islice(identifiers.snils_numbers(), 20_000))
    for number in numbers:
        validate_snils(number)
        assert not re.search(r"(\d)\1\1", number[:9])
    assert len(set(numbers)) == len(numbers)


def test_enp_are_valid_and_all_different():
    numbers = [identifiers.enp(serial, "65") for serial in range(20_000)]
    for number in numbers:
        validate_enp(number)
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("65") for number in numbers)


@pytest.mark.parametrize("sex", ["m", "f"])
def test_iin_are_valid_for_every_century(sex):
    for serial in range(3000):
        born = date(1931, 1, 1) + timedelta(days=serial * 11)
        number = identifiers.iin(serial, born, sex)
        validate_iin(number)
        assert number.startswith(f"{born:%y%m%d}")


def test_organisations_have_valid_and_different_numbers():
    for serial in range(300):
        validate_inn(identifiers.inn(serial, "65"))
        validate_ogrn(identifiers.ogrn(serial, "65"))
        validate_bin(identifiers.kazakh_bin(serial, date(2001 + serial % 20, 1 + serial % 12, 1)))
    assert len({identifiers.inn(serial, "65") for serial in range(300)}) == 300
    assert len({identifiers.ogrn(serial, "65") for serial in range(300)}) == 300


def test_known_check_digits():
    """Vectors of the rules themselves, not of our generators."""
    assert identifiers.luhn_digit("845199912289999") == 0
    assert identifiers.kazakh_digit("77051430001") in range(10)
