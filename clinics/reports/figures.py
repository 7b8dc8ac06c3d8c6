"""Shares and averages in a report's rows."""

from __future__ import annotations

from cluster_portal.reports.columns import SMALL


def share(part: int, whole: int, *, hide: bool = False) -> float | None:
    """`part` of `whole` as 0–1; None of nothing.

    `hide` is for those who see no small counts: a share that would give one away, its own or that of the others, is
    None too.
    """
    if not whole or (hide and (whole < SMALL or 0 < part < SMALL or 0 < whole - part < SMALL)):
        return None
    return part / whole


def typical(value: float | None, people: int, *, hide: bool = False) -> float | None:
    """A median or percentile over `people`; with `hide` None where they are so few that it describes one of them."""
    return None if hide and people < SMALL else value
