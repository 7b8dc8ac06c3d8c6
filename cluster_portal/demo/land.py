"""Land of the demo: each cluster's sites with their plots in every state, what is laid to them and what it costs.

The outlines are drawn for the demo; how much land Skolkovo has and how much of it goes to tenders is true.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cluster_portal.demo.facts import DATA, read_json
from investors.models import Plot, Site, Utility
from investors.outlines import box_of, sides
from investors.states import Direction, PlotState, Tenure, UtilityKind

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

ORDER = ("ru", "en", "kk")
_D, _K = Direction, UtilityKind
#: What plots are for, and the words of their pages, each in three languages.
WORDS = DATA / "common" / "land.json"
TITLES = ("Участок № {number} {purpose}", "Plot No. {number} {purpose}", "{purpose} № {number} учаске")
#: Per hectare: capacity that is laid. Gas comes only where something is produced.
LAID = {_K.POWER: 800, _K.WATER: 105, _K.SEWAGE: 95, _K.HEAT: 1.2, _K.FIBRE: 16}
STEPS = {_K.POWER: 50, _K.WATER: 10, _K.SEWAGE: 10, _K.HEAT: Decimal("0.1"), _K.FIBRE: 10, _K.GAS: 10}
OWNERS = {
    _K.POWER: "Электросети (демо)", _K.WATER: "Водоканал (демо)", _K.SEWAGE: "Водоканал (демо)",
    _K.HEAT: "Теплосети (демо)", _K.GAS: "Газовые сети (демо)", _K.FIBRE: "Оператор связи (демо)",
}  # fmt: skip
#: What is left free once somebody builds.
LEFT = {PlotState.ALLOCATED: 0.35, PlotState.BUILT: 0.12}
#: A year's lease of a hectare, in thousands of the currency.
RENT = {"RUB": (1650, 2050), "KZT": (9000, 12500)}
INDUSTRIAL = (_D.PHARMACEUTICAL, _D.TECHNOLOGY)


def _texts(name: str, texts: Any) -> dict[str, str]:
    return {f"{name}_{language}": text for language, text in zip(ORDER, texts, strict=True)}


def _outlined(ring: list[list[float]]) -> dict[str, Any]:
    outline = {"type": "Polygon", "coordinates": [ring]}
    return {
        "outline": outline,
        **dict(zip(("west", "south", "east", "north"), box_of([outline]), strict=True)),
    }


def fill_land(chance: Chance, facts: Facts, now: datetime) -> int:
    """The sites of the cluster with their plots and utilities. Returns how many plots."""
    words = read_json(WORDS)
    sites, plots, utilities = [], [], []
    for row in read_json(DATA / facts.cluster / "land.json"):
        site = Site(
            id=UUID(chance.key(now)), area=Decimal(row["area"]), surveyed_on=date.fromisoformat(row["surveyed_on"]),
            plan=row["plan"], **_texts("name", row["name"]), **_outlined(row["outline"]),
        )  # fmt: skip
        sites.append(site)
        for about in row["plots"]:
            plot = _plot(chance, facts, now, site, about, len(plots), words)
            plots.append(plot)
            utilities += _utilities(chance, now, plot)
    for model, made in ((Site, sites), (Plot, plots), (Utility, utilities)):
        model.objects.bulk_create(made)
    return len(plots)


def _plot(
    chance: Chance,
    facts: Facts,
    now: datetime,
    site: Site,
    about: dict[str, Any],
    place: int,
    words: dict[str, Any],
) -> Plot:
    cluster = facts.about["cluster"]
    number, direction, area = about["number"], Direction(about["direction"]), Decimal(about["area"])
    purpose = words["purposes"][direction]
    titles = [
        text.format(number=number, purpose=what) for text, what in zip(TITLES, purpose["title"], strict=True)
    ]
    sold, shared = direction in INDUSTRIAL and place % 3 == 0, direction == _D.INFRASTRUCTURE
    rent = round(chance.randint(*RENT[cluster["currency"]]) * float(area) / 100) * 100_000
    if facts.country == "RU":
        cadastral_number = f"{facts.about['enp_region']}:15:0020321:{201 + place}"
    else:
        cadastral_number = f"02-036-145-{301 + place}"
    return Plot(
        id=UUID(chance.key(now)), site=site, number=number, cadastral_number=cadastral_number, direction=direction,
        area=area, tenure=Tenure.SALE if sold else Tenure.CONCESSION if shared else Tenure.LEASE,
        term_years=None if sold else 25 if shared else 49, price=rent * 12 if sold else rent,
        coverage=chance.choice((40, 45, 50)), floors=chance.choice((4, 5, 6, 8)), state=about["state"],
        contact_phone=cluster["phone"], contact_email="land@demo.example",
        **_texts("title", [title[:1].upper() + title[1:] for title in titles]),
        **_texts("permitted_use", purpose["use"]), **_texts("contact_name", words["contact"]),
        **_texts("access", words["access"]),
        **_texts("restrictions", words["restrictions"] if place % 5 == 2 else [""] * len(ORDER)),
        **_outlined(about["ring"]),
    )  # fmt: skip


def _utilities(chance: Chance, now: datetime, plot: Plot) -> list[Utility]:
    """What is laid to a plot, entering along its longest sides."""
    laid = LAID | ({_K.GAS: 260} if plot.direction in INDUSTRIAL else {})
    edges = sorted(sides(plot.outline), key=lambda side: -side[2])[:2]
    made = []
    for n, (kind, per_hectare) in enumerate(laid.items()):
        step = Decimal(STEPS[kind])
        total = max(
            step, round(Decimal(per_hectare) * plot.area * Decimal(chance.uniform(0.9, 1.1)) / step) * step
        )
        free = (total * Decimal(LEFT.get(plot.state, chance.uniform(0.55, 1.0))) // step) * step
        start, end, _metres = edges[0 if n < 3 else 1]
        share = (n % 3 + 1) / 5
        lon, lat = (round(a + (b - a) * share, 7) for a, b in zip(start, end, strict=True))
        utility = Utility(plot=plot, kind=kind, total=total, free=free, owner=OWNERS[kind], lon=lon, lat=lat)
        utility.id = UUID(chance.key(now))
        utility.stated_on = (now - timedelta(days=10 if n < 3 else 52)).date()
        made.append(utility)
    return made
