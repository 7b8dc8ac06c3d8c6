"""What a site may do on which day, and what is about to end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Cast

from clinics.models import Licence
from clinics.states import LicenceStatus

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

#: How many days before its end a licence is warned of, the earliest warning first.
WARNINGS = (90, 30, 7)


def local_day(start: str = "start", time_zone: str = "clinic__time_zone") -> Cast:
    """The calendar day of a column at the clinic, inside a query."""
    clock = Func(F(time_zone), F(start), function="timezone", output_field=DateTimeField())
    return Cast(clock, DateField())


def licensed_slot() -> Exists:
    """Inside a query over slots: whether a licence of the site covers the slot's specialty on the slot's day.

    The rows need the annotation `day` (`local_day()`).
    """
    specialty = Func(
        OuterRef("service_type__specialty"),
        template="ARRAY[%(expressions)s]",
        output_field=Licence.activities.field,
    )
    return Exists(
        Licence.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("day")),
            clinic=OuterRef("clinic"),
            status=LicenceStatus.ACTIVE,
            valid_from__lte=OuterRef("day"),
            activities__contains=specialty,
        )
    )


@dataclass(slots=True)
class Cover:
    """The licences of several sites, asked of the database once."""

    by_clinic: dict[uuid.UUID, list[Licence]] = field(default_factory=lambda: defaultdict(list))

    def on(self, clinic_id: uuid.UUID, specialty_code: str, day: date) -> Licence | None:
        """The licence that covers the specialty there on that day, the one that lasts longest."""
        fitting = [
            licence
            for licence in self.by_clinic.get(clinic_id, ())
            if specialty_code in licence.activities
            and licence.valid_from <= day
            and (licence.valid_to is None or licence.valid_to >= day)
        ]
        return max(fitting, key=lambda licence: licence.valid_to or date.max, default=None)


def cover_of(clinic_ids: Iterable[uuid.UUID]) -> Cover:
    """The valid licences of these sites, for questions about any day. One query."""
    cover = Cover()
    for licence in Licence.objects.filter(clinic__in=list(clinic_ids), status=LicenceStatus.ACTIVE):
        cover.by_clinic[licence.clinic_id].append(licence)
    return cover


def days_left(licence: Licence, today: date) -> int | None:
    """Days until the licence ends (0: today is its last one, negative: it has ended); None where it has no end."""
    return None if licence.valid_to is None else (licence.valid_to - today).days


def warning_level(licence: Licence, today: date) -> int | None:
    """The nearest of WARNINGS that the licence has passed, -1 once it has ended, None while there is nothing to say."""
    left = days_left(licence, today)
    if left is None:
        return None
    if left < 0:
        return -1
    return min((mark for mark in WARNINGS if left <= mark), default=None)


def expiring(organization_id: uuid.UUID, today: date) -> list[Licence]:
    """The organisation's licences that end within the first warning or have ended in the past year, soonest first."""
    return list(
        Licence.objects.filter(
            clinic__organization=organization_id,
            status=LicenceStatus.ACTIVE,
            valid_to__range=(today - timedelta(days=365), today + timedelta(days=WARNINGS[0])),
        )
        .select_related("clinic")
        .order_by("valid_to")
    )
