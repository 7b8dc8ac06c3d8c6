"""Chance that is the same on every machine: seeded streams, and keys that depend on nothing but them."""

from __future__ import annotations

import random
from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Wheel:
    """Weighted choice, prepared once."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self.items = list(items)
        self.totals = list(accumulate(weights))

    def __bool__(self) -> bool:
        return bool(self.items) and self.totals[-1] > 0

    def turn(self, chance: Chance) -> T:
        return self.items[bisect(self.totals, chance.random() * self.totals[-1], 0, len(self.items) - 1)]


class Chance(random.Random):
    """One seeded stream. Different parts of the demo draw from different streams, so that a change of one of them
    does not move the others."""

    def __new__(cls, *_seed: object) -> Chance:
        return super().__new__(cls)

    def __init__(self, *seed: object) -> None:
        super().__init__(":".join(map(str, seed)))

    def yes(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def key(self, moment: datetime) -> str:
        """A UUIDv7 of `moment` as 32 hexadecimal digits: 48 bits of milliseconds, then bits of this stream."""
        milliseconds = int(moment.timestamp() * 1000) & 0xFFFFFFFFFFFF
        low = 0x8000000000000000 | self.getrandbits(62)
        return f"{milliseconds:012x}7{self.getrandbits(12):03x}{low:016x}"

    def span(self, mean: timedelta) -> timedelta:
        """A waiting time with this mean, mostly shorter and at times much longer; whole seconds."""
        return timedelta(seconds=int(self.expovariate(1.0) * mean.total_seconds()))

    def minutes(self, low: int, high: int) -> timedelta:
        """Between `low` and `high` minutes."""
        return timedelta(seconds=self.randrange(low * 60, high * 60 + 1))
