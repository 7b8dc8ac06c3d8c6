"""The home page's drawing: the region's land, its towns with the number of their clinics, bows to the centre."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cluster_portal.web import maps

if TYPE_CHECKING:
    from cluster_portal.pages.selectors.public import Town

#: Size of the drawing and the part of it that the region fills; the rest lies under the words.
WIDE = {"width": 1440, "height": 656, "room": (690, 26, 1340, 560)}
#: Inland there is no sea for the figures to stand on: they stand beside the region.
INLAND = {"width": 1440, "height": 656, "room": (640, 40, 1104, 556)}
TALL = {"width": 390, "height": 430, "room": (16, 20, 374, 400)}
#: Where the figures stand on the wide drawing: no name may touch them.
FIGURES = {False: (1000, 96, 1230, 330), True: (1136, 96, 1360, 330)}


#: A bow shorter than this (units) only blurs the drawing.
SHORTEST_BOW = 60


@dataclass(slots=True)
class Hero:
    """Towns on a drawing: `pins` with x, y, tx, ty, anchor, shown, and `data` (town, centre); bows to the centre."""

    slug: str
    wide: bool
    pins: list[maps.Pin] = field(default_factory=list)
    bows: list[str] = field(default_factory=list)

    @property
    def frame(self) -> maps.Frame:
        """The drawing itself, kept by each process."""
        wide = INLAND if self.is_inland else WIDE
        return maps.frame(self.slug, **(wide if self.wide else TALL))

    @property
    def is_inland(self) -> bool:
        return bool((maps.outlines(self.slug) or {}).get("landlocked"))


def draw(slug: str, towns: list[Town], country: str, *, wide: bool = True) -> Hero | None:
    """The drawing of a cluster with its towns in its own country, the greatest first; None where its region was never
    drawn.
    """
    if maps.outlines(slug) is None:
        return None
    hero = Hero(slug, wide)
    frame = hero.frame
    sizes = (15, 13) if wide else (13, 11.5)
    shown = [town for town in towns if town.country == country and frame.shows(town.lon, town.lat, margin=8)]
    for number, town in enumerate(shown):
        x, y = frame.xy(town.lon, town.lat)
        centre = number == 0
        # The number of clinics follows the name, in another colour; the centre carries it inside.
        text = town.name if centre else f"{town.name} {town.clinics}"
        pin = maps.Pin(x, y, text, radius=15 if centre else 4.5, size=sizes[not centre])
        pin.data = {"town": town, "centre": centre}
        hero.pins.append(pin)
    # On an inland map everything is land.
    avoid = None if hero.is_inland else frame.on_own_land
    margin, taken = (90, [FIGURES[hero.is_inland]]) if wide else (10, [])
    maps.place_labels(hero.pins, frame.width, frame.height - margin, taken, avoid)
    hero.bows = [_bow(pin, hero.pins[0]) for pin in hero.pins[1:] if _far(pin, hero.pins[0])]
    return hero


def _far(pin: maps.Pin, centre: maps.Pin) -> bool:
    return pin.shown and math.hypot(pin.x - centre.x, pin.y - centre.y) >= SHORTEST_BOW


def _bow(pin: maps.Pin, centre: maps.Pin) -> str:
    """Bows lean outward: to the right of the centre to the right, to its left to the left."""
    bend = 0.16 if (pin.x >= centre.x) == (pin.y < centre.y) else -0.16
    return maps.arc(pin.x, pin.y, centre.x, centre.y, bend)
