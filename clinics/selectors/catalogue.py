"""The public catalogue: which clinics fit, who is free first, and where they lie.

Four queries whatever was asked and however many clinics there are: the words that were typed, the clinics that fit (a
narrow row of each, in order), and of those that a page shows the records and the services.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils import timezone

from clinics.models import Clinic, Service
from clinics.policies import clinic_policy
from clinics.selectors import narrowing
from clinics.selectors.calendar import today_at
from clinics.selectors.nearby import distance_km
from clinics.selectors.openness import day_of
from clinics.selectors.search import Meaning, kinds_of, meaning_of, of_meaning
from clinics.states import ClinicStatus, OrganizationStatus, Payment
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: Clinics on a page of the list.
PAGE = 10
#: How far «near» is where nobody said it, kilometres.
NEAR_KM = 30


#: What of `Wanted` hides no clinic by itself.
NO_FILTERS = frozenset({"km", "origin"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the clinics; what is empty asks nothing.

    `text` is typed words; `town` a town's name in Russian (the key of the filter); `place` (lat, lon) and `km` a
    circle; `origin` from where the way is measured, where the nearest are to come first; `language` an ISO 639 code
    that is spoken or interpreted; `within_days` counts from today. `direction`, `service_type` and `payment` are about
    one and the same service.
    """

    text: str = ""
    town: str = ""
    place: tuple[float, float] | None = None
    km: int | None = None
    ownership: tuple[str, ...] = ()
    direction: str = ""
    service_type: str = ""
    payment: str = ""
    language: str = ""
    equipment: str = ""
    accreditation: str = ""
    open_now: bool = False
    within_days: int | None = None
    origin: tuple[float, float] | None = None

    @property
    def services(self) -> Q | None:
        """What is asked of a service; None where nothing is."""
        asked = {
            name: getattr(self, name)
            for name in ("direction", "service_type", "payment")
            if getattr(self, name)
        }
        return narrowing.offered(**asked) if asked else None


@dataclass(slots=True)
class Spot:
    """A clinic that fits, as the map and the order of the list know it.

    `number` is its place in the whole list, `page` the page that shows it, `km` the way from the place that was named.
    """

    pk: uuid.UUID
    name: str
    city_ru: str
    city: str
    lat: float
    lon: float
    time_zone: str
    ownership: str
    first_free: datetime | None = None
    km: float | None = None
    number: int = 0
    page: int = 1

    @property
    def days_away(self) -> int | None:
        """Days from today to the first free time, by the clinic's calendar."""
        if self.first_free is None:
            return None
        return (day_of(self.first_free, self.time_zone) - today_at(self.time_zone)).days


@dataclass(slots=True)
class Entry:
    """A clinic on a page of the list. `services` are those that were asked for, of all that it offers."""

    clinic: Clinic
    spot: Spot
    services: list[Service] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.spot.number

    @property
    def ownership(self) -> str:
        return self.spot.ownership

    @property
    def first_free(self) -> datetime | None:
        return self.spot.first_free

    @property
    def days_away(self) -> int | None:
        return self.spot.days_away

    @property
    def profiles(self) -> list[str]:
        """What it does: the specialties of its services, each once."""
        return list(dict.fromkeys(service.service_type.specialty.name for service in self.services))

    @property
    def payments(self) -> list[str]:
        """How one may pay there, in the order of the dictionary."""
        offered = {code for service in self.services for code in service.payments}
        return [code for code in Payment.values if code in offered]

    @property
    def price_from(self) -> Decimal | None:
        """The lowest price, where nothing of it is paid by the state's insurance."""
        if Payment.OMS in self.payments:
            return None
        return min((s.price for s in self.services if s.price is not None), default=None)


@dataclass(slots=True)
class Catalogue:
    """What was found: all of it as `spots`, a page of it as `entries`, and the numbers beside the filter by ownership.

    `by_ownership` leaves that filter out, `meaning` is what the typed words mean. `selected` is the one that was
    picked, also from another page, and `following` the one after it.
    """

    spots: list[Spot]
    entries: list[Entry]
    by_ownership: Counter[str]
    meaning: Meaning | None = None
    page: int = 1
    pages: int = 1
    selected: Entry | None = None
    following: Spot | None = None


