"""What a minute-old answer is good enough for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.cache import cache
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Seconds for which a page's figures are kept.
FRESH = 60


def kept(name: str, make: Callable[[], T]) -> T:
    """`make()`, or what it said within the last minute in this language. A cache that is away costs the queries."""
    key = f"pages:{name}:{get_language()}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, FRESH)
    return found
