"""The roadmap drawn: a bar for each item on a scale of quarters, lines between what waits for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from investors.models import RoadmapItem

#: Sizes in units of the drawing: its width, the head with years and quarters, a row, the bar within it.
WIDTH, HEAD, ROW, BAR = 1200, 44, 46, 14
#: The bar stands so far below the top of its row, under the title.
DROP = 25
#: From so many quarters on only years are named.
MOST_QUARTERS = 24


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws."""

    width: int
    height: int
    head: int
    rows: list[dict[str, Any]]
    scale: list[dict[str, Any]]
    lines: list[str]
    today: float | None


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _next(quarter: date) -> date:
    return date(quarter.year + (quarter.month > 9), (quarter.month + 2) % 12 + 1, 1)


def draw(items: Sequence[RoadmapItem], today: date) -> Chart | None:
    """The chart of the items in their order; nothing of nothing. What is over is drawn to the day it ended."""
    if not items:
        return None
    spans = [_span(item, today) for item in items]
    first = _quarter(min(begin for begin, _end in spans))
    last = _next(_quarter(max(end for _begin, end in spans)))
    days = (last - first).days

    def x(day: date) -> float:
        return round((day - first).days / days * WIDTH, 1)

    rows, places = [], {}
    for number, (item, (begin, end)) in enumerate(zip(items, spans, strict=True)):
        top, left = HEAD + number * ROW, x(begin)
        right = max(x(end), left + 6)
        places[item.pk] = (left, right, top + DROP + BAR / 2)
        turned = left > WIDTH / 2
        rows.append(
            {
                "item": item, "top": top, "bar": top + DROP, "left": left, "length": round(right - left, 1),
                "text": top + 17, "text_x": right if turned else left, "anchor": "end" if turned else "start",
                "plan": x(item.ends_on),
            }
        )  # fmt: skip
    return Chart(
        WIDTH, HEAD + len(rows) * ROW + 8, HEAD, rows, _scale(first, last, x), _lines(items, places),
        x(today) if first <= today <= last else None,
    )  # fmt: skip


def _span(item: RoadmapItem, today: date) -> tuple[date, date]:
    begin = item.started_on or item.begins_on
    end = item.finished_on or item.ends_on
    # What is late and not done reaches to today.
    return begin, max(end, today if item.late else end, begin)


def _scale(first: date, last: date, x: Any) -> list[dict[str, Any]]:
    """Quarters; of a long roadmap every quarter has its line, and only years their name."""
    marks, day = [], first
    many = (last.year - first.year) * 4 + (last.month - first.month) // 3 > MOST_QUARTERS
    while day < last:
        year = day.year if day.month == 1 or day == first else None
        marks.append(
            {
                "x": x(day),
                "text": x(day) + 5,
                "year": year,
                "quarter": "" if many else ("I", "II", "III", "IV")[day.month // 3],
            }
        )
        day = _next(day)
    return marks


def _lines(items: Sequence[RoadmapItem], places: dict[Any, tuple[float, float, float]]) -> list[str]:
    """From the end of what is awaited to the beginning of what waits, where both are shown."""
    found = []
    for item in items:
        for needed in item.awaited:
            if needed.pk in places:
                _left, right, above = places[needed.pk]
                left, _right, below = places[item.pk]
                elbow = max(right + 6, 0)
                found.append(
                    f"M{right} {above}H{elbow}V{below - 12 if below > above else below + 12}H{left - 6}V{below}H{left}"
                )
    return found
