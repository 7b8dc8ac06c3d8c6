"""What a site may do on which day, and what is about to end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.models import Licence
from clinics.selectors.calendar import start_of, today_at
from clinics.selectors.permits import may_practise
from clinics.selectors.validity import STANDING, why_not
from clinics.states import ClinicStatus, LicenceStatus

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from clinics.models import Credential, Service

#: How many days before its end a licence is warned of, the earliest warning first.
WARNINGS = (90, 30, 7)
FAR_DAYS = 400
#: The papers whose end closes something: a renewed one is followed by its renewal.
NOT_RENEWED = Q(renewal__isnull=True)


@dataclass(slots=True)
class Bookable:
    """Which services may be booked when: for each stretch of time (None: without an end on that side) its services."""

    stretches: dict[tuple[datetime | None, datetime | None], list[uuid.UUID]] = field(default_factory=dict)

    def slots(self) -> Q:
        """The slots of these services in their stretches, where the practitioner may work on the slot's day."""
        found = Q(pk__in=())
        for (start, end), services in self.stretches.items():
            part = Q(service__in=services)
            if start:
                part &= Q(start__gte=start)
            if end:
                part &= Q(start__lt=end)
            found |= part
        return found & may_practise()

    def unlike(self) -> tuple[list[uuid.UUID], Q]:
        """All services, and the condition on their slots without those that may be booked at any time.

        A query that already goes service by service needs no list of all of them for each.
        """
        bounded = Bookable({span: ids for span, ids in self.stretches.items() if span != (None, None)})
        every = [pk for ids in self.stretches.values() for pk in ids]
        if not bounded.stretches:
            return every, may_practise()
        special = {pk for ids in bounded.stretches.values() for pk in ids}
        return every, ~Q(service__in=special) & may_practise() | bounded.slots()


def bookable(
    services: QuerySet[Service], *, first_day: date | None = None, last_day: date | None = None
) -> Bookable:
    """When a licence of its site covers each of `services`, within the days asked for (the clinic's own). One query.

    A licence that outlasts `FAR_DAYS` counts as endless: there are no slots so far ahead.
    """
    specialty = Func(
        F("service_type__specialty"), template="ARRAY[%(expressions)s]", output_field=Licence.activities.field
    )
    rows = services.filter(
        clinic__licences__status__in=STANDING, clinic__licences__activities__contains=specialty
    ).values_list(
        "pk", "clinic__time_zone", "clinic__licences__valid_from", "clinic__licences__valid_to",
        "clinic__licences__suspended_from", "clinic__licences__suspended_to",
    )  # fmt: skip
    today = timezone.now().date()
    near, far = today - timedelta(days=2), today + timedelta(days=FAR_DAYS)
    spans: dict[tuple[uuid.UUID, str], list[tuple[date, date]]] = defaultdict(list)
    for pk, zone, valid_from, valid_to, suspended_from, suspended_to in rows.order_by():
        spans[pk, zone] += _in_force(valid_from, valid_to, suspended_from, suspended_to)

    @cache
    def stretches(
        zone: str, dates: tuple[tuple[date, date], ...]
    ) -> list[tuple[datetime | None, datetime | None]]:
        """Of one set of licences, which all services of a site's specialty share."""
        moments = []
        for start, end in _joined(list(dates)):
            start, end = max(start, first_day or start), min(end, last_day or end)
            if end < near or end < start:
                continue
            since = start_of(start, zone) if start > near else None
            moments.append((since, start_of(end + timedelta(days=1), zone) if end < far else None))
        return moments

    found: dict[tuple[datetime | None, datetime | None], list[uuid.UUID]] = defaultdict(list)
    for (pk, zone), dates in spans.items():
        for stretch in stretches(zone, tuple(dates)):
            found[stretch].append(pk)
    return Bookable(dict(found))


def _in_force(
    valid_from: date, valid_to: date | None, suspended_from: date | None, suspended_to: date | None
) -> list[tuple[date, date]]:
    """The stretches of days on which a licence is in force: one, or what a suspension leaves of it on both sides."""
    valid_to = valid_to or date.max
    if suspended_from is None:
        return [(valid_from, valid_to)]
    spans = []
    if valid_from < suspended_from:
        spans.append((valid_from, min(valid_to, suspended_from - timedelta(days=1))))
    if suspended_to is not None and suspended_to < valid_to:
        spans.append((max(valid_from, suspended_to + timedelta(days=1)), valid_to))
    return spans


