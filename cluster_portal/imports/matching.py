"""Which column of a file is which of ours: as the organisation said last time, or by the headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cluster_portal.imports.cleaning import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cluster_portal.imports.base import Import


def guess(kind: Import, headings: Sequence[str], known: Mapping[str, str]) -> dict[str, int]:
    """Places in the file by our columns' names; each heading and each column is used once.

    `known` is what the organisation said of such headings before. A heading that means a column by itself goes before
    one that only begins or ends with such words: «Дата рождения» before «Дата рождения (по паспорту)».
    """
    names = {column.name: column.headings() for column in kind.columns}
    words = [folded(heading) for heading in headings]
    found: dict[str, int] = {}
    used: set[int] = set()

    def take(name: str, place: int) -> None:
        if name not in found and place not in used:
            found[name] = place
            used.add(place)

    for place, word in enumerate(words):
        if known.get(word) in names:
            take(known[word], place)
        elif word in known:
            used.add(place)
    # What stands in brackets explains: «Пол (1/2)».
    bare = [folded(re.sub(r"\(.*?\)", "", heading)) for heading in headings]
    for spelling in (words, bare):
        for place, word in enumerate(spelling):
            for name, titles in names.items():
                if word in titles:
                    take(name, place)
    # Then by parts: the longest title that a heading holds at its beginning or end.
    parts = sorted(
        (
            (len(title), place, name)
            for place, word in enumerate(words)
            for name, titles in names.items()
            for title in titles
            if len(title) > 4 and (word.startswith(title) or word.endswith(title))
        ),
        key=lambda part: (-part[0], part[1]),
    )
    for _length, place, name in parts:
        take(name, place)
    return found


def remembered(headings: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """What is to be remembered of a mapping: each heading with its column, "" for what was left aside."""
    names = {place: name for name, place in mapping.items()}
    return {
        folded(heading): names.get(place, "") for place, heading in enumerate(headings) if folded(heading)
    }
