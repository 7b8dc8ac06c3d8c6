"""The burn-up of facilities drawn: the promise, what has opened, what is planned, on a scale of years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from investors.selectors.facilities import Facilities

#: Room around the drawing: for numbers at the left, names at the right, the largest figure above, years below.
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 26, 30
#: Names of years stand at least so far apart, in units of the drawing.
APART = 46


@dataclass(frozen=True, slots=True)
class BurnUp:
    """What the template draws; lines are paths of SVG, marks are pairs of a place and a word."""

    width: int
    height: int
    left: int
    right: float
    floor: float
    levels: list[tuple[float, int]]
    years: list[tuple[float, float, int | None]]
    promise: str
    promised: tuple[float, float]
    opened: str
    area: str
    planned: str
    now: tuple[float, float]
    end: tuple[float, float, int] | None


def draw(found: Facilities, width: int, height: int) -> BurnUp:
    """The chart in `width` × `height` units."""
    first, last = date(found.since.year, 1, 1), date(found.until.year, 12, 31)
    most = max(found.value, found.opened + found.coming)
    step = next(size for size in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if most / size <= 6)
    top = (most // step + 1) * step
    right, floor = width - RIGHT, height - BOTTOM

    def x(day: date) -> float:
        return round(LEFT + (day - first).days / (last - first).days * (right - LEFT), 1)

    def y(number: float) -> float:
        return round(floor - number / top * (floor - TOP), 1)

    number = found.before + found.undated
    begin = max(first, found.since)
    opened = f"M{x(begin)} {y(number)}"
    for day, more in found.openings:
        number += more
        opened += f"H{x(max(day, begin))}V{y(number)}"
    opened += f"H{x(found.today)}"
    now = (x(found.today), y(number))
    planned, end = "", None
    if found.plans:
        planned = f"M{now[0]} {now[1]}"
        for day, more in found.plans:
            number += more
            planned += f"H{x(day)}V{y(number)}"
        end = (x(found.plans[-1][0]), y(number), number)
        planned += f"H{right}"
    promise = f"M{LEFT} {y(found.value)}H{right}"
    if found.due:
        promise = f"M{x(begin)} {y(0)}L{x(found.due)} {y(found.value)}H{right}"
    span = range(first.year, last.year + 1)
    every = -(-APART * len(span) // int(right - LEFT)) or 1
    return BurnUp(
        width, height, LEFT, right, floor,
        levels=[(y(level), level) for level in range(0, top + 1, step)],
        years=[
            (x(date(year, 1, 1)), (x(date(year, 1, 1)) + x(date(year, 12, 31))) / 2, None if n % every else year)
            for n, year in enumerate(span)
        ],
        promise=promise, promised=(x(found.due) if found.due else right, y(found.value)), opened=opened,
        area=f"{opened}V{floor}H{x(begin)}z", planned=planned, now=now, end=end,
    )  # fmt: skip
