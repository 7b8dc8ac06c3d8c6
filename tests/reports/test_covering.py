"""What analysts are told: no small count of people, and none that can be worked out of the others."""

from __future__ import annotations

import itertools

import pytest

from clinics.reports.figures import share
from cluster_portal.reports.columns import HIDDEN, SMALL, Column, Type, covering, gives_away


def count(name, of=""):
    return Column(name, name, Type.INTEGER, people=True, of=of)


WHOLE = [count("whole"), count("a", "whole"), count("b", "whole"), count("c", "whole")]
NESTED = [count("sent"), count("seen", "sent"), count("waiting", "sent"), count("in_time", "seen")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((30, 10, 20, 0), [30, 10, 20, 0]),
        # 30 - 20 - 7 would be 3; the smallest of the others goes too.
        ((30, 20, 7, 3), [30, 20, HIDDEN, None]),
        # Together two small ones are of seven people: nobody can tell them apart.
        ((17, 10, 4, 3), [17, 10, None, None]),
        # Together they are of three people, who would be recognised.
        ((13, 10, 2, 1), [13, HIDDEN, None, None]),
        # Nothing is left to be hidden but the whole.
        ((4, 4, 0, 0), [None, None, 0, 0]),
        ((6, 2, 2, 2), [6, None, None, None]),
        # What no column counts is worked out as easily.
        ((12, 10, 0, 0), [12, HIDDEN, 0, 0]),
        ((3, 0, 0, 0), [None, 0, 0, 0]),
        ((0, 0, 0, 0), [0, 0, 0, 0]),
    ],
)
def test_a_row(row, told):
    assert covering(WHOLE)(row) == told


def test_a_part_of_a_part():
    # Twelve were seen, ten of them in time: two too late.
    assert covering(NESTED)((40, 12, 28, 10)) == [40, 12, 28, HIDDEN]


@pytest.mark.parametrize("columns", [WHOLE, NESTED])
def test_no_subtraction_gives_a_small_count(columns):
    """Every row of small and middling counts: what is left of a whole that is told is nothing, or enough people."""
    sizes = (0, 1, 3, 4, 5, 6, 9, 20)
    cover = covering(columns)
    for a, b, c in itertools.product(sizes, repeat=3):
        row = (a + b + c, a, b, c) if columns is WHOLE else (a + b, a, b, min(a, c))
        told = cover(row)
        assert all(value is None or value is HIDDEN or value == 0 or value >= SMALL for value in told)
        assert all(value in (None, HIDDEN, true) for value, true in zip(told, row, strict=True))
        for whole, parts in (
            (0, (1, 2, 3) if columns is WHOLE else (1, 2)),
            (1, () if columns is WHOLE else (3,)),
        ):
            if parts and told[whole] and isinstance(told[whole], int):
                left = told[whole] - sum(told[n] or 0 for n in parts)
                assert left == 0 or left >= SMALL, (row, told)


def test_columns_that_are_no_counts_of_people_stay():
    columns = [Column("place", "Place"), Column("slots", "Slots", Type.INTEGER), count("people")]
    assert covering(columns)(("Kedr", 3, 2)) == ["Kedr", 3, None]


def test_a_share_that_tells_of_the_others_is_hidden():
    assert share(18, 20, hide=True) is None
    assert share(18, 20) == pytest.approx(0.9)
    assert share(15, 20, hide=True) == pytest.approx(0.75)
    assert share(20, 20, hide=True) == 1
    assert gives_away(20, [18]) and not gives_away(20, [20]) and not gives_away(20, [15])
