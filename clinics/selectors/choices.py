"""What the catalogue's filters offer: the towns, services, equipment and accreditations that open clinics have.

Asked of the database once a minute for everybody; no list of clinics is made of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Avg, Count, Max

from clinics.models import Accreditation, Equipment, Service
from clinics.selectors.spots import open_clinics
from clinics.states import Direction, EquipmentState, Scheme
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.translated import FALLBACK, LANGUAGES, current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = "clinics.catalogue.choices"
SECONDS = 60


@dataclass(slots=True)
class Town:
    """A town with open clinics: `key` is what the filter calls it, the place is the middle of its clinics."""

    key: str
    name: str
    lat: float
    lon: float
    clinics: int


@dataclass(slots=True)
class Choices:
    """Everything in the reader's language; `services` are (specialty, [(code, name)]) by name."""

    towns: list[Town]
    services: list[tuple[str, list[tuple[str, str]]]]
    directions: list[tuple[str, str]]
    equipment: list[tuple[str, str]]
    accreditations: list[tuple[str, str]]

    @property
    def total(self) -> int:
        """How many clinics there are."""
        return sum(town.clinics for town in self.towns)

    def town(self, key: str) -> Town | None:
        """A town by its key."""
        return next((town for town in self.towns if town.key == key), None)

    def name_of(self, filter_name: str, code: str) -> str:
        """What a chosen value is called."""
        if filter_name == "town":
            town = self.town(code)
            return town.name if town else code
        if filter_name == "service_type":
            known: Any = (pair for _specialty, types in self.services for pair in types)
        else:
            known = {
                "direction": Direction.choices, "equipment": self.equipment, "accreditation": Scheme.choices,
            }[filter_name]  # fmt: skip
        return str(dict(known).get(code, code))


def choices() -> Choices:
    """What may be chosen now. Four queries, once a minute."""
    known = cache.get(KEY)
    if known is None:
        known = _read()
        cache.set(KEY, known, SECONDS)
    by_specialty: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, _direction, names, specialty in known["types"]:
        by_specialty[_said(specialty)].append((code, _said(names)))
    offered = {direction for _code, direction, _names, _specialty in known["types"]}
    return Choices(
        towns=[Town(row[0], _said(row[1]), *row[2:]) for row in known["towns"]],
        services=[(name, sorted(types, key=_by_name)) for name, types in sorted(by_specialty.items())],
        directions=[pair for pair in Direction.choices if pair[0] in offered],
        equipment=sorted(((code, _said(names)) for code, names in known["equipment"]), key=_by_name),
        accreditations=[pair for pair in Scheme.choices if pair[0] in known["schemes"]],
    )


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _said(names: Iterable[str]) -> str:
    """One of three names, the reader's own where there is one."""
    by_language = dict(zip(LANGUAGES, names, strict=True))
    return by_language[current_language()] or by_language[FALLBACK]


def _read() -> dict[str, Any]:
    clinics = open_clinics(ANONYMOUS)
    towns = clinics.values("city_ru").annotate(
        en=Max("city_en"), kk=Max("city_kk"), lat=Avg("lat"), lon=Avg("lon"), number=Count("pk")
    )
    here = clinics.values("pk")
    types = (
        Service.objects.filter(is_active=True, clinic__in=here)
        .values_list(
            "service_type", "service_type__direction", "service_type__name_ru", "service_type__name_en",
            "service_type__name_kk", "service_type__specialty__name_ru", "service_type__specialty__name_en",
            "service_type__specialty__name_kk",
        )
        .distinct()
    )  # fmt: skip
    equipment = (
        Equipment.objects.filter(state=EquipmentState.COMMISSIONED, clinic__in=here)
        .values_list("type", "type__name_ru", "type__name_en", "type__name_kk")
        .distinct()
    )
    schemes = Accreditation.objects.filter(clinic__in=here).order_by().values_list("scheme", flat=True)
    return {
        "towns": [
            (row["city_ru"], (row["city_ru"], row["en"], row["kk"]), row["lat"], row["lon"], row["number"])
            for row in towns.order_by("-number", "city_ru")
        ],
        "types": [(row[0], row[1], row[2:5], row[5:8]) for row in types],
        "equipment": [(row[0], row[1:4]) for row in equipment],
        "schemes": sorted(set(schemes.distinct())),
    }