def _joined(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Stretches of days that touch or overlap as one."""
    joined: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if joined and (joined[-1][1] == date.max or start <= joined[-1][1] + timedelta(days=1)):
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


@dataclass(slots=True)
class Cover:
    """The licences of several sites, asked of the database once."""

    by_clinic: dict[uuid.UUID, list[Licence]] = field(default_factory=lambda: defaultdict(list))

    def on(self, clinic_id: uuid.UUID, specialty_code: str, day: date) -> Licence | None:
        """The licence that covers the specialty there on that day, the one that lasts longest."""
        fitting = [
            licence
            for licence in self.by_clinic.get(clinic_id, ())
            if specialty_code in licence.activities and licence.is_valid(day)
        ]
        return max(fitting, key=lambda licence: licence.valid_to or date.max, default=None)


def cover_of(clinic_ids: Iterable[uuid.UUID]) -> Cover:
    """The licences of these sites, for questions about any day. One query."""
    cover = Cover()
    for licence in Licence.objects.filter(clinic__in=list(clinic_ids), status__in=STANDING):
        cover.by_clinic[licence.clinic_id].append(licence)
    return cover


def days_left(licence: Credential, today: date) -> int | None:
    """Days until the licence ends (0: today is its last one, negative: it has ended); None where it has no end."""
    return None if licence.valid_to is None else (licence.valid_to - today).days


def warning_level(licence: Credential, today: date) -> int | None:
    """The nearest of WARNINGS that the licence has passed, -1 once it has ended, None while there is nothing to say."""
    left = days_left(licence, today)
    if left is None:
        return None
    if left < 0:
        return -1
    return min((mark for mark in WARNINGS if left <= mark), default=None)


def expiring(organization_id: uuid.UUID, today: date) -> list[Licence]:
    """The organisation's licences that end within the first warning or have ended in the past year, soonest first.

    What was renewed is left out.
    """
    return list(
        Licence.objects.filter(
            NOT_RENEWED,
            clinic__organization=organization_id,
            status__in=STANDING,
            valid_to__range=(today - timedelta(days=365), today + timedelta(days=WARNINGS[0])),
        )
        .select_related("clinic")
        .order_by("valid_to")
    )


def lapsing(model: type[Credential]) -> list[uuid.UUID]:
    """Papers of clinics that are not closed which may be due a warning: they end within the first mark (a day more, for
    the clinics' own calendars), were not cancelled and have no renewal.
    """
    today = timezone.now().date()
    rows = model.objects.filter(
        NOT_RENEWED,
        status__in=STANDING,
        valid_to__range=(today - timedelta(days=1), today + timedelta(days=WARNINGS[0] + 1)),
    )
    return list(
        rows.exclude(clinic__status=ClinicStatus.CLOSED)
        .order_by("valid_to", "pk")
        .values_list("pk", flat=True)
    )


def ended_suspensions(model: type[Credential]) -> list[uuid.UUID]:
    """Papers whose suspension has had its last day, by the clinic's calendar."""
    rows = model.objects.filter(status=LicenceStatus.SUSPENDED, suspended_to__isnull=False)
    rows = rows.select_related("clinic").order_by("pk")
    return [row.pk for row in rows if row.suspended_to < today_at(row.clinic.time_zone)]


def why_closed(clinic_id: uuid.UUID, specialty_code: str, day: date) -> str:
    """Why no licence of the site covers the specialty on a day that none covers, in words."""
    licences = Licence.objects.filter(clinic=clinic_id, activities__contains=[specialty_code])
    return why_not(licences, day, _WHY) or gettext("The clinic has no licence for it.")


def closed_because(licences: Iterable[Licence], specialty_code: str, today: date) -> str:
    """Why a service of this specialty is closed today, for patients; `licences` are the site's, and none covers it."""
    fitting = [licence for licence in licences if specialty_code in licence.activities]
    return why_not(fitting, today, _BECAUSE) or gettext(
        "This service is closed: the clinic has no licence for it."
    )


#: The nearest reason first.
_WHY = {
    "suspended_to": _("Licence %(number)s is suspended from %(from)s to %(to)s."),
    "suspended": _("Licence %(number)s is suspended from %(from)s on."),
    "ended": _("Licence %(number)s ends on %(to)s."),
    "ahead": _("Licence %(number)s begins on %(from)s."),
}
_BECAUSE = {
    "suspended_to": _("This service is closed until %(to)s: licence %(number)s is suspended."),
    "suspended": _("This service is closed: licence %(number)s is suspended since %(from)s."),
    "ended": _("This service is closed because licence %(number)s ended on %(to)s."),
    "ahead": _("This service opens on %(from)s, when licence %(number)s begins."),
}
