"""The catalogue's filters, as its address has them. What makes no sense is left out rather than refused."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from clinics.selectors.choices import choices
from clinics.selectors.spots import Wanted
from clinics.selectors.wording import LANGUAGES
from clinics.states import Direction, Ownership, Payment, Scheme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from clinics.selectors.choices import Choices

#: «Not later than», in days from today.
WITHIN = (0, 1, 3, 7, 14, 30)
#: How far from a place one looks, in kilometres.
DISTANCES = (5, 10, 30, 100, 300)
MAX_TEXT = 100
#: The order of the list that is asked for by `order`; without it the earliest visit comes first.
NEAREST = "near"
#: Clinics that may stand side by side.
COMPARED = 4
#: The names in the address of what `Wanted` calls otherwise.
PARAMETERS = {
    "text": "q", "within_days": "within", "open_now": "open", "round_the_clock": "always", "place": "near",
}  # fmt: skip


def wanted_in(query: QueryDict, known: Choices | None = None) -> Wanted:
    """What an address asks for. A town with a distance is a circle around it. `order=near` puts first what lies nearest
    to the place or the town; it means nothing without one.
    """
    town = _text(query, "town")
    km = _number(query.get("km"), DISTANCES)
    place = place_in(query.get("near"))
    middle = (known or choices()).town(town) if town and not place else None
    centre = place or ((middle.lat, middle.lon) if middle else None)
    if km and middle:
        place = centre
    kinds = [kind for kind in Ownership.values if kind in query.getlist("ownership")]
    return Wanted(
        text=_text(query, "q").strip(),
        town=town,
        place=place,
        km=km if place else None,
        # All of them is as good as none of them.
        ownership=tuple(kinds) if len(kinds) < len(Ownership) else (),
        direction=_one_of(query.get("direction"), Direction.values),
        service_type=_text(query, "service_type"),
        payment=_one_of(query.get("payment"), Payment.values),
        language=_one_of(query.get("language"), LANGUAGES),
        equipment=_text(query, "equipment"),
        accreditation=_one_of(query.get("accreditation"), Scheme.values),
        open_now=query.get("open") == "1",
        weekend=query.get("weekend") == "1",
        evening=query.get("evening") == "1",
        round_the_clock=query.get("always") == "1",
        within_days=_number(query.get("within"), WITHIN),
        origin=centre if query.get("order") == NEAREST else None,
    )


def place_in(text: str | None) -> tuple[float, float] | None:
    """A place as an address has it (`46.95,142.73`: lat, lon); None where it is none."""
    lat, comma, lon = (text or "").partition(",")
    try:
        place = float(lat), float(lon)
    except ValueError:
        return None
    return place if comma and abs(place[0]) <= 85 and abs(place[1]) <= 180 else None


def _text(query: QueryDict, name: str) -> str:
    # A zero byte is the one character that PostgreSQL cannot take.
    return query.get(name, "").replace("\x00", "")[:MAX_TEXT]


def _one_of(value: str | None, known: Sequence[str]) -> str:
    return value if value in known else ""


def _number(value: str | None, known: Sequence[int]) -> int | None:
    return int(value) if value in map(str, known) else None


def chosen_in(query: QueryDict) -> list[uuid.UUID]:
    """The clinics that are to stand side by side, in the order in which they were ticked, COMPARED at most."""
    found = []
    for text in query.getlist("compare"):
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return list(dict.fromkeys(found))[:COMPARED]
