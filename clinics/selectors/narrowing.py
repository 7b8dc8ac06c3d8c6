"""The conditions by which visitors and programs narrow the clinics: each goes by an index or the clinic's own row."""

from __future__ import annotations

from functools import reduce
from math import cos, radians
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast

from clinics.models import Accreditation, Equipment, Service, Slot
from clinics.selectors.openness import licensed_on_its_day, open_for
from clinics.selectors.quotas import is_used_up
from clinics.selectors.validity import in_force_on
from clinics.states import EquipmentState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from clinics.models import Clinic

#: Kilometres of a degree of latitude, rather too few than too many.
DEGREE_KM = 111.0
#: Who works until then sees somebody after work.
LATE = "20:00"
#: What is asked of opening hours, by the names of `spots.Wanted`: on Saturdays or Sundays; until late on one of the
#: other days; without any break (a day ends at 23:59).
HOURS = {
    "weekend": Q(opening_hours__has_any_keys=["6", "7"]),
    "evening": reduce(or_, (Q(**{f"opening_hours__{day}__1__gte": LATE}) for day in range(1, 6))),
    "round_the_clock": Q(opening_hours__contains={str(day): ["00:00", "23:59"] for day in range(1, 8)}),
}


def speaking(language: str) -> Q:
    """The clinics where somebody speaks or interprets a language (ISO 639)."""
    return Q(languages__contains=[language]) | Q(interpreters__contains=[language])


def clock_at(now: datetime, time_zone: str = "time_zone") -> Func:
    """A moment by the clock of the zone that a column names, without a zone."""
    return Func(F(time_zone), Value(now, DateTimeField()), function="timezone", output_field=DateTimeField())


def open_at(clinics: QuerySet[Clinic], now: datetime) -> QuerySet[Clinic]:
    """Those of `clinics` that are open at a moment by their own clocks (`calendar.open_until` is the rule for one)."""
    clock = clock_at(now)
    day = Func(clock, Value("ID"), function="to_char", output_field=CharField())
    opens, closes = (
        Func(
            F("opening_hours"), day, Value(end), function="jsonb_extract_path_text", output_field=CharField()
        )
        for end in ("0", "1")
    )
    minute = Func(clock, Value("HH24:MI"), function="to_char", output_field=CharField())
    return clinics.alias(opens=opens, closes=closes, minute=minute).filter(
        opens__lte=F("minute"), closes__gt=F("minute")
    )


def equipped(equipment_type: str) -> Q:
    """The clinics where a unit of this type is in use."""
    units = Equipment.objects.filter(type=equipment_type, state=EquipmentState.COMMISSIONED)
    return Q(pk__in=units.values("clinic"))


def accredited(scheme: str, now: datetime) -> Q:
    """The clinics with an accreditation of this kind that is in force on their present day."""
    today = Cast(clock_at(now, "clinic__time_zone"), DateField())
    return Q(pk__in=Accreditation.objects.filter(in_force_on(today), scheme=scheme).values("clinic"))


def around(place: tuple[float, float], km: float) -> Q:
    """The clinics in the square around a place (lat, lon) that holds the circle of this radius."""
    lat, lon = place
    high = km / DEGREE_KM
    wide = high / max(cos(radians(min(abs(lat) + high, 89.9))), 0.01)
    return Q(lat__range=(lat - high, lat + high), lon__range=(lon - wide, lon + wide))


def offered(*, direction: str = "", service_type: str = "", payment: str = "") -> Q:
    """The services offered now that meet every condition that is not empty."""
    found = Q(is_active=True)
    if service_type:
        found &= Q(service_type=service_type)
    if direction:
        found &= Q(service_type__direction=direction)
    if payment:
        found &= Q(payments__contains=[payment])
    return found


def free_times(now: datetime, payment: str = "") -> QuerySet[Slot]:
    """The times that anybody may have now: free, licensed on their day, with something left of the payment's quota.

    A hold that lapsed within the last minute still counts as taken here: its id beside the index would cost the index.
    """
    slots = Slot.objects.filter(open_for(None, "planned", now), taken__lt=F("capacity")).filter(
        row_by_row(licensed_on_its_day())
    )
    return slots.filter(row_by_row(~is_used_up(payment))) if payment else slots


def row_by_row(condition: Combinable) -> Case:
    """A condition that PostgreSQL asks of one row after another, until one fits.

    Left to itself it turns an EXISTS into a join over all times of a clinic, sorts what comes out and takes the first.
    """
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def times_from(
    now: datetime, services: Q | None = None, kinds: Sequence[str] = (), payment: str = ""
) -> QuerySet[Slot]:
    """The times among which `first_free` finds each clinic's, from now on; those of one moment by their clinics.

    The services are asked of one row after another, as only the first few hundred times are read.
    """
    wanted = services or Q(is_active=True)
    times = free_times(now, payment).filter(offered_as(wanted))
    if kinds:
        offered_better = Service.objects.filter(wanted, service_type__in=kinds, clinic=OuterRef("clinic"))
        better = Subquery(offered_better.values("is_active")[:1])
        times = times.alias(better=better).filter(Q(service_type__in=kinds) | Q(better=None))
    return times.order_by("start", "clinic")


def free_within(clinics: QuerySet[Clinic], now: datetime, days: int) -> QuerySet[Clinic]:
    """Those of `clinics` with a free time within so many days of their own calendar (0: today)."""
    midnight = Func(Value("day"), clock_at(now), function="date_trunc", output_field=DateTimeField())
    after = Cast(Value(f"{days + 1} days"), DurationField())
    end = Func(F("time_zone"), midnight + after, function="timezone", output_field=DateTimeField())
    return clinics.alias(soonest=first_free(now)).filter(soonest__lt=end)


def first_free(
    now: datetime,
    services: Q | None = None,
    kinds: Sequence[str] = (),
    payment: str = "",
    *,
    rare: bool = True,
) -> Subquery | Case:
    """The first free time of a clinic, inside a query of clinics.

    Of `services` alone where they are given; and where some of those are of `kinds`, of these alone. Looks into the
    index of each service's times and stops at the first that fits. Where most services of a clinic are such (`rare` is
    false) it looks into that of the clinic's times: one look instead of one for each service.
    """
    times = free_times(now, payment).order_by("start").values("start")
    if services is None:
        everything = Subquery(times.filter(clinic=OuterRef("pk"), service__is_active=True)[:1])
    elif rare:
        everything = _of_services(services, times)
    else:
        everything = Subquery(times.filter(offered_as(services), clinic=OuterRef("pk"))[:1])
    if not kinds:
        return everything
    wanted = (services or Q(is_active=True)) & Q(service_type__in=kinds)
    return Case(
        When(Exists(Service.objects.filter(wanted, clinic=OuterRef("pk"))), then=_of_services(wanted, times)),
        default=everything,
    )


def offered_as(services: Q) -> Subquery:
    """The times whose service is one of these, asked of one row after another: a subquery with a value is never made
    into a table of all services, as EXISTS is.
    """
    return Subquery(Service.objects.filter(services, pk=OuterRef("service")).values("is_active"))


def _of_services(services: Q, times: QuerySet) -> Subquery:
    rows = Service.objects.filter(services, clinic=OuterRef("pk")).annotate(
        first=Subquery(times.filter(service=OuterRef("pk"))[:1])
    )
    return Subquery(rows.order_by(F("first").asc(nulls_last=True)).values("first")[:1])
