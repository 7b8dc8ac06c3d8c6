"""The public catalogue: which clinics fit, who is free first, and where they lie.

Four queries whatever was asked and however many clinics there are: the words that were typed, the clinics that fit (a
narrow row of each, for the map and the numbers), and of those that a page shows the records and the services. While few
fit, their rows tell the first free time of each too. Of many that would be a look into the times of every clinic, so
there one more query finds the page from the other end, and the services bring the records along.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from clinics.models import Clinic, Service
from clinics.selectors.search import Meaning, kinds_of, meaning_of
from clinics.selectors.spots import (
    DEEP,
    PAGE,
    Question,
    Spot,
    Wanted,
    earliest_first,
    owned,
    spots_of,
    tell_times,
)
from clinics.states import Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cluster_portal.common.actor import Actor

#: What of `Wanted` hides no clinic by itself.
NO_FILTERS = frozenset({"km", "origin"})


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
    picked, also from another page, and `following` the one after it, where that is known.
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

    `page` is brought into its bounds; None: `entries` are all of them. Four queries; of many clinics one more for a
    picked one that stands on another page, and two where hardly any has a free time.
    """
    now = now or timezone.now()
    meaning = meaning_of(wanted.text) if wanted.text.strip() else None
    question = Question(actor, wanted, meaning, now)
    fitting = spots_of(question, timed=page is None or page > DEEP)
    shown = owned(fitting, wanted)
    pages = max(1, -(-len(shown) // PAGE))
    page = page and max(1, min(page, pages))
    ordered = len(shown)
    if not wanted.origin and not all(spot.timed for spot in shown):
        shown, ordered = earliest_first(question, shown, min(page * PAGE + 1, ordered))
    for number, spot in enumerate(shown[:ordered], 1):
        spot.number = number
    listed = shown[(page - 1) * PAGE : page * PAGE] if page else shown
    picked = next((spot for spot in shown if str(spot.pk) == selected), None) if selected else None
    wanted_too = [picked] if picked and picked not in listed else []
    tell_times(question, [spot for spot in (*listed, *wanted_too) if not spot.timed])
    entries = entries_of([*listed, *wanted_too], wanted, meaning)
    current = picked or (listed[0] if listed else None)
    following = current.number if current else 0
    return Catalogue(
        spots=shown,
        entries=entries[: len(listed)],
        by_ownership=Counter(spot.ownership for spot in fitting),
        meaning=meaning,
        page=page or 1,
        pages=pages,
        selected=next((entry for entry in entries if entry.spot is picked), None) if picked else None,
        following=shown[following] if 0 < following < ordered else None,
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
        if number := len(owned(spots_of(Question(actor, less, meaning, now)), less)):
            found.append((name, number))
    return sorted(found, key=lambda pair: -pair[1])


def entries_of(spots: Sequence[Spot], wanted: Wanted, meaning: Meaning | None = None) -> list[Entry]:
    """These spots with their records and services, in their order. Two queries: the services bring the records along,
    and those are read that have none.
    """
    ids = [spot.pk for spot in spots]
    rows = (
        Service.objects.filter(wanted.services or Q(is_active=True), clinic__in=ids)
        .select_related("service_type__specialty", "clinic__organization")
        .order_by("service_type__specialty__name_ru", "service_type__name_ru")
    )
    clinics = {service.clinic_id: service.clinic for service in rows}
    if without := [pk for pk in ids if pk not in clinics]:
        clinics |= Clinic.objects.select_related("organization").in_bulk(without)
    kinds = kinds_of(meaning)
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
