"""Numbers that are dictated over a telephone: no slip gives another valid one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_2

from cluster_portal.common import numbering

NUMBERS = [
    next(numbering.numbers("SKH", 2026, first=serial))[1] for serial in (0, 1, 1234, 999_999, 7_654_321)
]


def compact(number: str) -> str:
    return number.replace("-", "")


@given(st.text(alphabet=numbering.ALPHABET, min_size=1, max_size=20))
def test_the_check_character_is_that_of_iso_7064(text):
    check = numbering.check_character(text)
    assert check == mod_37_2.calc_check_digit(text)
    assert check == "*" or numbering.is_valid(text + check)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_single_wrong_character_is_seen(number):
    right = compact(number)
    for place, character in itertools.product(range(len(right)), numbering.ALPHABET):
        if character != right[place]:
            assert not numbering.is_valid(right[:place] + character + right[place + 1 :])


@pytest.mark.parametrize("number", NUMBERS)
def test_every_swap_of_neighbours_is_seen(number):
    right = compact(number)
    for place in range(len(right) - 1):
        swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
        assert swapped == right or not numbering.is_valid(swapped)


@given(st.integers(0, 10**7 - 1), st.integers(0, 99), st.integers(0, 11))
def test_swaps_are_seen_in_any_number(serial, year, place):
    right = compact(next(numbering.numbers("SKH", year, first=serial))[1])
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert swapped == right or not numbering.is_valid(swapped)


def test_what_cannot_be_said_is_left_out():
    taken = [serial for serial, _ in itertools.islice(numbering.numbers("SKH", 2026), 1000)]
    left_out = sorted(set(range(1, taken[-1] + 1)) - set(taken))
    assert 20 <= len(left_out) <= 35
    with pytest.raises(ValueError, match="take the next serial"):
        numbering.compose("SKH", 2026, left_out[0])


def test_a_typed_number_is_brought_to_its_written_form():
    number = NUMBERS[2]
    for typed in (
        number,
        number.lower(),
        compact(number),
        f"  {compact(number).lower()} ",
        number.replace("-", " "),
    ):
        assert numbering.normalize(typed) == number
        assert numbering.is_valid(typed) and numbering.is_number(numbering.normalize(typed))
    # Its last letter is its check character, by chance.
    assert numbering.is_valid("HWANG") and not numbering.is_number("HWANG")
    assert numbering.normalize("Иванов") == "ИВАНОВ"
    assert not numbering.is_valid("Иванов")
    assert not numbering.is_valid("")


@pytest.mark.django_db
def test_numbers_follow_one_another():
    given = [numbering.next_number("referral_number_seq", prefix="SKH", year=2026) for _ in range(300)]
    assert all(map(numbering.is_valid, given))
    assert all(number.startswith("SKH-26-") for number in given)
    steps = [int(b[7:14]) - int(a[7:14]) for a, b in itertools.pairwise(given)]
    assert min(steps) == 1
    assert max(steps) > 1  # those that were left out
