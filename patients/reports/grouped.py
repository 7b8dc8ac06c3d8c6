"""Rows of a group that come one after another, with what they sum up to."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def grouped(
    rows: Iterable[Sequence[Any]], things: int
) -> Iterator[tuple[list[Any], list[Sequence[Any]], int]]:
    """Each group's names, its rows without them, and their sum (the last value). One group is in memory at a time.

    A row begins with a name and its key for each of the `things` that it is grouped by.
    """
    width = 2 * things
    for group, found in groupby(rows, key=lambda row: tuple(row[:width])):
        inner = [row[width:] for row in found]
        yield list(group[0::2]), inner, sum(row[-1] for row in inner)