def search_catalogue(
    actor: Actor,
    wanted: Wanted,
    *,
    page: int | None = 1,
    selected: str = "",
    now: datetime | None = None,
) -> Catalogue:
    """Open clinics of members that fit, those that are free first at the top, or the nearest ones where that is asked.
    Four queries, whatever the data.

    `page` is brought into its bounds; None: `entries` are all of them.
    """
    now = now or timezone.now()
    meaning = meaning_of(wanted.text) if wanted.text.strip() else None
    fitting = _spots(actor, wanted, meaning, now)
    owners = set(wanted.ownership)
    shown = [spot for spot in fitting if not owners or spot.ownership in owners]
    for number, spot in enumerate(shown, 1):
        spot.number, spot.page = number, (number - 1) // PAGE + 1
    pages = max(1, -(-len(shown) // PAGE))
    page = page and max(1, min(page, pages))
    listed = shown[(page - 1) * PAGE : page * PAGE] if page else shown
    picked = next((spot for spot in shown if str(spot.pk) == selected), None) if selected else None
    wanted_too = [picked] if picked and picked not in listed else []
    entries = entries_of([*listed, *wanted_too], wanted, meaning)
    current = picked or (listed[0] if listed else None)
    return Catalogue(
        spots=shown,
        entries=entries[: len(listed)],
        by_ownership=Counter(spot.ownership for spot in fitting),
        meaning=meaning,
        page=page or 1,
        pages=pages,
        selected=next((entry for entry in entries if entry.spot is picked), None) if picked else None,
        following=shown[current.number] if current and current.number < len(shown) else None,
    )


def hiding(actor: Actor, wanted: Wanted, *, now: datetime | None = None) -> list[tuple[str, int]]:
    """Where nothing fits: the filters without which something does, by the names of `Wanted`, with how many clinics
    come back then, the most first. Two queries for each filter that is set.
    """
    now = now or timezone.now()
    empty = Wanted()
    found = []
    for name in Wanted.__dataclass_fields__:
        if name in NO_FILTERS or getattr(wanted, name) == getattr(empty, name):
            continue
        less = replace(wanted, **{name: getattr(empty, name)})
        if name in ("town", "place"):
            less = replace(less, town="", place=None, km=None)
        meaning = meaning_of(less.text) if less.text.strip() else None
        owners = set(less.ownership)
        number = sum(not owners or s.ownership in owners for s in _spots(actor, less, meaning, now))
        if number:
            found.append((name, number))
    return sorted(found, key=lambda pair: -pair[1])


def open_clinics(actor: Actor) -> QuerySet[Clinic]:
    """What the catalogue is about: open clinics of members."""
    return clinic_policy.queryset(actor).filter(
        status=ClinicStatus.OPEN, organization__status=OrganizationStatus.MEMBER
    )


def fitting_clinics(actor: Actor, wanted: Wanted, meaning: Meaning | None, now: datetime) -> QuerySet[Clinic]:
    """The clinics that fit in everything but ownership and the first free time; of a circle, the square around it."""
    clinics = open_clinics(actor)
    if meaning is not None:
        clinics = clinics.filter(of_meaning(meaning))
    if wanted.place:
        clinics = clinics.filter(narrowing.around(wanted.place, wanted.km or NEAR_KM))
    elif wanted.town:
        clinics = clinics.filter(city_ru=wanted.town)
    if wanted.services is not None:
        clinics = clinics.filter(pk__in=Service.objects.filter(wanted.services).values("clinic"))
    if wanted.language:
        clinics = clinics.filter(narrowing.speaking(wanted.language))
    if wanted.equipment:
        clinics = clinics.filter(narrowing.equipped(wanted.equipment))
    if wanted.accreditation:
        clinics = clinics.filter(narrowing.accredited(wanted.accreditation, now))
    return narrowing.open_at(clinics, now) if wanted.open_now else clinics


def _spots(actor: Actor, wanted: Wanted, meaning: Meaning | None, now: datetime) -> list[Spot]:
    """A narrow row of each clinic that fits, whoever owns it, in the order of the list. One query."""
    first = narrowing.first_free(now, wanted.services, kinds_of(meaning), wanted.payment)
    rows = (
        fitting_clinics(actor, wanted, meaning, now)
        .annotate(said=localized("name"), where=localized("city"), first=first)
        .order_by(F("first").asc(nulls_last=True), "name_ru", "pk")
        .values_list(
            "pk", "said", "city_ru", "where", "lat", "lon", "time_zone", "organization__ownership", "first"
        )
    )
    spots = [Spot(*row) for row in rows]
    if middle := wanted.origin or wanted.place:
        for spot in spots:
            spot.km = round(distance_km(*middle, spot.lat, spot.lon), 1)
    if wanted.origin:
        # Of those that are equally far the order stays.
        spots.sort(key=lambda spot: spot.km)
    if wanted.place:
        spots = [spot for spot in spots if spot.km <= (wanted.km or NEAR_KM)]
    if wanted.within_days is not None:
        spots = [s for s in spots if s.days_away is not None and s.days_away <= wanted.within_days]
    return spots


def entries_of(spots: Sequence[Spot], wanted: Wanted, meaning: Meaning | None = None) -> list[Entry]:
    """These spots with their records and services, in their order. Two queries."""
    ids = [spot.pk for spot in spots]
    clinics = Clinic.objects.select_related("organization").in_bulk(ids)
    kinds = kinds_of(meaning)
    rows = (
        Service.objects.filter(wanted.services or Q(is_active=True), clinic__in=ids)
        .select_related("service_type__specialty")
        .order_by("service_type__specialty__name_ru", "service_type__name_ru")
    )
    services: dict[Any, list[Service]] = defaultdict(list)
    for service in rows:
        services[service.clinic_id].append(service)
    return [
        Entry(
            clinics[spot.pk],
            spot,
            [s for s in services[spot.pk] if s.service_type_id in kinds] or services[spot.pk],
        )
        for spot in spots
        if spot.pk in clinics
    ]


def chunked(spots: Sequence[Spot], size: int) -> Iterable[Sequence[Spot]]:
    """The spots in parts of `size`."""
    for start in range(0, len(spots), size):
        yield spots[start : start + size]
