"""The clinics that fit what is asked of the catalogue, as its map and its order know them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Case, Count, F, When, Window
from django.db.models.lookups import LessThanOrEqual

from clinics.models import Clinic, Service
from clinics.policies import clinic_policy
from clinics.selectors import narrowing
from clinics.selectors.calendar import today_at
from clinics.selectors.nearby import distance_km
from clinics.selectors.openness import day_of
from clinics.selectors.search import Meaning, kinds_of, of_meaning
from clinics.states import ClinicStatus, OrganizationStatus
from cluster_portal.common.translated import current_language, localized

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.db.models import Q, QuerySet, Subquery

    from clinics.models import Slot
    from cluster_portal.common.actor import Actor

#: Clinics on a page of the list.
PAGE = 10
#: How far «near» is where nobody said it, kilometres.
NEAR_KM = 30
#: Of so many clinics the first free time of each is looked up; of more only those of a page.
FEW = 300
#: So many free times are read for each clinic down to the end of a page, and no deeper than this page: after it the
#: times of all clinics are looked up.
TIMES_EACH, DEEP = 30, 30
#: Of so many seconds the map and the numbers may be where nothing is asked and many clinics are the answer.
KEPT = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the clinics; what is empty asks nothing.

    `text` is typed words; `town` a town's name in Russian (the key of the filter); `place` (lat, lon) and `km` a
    circle; `origin` from where the way is measured, where the nearest are to come first; `language` an ISO 639 code
    that is spoken or interpreted; `weekend`, `evening` and `round_the_clock` are about the opening hours
    (`narrowing.HOURS`); `within_days` counts from today. `direction`, `service_type` and `payment` are about one and
    the same service.
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
    weekend: bool = False
    evening: bool = False
    round_the_clock: bool = False
    within_days: int | None = None
    origin: tuple[float, float] | None = None

    @property
    def asks_nothing(self) -> bool:
        """Whether every clinic fits, whoever owns it."""
        return replace(self, ownership=(), origin=None, km=None) == Wanted()

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

    `number` is its place in the whole list and `page` the page that shows it, both 0 where many fit and it comes after
    the page that is shown; there `first_free` is not looked up either (`timed`). `km` is the way from the place that
    was named.
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
    timed: bool = True

    @property
    def page(self) -> int:
        return -(-self.number // PAGE)

    @property
    def days_away(self) -> int | None:
        """Days from today to the first free time, by the clinic's calendar."""
        if self.first_free is None:
            return None
        return (day_of(self.first_free, self.time_zone) - today_at(self.time_zone)).days


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, what the typed words mean, and when."""

    actor: Actor
    wanted: Wanted
    meaning: Meaning | None
    now: datetime

    @property
    def first_free(self) -> Subquery | Case:
        """The first free time of a clinic that is of interest, inside a query of clinics."""
        return narrowing.first_free(*self._of_times, rare=bool(self.wanted.service_type))

    @property
    def times(self) -> QuerySet[Slot]:
        """The times among which `first_free` finds each clinic's."""
        times = narrowing.times_from(*self._of_times)
        # The services are asked of it too, but this one is in an index of the times.
        return times.filter(service_type=self.wanted.service_type) if self.wanted.service_type else times

    @property
    def _of_times(self) -> tuple[datetime, Q | None, list[str], str]:
        return self.now, self.wanted.services, kinds_of(self.meaning), self.wanted.payment


def open_clinics(actor: Actor) -> QuerySet[Clinic]:
    """What the catalogue is about: open clinics of members."""
    return clinic_policy.queryset(actor).filter(
        status=ClinicStatus.OPEN, organization__status=OrganizationStatus.MEMBER
    )


def fitting_clinics(question: Question) -> QuerySet[Clinic]:
    """The clinics that fit in everything but ownership and the first free time; of a circle, the square around it."""
    wanted, now = question.wanted, question.now
    clinics = open_clinics(question.actor)
    if question.meaning is not None:
        clinics = clinics.filter(of_meaning(question.meaning))
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
    for name, condition in narrowing.HOURS.items():
        if getattr(wanted, name):
            clinics = clinics.filter(condition)
    return narrowing.open_at(clinics, now) if wanted.open_now else clinics


def spots_of(question: Question, *, timed: bool = False) -> list[Spot]:
    """A narrow row of each clinic that fits, whoever owns it. One query.

    They are in order and tell their first free times where few fit, where the question is about those, and where it is
    asked for by `timed`. Where nothing is asked and many fit, they are what the query answered within KEPT seconds.
    """
    wanted = question.wanted
    timed = timed or wanted.within_days is not None
    kept = f"clinics.catalogue.{current_language()}" if wanted.asks_nothing and not timed else ""
    rows = cache.get(kept) if kept else None
    if rows is None:
        rows = _rows(question, timed=timed)
        if kept and len(rows) > FEW:
            cache.set(kept, rows, KEPT)
    timed = timed or len(rows) <= FEW
    spots = [Spot(*row, timed=timed) for row in rows]
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


def _rows(question: Question, *, timed: bool) -> list[tuple]:
    few = LessThanOrEqual(Window(Count("*")), FEW)
    first = question.first_free if timed else Case(When(few, then=question.first_free))
    rows = fitting_clinics(question).annotate(said=localized("name"), where=localized("city"), first=first)
    # Of many that are free at the same moment the order is that of `Question.times`.
    ordered = rows.order_by(F("first").asc(nulls_last=True), Case(When(few, then="name_ru")), "pk")
    return list(
        ordered.values_list(
            "pk", "said", "city_ru", "where", "lat", "lon", "time_zone", "organization__ownership", "first"
        )
    )


def owned(spots: list[Spot], wanted: Wanted) -> list[Spot]:
    """Those whose owner is one of the wanted kinds."""
    return [spot for spot in spots if not wanted.ownership or spot.ownership in wanted.ownership]


def earliest_first(question: Question, spots: list[Spot], number: int) -> tuple[list[Spot], int]:
    """Many spots with those in front that are free first, and how many of them are in order, at least `number`.

    One query reads free times from now on until so many spots have had one. Where they do not come up, because few of
    the clinics that are free fit, a second one looks up the times of all.
    """
    rest, found = {spot.pk: spot for spot in spots}, []
    for pk, start in question.times.values_list("clinic", "start")[: number * TIMES_EACH]:
        if spot := rest.pop(pk, None):
            spot.first_free, spot.timed = start, True
            found.append(spot)
            if len(found) == number:
                return [*found, *rest.values()], number
    tell_times(question, [*rest.values()])
    return sorted(spots, key=lambda spot: (spot.first_free is None, spot.first_free, spot.pk)), len(spots)


def tell_times(question: Question, spots: Sequence[Spot]) -> None:
    """Look up the first free times of these spots. One query, none for no spots."""
    if not spots:
        return
    rows = Clinic.objects.filter(pk__in=[spot.pk for spot in spots]).annotate(first=question.first_free)
    first = dict(rows.values_list("pk", "first"))
    for spot in spots:
        spot.first_free, spot.timed = first.get(spot.pk), True
