"""One clinic as outsiders read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone

from clinics.models import Accreditation, Clinic, Licence, Practitioner, Service, Specialty
from clinics.policies import clinic_policy, practitioner_policy, service_policy
from clinics.selectors.calendar import hours_on, open_until, today_at
from clinics.selectors.credentials import Standing, accreditations_of
from clinics.selectors.licences import cover_of
from clinics.selectors.openness import day_of
from clinics.selectors.own import LicenceRow, licence_row
from clinics.selectors.premises import PublicPremises, public_premises, with_public_premises
from clinics.selectors.slots import first_free
from clinics.states import LicenceStatus

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


@dataclass(slots=True)
class ServiceLine:
    """A service with its first free time; without a licence today (`licence` None) it is closed."""

    service: Service
    licence: Licence | None
    first_free: datetime | None
    days_away: int | None


@dataclass(slots=True)
class HoursLine:
    """Neighbouring weekdays (ISO numbers) with the same hours; no hours: closed."""

    first: int
    last: int
    hours: tuple[time, time] | None


@dataclass(slots=True)
class Detail:
    """Everything that the page of a clinic shows."""

    clinic: Clinic
    today: date
    services: list[ServiceLine]
    licences: list[LicenceRow]
    accreditations: list[tuple[Accreditation, Standing]]
    practitioners: list[Practitioner]
    hours: list[HoursLine]
    premises: PublicPremises
    open_until: time | None


def clinic_detail(actor: Actor, clinic_id: uuid.UUID, *, now: datetime | None = None) -> Detail:
    """The clinic, if the actor may see it (else NotFound). Ten queries, whatever the data.

    Services with the earliest free time come first, closed ones last.
    """
    now = now or timezone.now()
    clinic = clinic_policy.get(
        actor, "view", clinic_id, queryset=with_public_premises(Clinic.objects.select_related("organization"))
    )
    today = today_at(clinic.time_zone, now)
    cover = cover_of([clinic.pk])
    services = list(
        service_policy.queryset(actor)
        .filter(clinic=clinic, is_active=True)
        .select_related("service_type")
        .order_by("service_type__name_ru")
    )
    free = first_free([s.pk for s in services], actor.organization_id, now=now) if services else {}
    lines = []
    for service in services:
        licence = cover.on(clinic.pk, service.service_type.specialty_id, today)
        first = free.get(service.pk)
        away = (day_of(first, clinic.time_zone) - today).days if first else None
        lines.append(ServiceLine(service, licence, first, away))
    lines.sort(key=_order)
    names = {row.code: row.name for row in Specialty.objects.all()}
    licences = [
        licence_row(row, today, names)
        for row in Licence.objects.filter(clinic=clinic)
        .exclude(status=LicenceStatus.CANCELLED)
        .select_related("renewal")
    ]
    people = practitioner_policy.queryset(actor).filter(clinics=clinic, is_active=True)
    return Detail(
        clinic=clinic,
        today=today,
        services=lines,
        # Of a chain of renewals the public reads what counts.
        licences=sorted(
            (
                row
                for row in licences
                if not (row.standing.code == "renewed" and row.licence.valid_to < today)
            ),
            key=lambda row: row.licence.valid_to or date.max,
            reverse=True,
        ),
        accreditations=accreditations_of(clinic.pk, today),
        practitioners=list(people.order_by("family", "given")),
        hours=hours_of(clinic),
        premises=public_premises(clinic),
        open_until=open_until(clinic, now),
    )


def hours_of(clinic: Clinic) -> list[HoursLine]:
    """The week's opening hours, neighbouring days with the same ones together; empty where nobody entered any."""
    if not clinic.opening_hours:
        return []
    lines: list[HoursLine] = []
    for weekday in range(1, 8):
        # 1 January 2024 was a Monday.
        hours = hours_on(clinic, date(2024, 1, weekday))
        if lines and lines[-1].hours == hours:
            lines[-1].last = weekday
        else:
            lines.append(HoursLine(weekday, weekday, hours))
    return lines


def _order(line: ServiceLine) -> tuple:
    moment = line.first_free.timestamp() if line.first_free else float("inf")
    return line.licence is None, moment, line.service.service_type.name_ru
