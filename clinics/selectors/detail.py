"""One clinic as outsiders read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from clinics.models import (
    Accreditation,
    Clinic,
    Equipment,
    EquipmentType,
    Licence,
    Practitioner,
    Quota,
    Regime,
    Service,
    SpecialMethod,
    Specialty,
)
from clinics.policies import clinic_policy, practitioner_policy, service_policy
from clinics.selectors.calendar import hours_on, open_until, today_at
from clinics.selectors.credentials import Standing, accreditations_of
from clinics.selectors.licences import Cover, closed_because
from clinics.selectors.openness import day_of
from clinics.selectors.own import LicenceRow, licence_row
from clinics.selectors.premises import PublicPremises, public_premises, with_public_premises
from clinics.selectors.quotas import month_of
from clinics.selectors.regime import methods_of, regime_of
from clinics.selectors.slots import first_free
from clinics.states import EquipmentState, LicenceStatus
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

IN_USE, IN_REPAIR = EquipmentState.COMMISSIONED, EquipmentState.IN_REPAIR
#: Of a quota that has more than this share left, nobody has to be told.
SHORT = 0.34


@dataclass(slots=True)
class QuotaLeft:
    """What is left of a month's quota that is running out: `left` of `volume` places for a payment."""

    payment: str
    left: int
    volume: int


@dataclass(slots=True)
class ServiceLine:
    """A service with its first free time; without a licence today (`licence` None) it is closed, and why is said.

    `quotas` are those of the present month that are running out, `special` is what of the special regime is used with
    it.
    """

    service: Service
    licence: Licence | None
    first_free: datetime | None
    days_away: int | None
    why_closed: str = ""
    quotas: list[QuotaLeft] = field(default_factory=list)
    special: list[SpecialMethod] = field(default_factory=list)


@dataclass(slots=True)
class UnitsLine:
    """Units of one type at the clinic: how many there are, and how many of them are in repair."""

    name: str
    number: int
    in_repair: int


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
    equipment: list[UnitsLine]
    regime: Regime | None
    special: list[SpecialMethod]


def clinic_detail(actor: Actor, clinic_id: uuid.UUID, *, now: datetime | None = None) -> Detail:
    """The clinic, if the actor may see it (else NotFound). Nine queries, whatever the data; a foreign clinic,
    two more.

    Services with the earliest free time come first, closed ones last.
    """
    now = now or timezone.now()
    clinics = Clinic.objects.select_related("organization")
    clinic = clinic_policy.get(
        actor, "view", clinic_id, queryset=with_public_premises(_with_equipment(clinics))
    )
    today = today_at(clinic.time_zone, now)
    papers = list(Licence.objects.filter(clinic=clinic).select_related("renewal"))
    cover = Cover({clinic.pk: papers})
    services = list(
        service_policy.queryset(actor)
        .filter(clinic=clinic, is_active=True)
        .select_related("service_type")
        .annotate(short_of=_quotas_running_out(today))
        .order_by("service_type__name_ru")
    )
    free = first_free([s.pk for s in services], actor.organization_id, now=now) if services else {}
    special = methods_of({service.pk: clinic for service in services})
    lines = []
    for service in services:
        licence = cover.on(clinic.pk, service.service_type.specialty_id, today)
        first = free.get(service.pk)
        away = (day_of(first, clinic.time_zone) - today).days if first else None
        why = "" if licence else closed_because(papers, service.service_type.specialty_id, today)
        quotas = [
            QuotaLeft(row["payment"], row["volume"] - row["used"], row["volume"]) for row in service.short_of
        ]
        lines.append(ServiceLine(service, licence, first, away, why, quotas, special.get(service.pk, [])))
    lines.sort(key=_order)
    names = {row.code: row.name for row in Specialty.objects.all()}
    licences = [licence_row(row, today, names) for row in papers if row.status != LicenceStatus.CANCELLED]
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
        equipment=_units(clinic),
        regime=regime_of(clinic, today),
        special=sorted(
            {m.pk: m for methods in special.values() for m in methods}.values(), key=lambda m: m.name
        ),
    )


def _with_equipment(clinics: QuerySet[Clinic]) -> QuerySet[Clinic]:
    """`clinics` with the units that one may count on, as rows of the clinic's own."""
    units = Equipment.objects.filter(clinic=OuterRef("pk"), state__in=(IN_USE, IN_REPAIR))
    names = {f"name_{language}": F(f"type__name_{language}") for language in LANGUAGES}
    return clinics.annotate(
        shown_units=ArraySubquery(
            units.order_by("type__name_ru").annotate(row=JSONObject(state=F("state"), **names)).values("row")
        )
    )


def _units(clinic: Clinic) -> list[UnitsLine]:
    lines: dict[str, UnitsLine] = {}
    for row in clinic.shown_units:
        state = row.pop("state")
        line = lines.setdefault(row["name_ru"], UnitsLine(EquipmentType(**row).name, 0, 0))
        line.number += 1
        line.in_repair += state == IN_REPAIR
    return list(lines.values())


def _quotas_running_out(today: date) -> ArraySubquery:
    """The month's quotas of a service of which no more than SHORT of the places is left, as its own rows."""
    quotas = Quota.objects.filter(service=OuterRef("pk"), month=month_of(today), volume__isnull=False)
    rows = quotas.filter(used__gte=F("volume") * (1 - SHORT)).order_by("payment")
    columns = {name: F(name) for name in ("payment", "volume", "used")}
    return ArraySubquery(rows.annotate(row=JSONObject(**columns)).values("row"))


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
