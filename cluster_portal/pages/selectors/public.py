"""What the public pages say of the cluster: clinics by town, figures against targets, the next free times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, OuterRef, Subquery
from django.utils import timezone

from clinics.models import Organization, Service, ServiceType, Slot
from clinics.policies import clinic_policy, organization_policy, service_policy
from clinics.selectors.cluster import cluster_targets
from clinics.selectors.slots import free_slots
from clinics.states import ClinicStatus
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from datetime import datetime

#: How far ahead the next free times are looked for.
AHEAD = timedelta(days=21)
#: How many specialties the home page names.
SPECIALTIES = 6
#: How many sites that are yet to open the home page names.
SITES = 6
#: The target that the registry itself can answer: new objects of the programme that are open.
FACILITIES = "facilities"


@dataclass(slots=True)
class Town:
    """A town with clinics: where it lies and how many are open there. `key` is what the catalogue calls it."""

    key: str
    name: str
    lat: float
    lon: float
    country: str
    clinics: int = 0


@dataclass(slots=True)
class Target:
    """A promise of the cluster with its source. `actual` is None where the portal does not count it."""

    code: str
    name: str
    note: str
    unit: str
    value: Decimal
    due_year: int | None
    source: str
    source_date: Any
    actual: int | None = None

    @property
    def reached(self) -> bool:
        return self.actual is not None and self.actual >= self.value

    @property
    def is_past(self) -> bool:
        """Whether the year by which it was promised is over."""
        return self.due_year is not None and self.due_year < timezone.localdate().year


@dataclass(slots=True)
class NextTime:
    """The earliest free time of a specialty over all clinics, and how many clinics offer it."""

    code: str
    specialty: str
    clinics: int
    start: datetime
    time_zone: str
    clinic_name: str
    city: str
    clinic_id: Any


@dataclass(slots=True)
class Facts:
    """Everything that the home page shows, in the reader's language."""

    towns: list[Town] = field(default_factory=list)
    clinics: int = 0
    by_ownership: dict[str, int] = field(default_factory=dict)
    abroad: int = 0
    targets: list[Target] = field(default_factory=list)
    coming: list[dict[str, Any]] = field(default_factory=list)
    coming_count: int = 0
    times: list[NextTime] = field(default_factory=list)


def home_facts(country: str) -> Facts:
    """The facts of the home page: five queries, whatever the data. `country` is the cluster's own."""
    sites = list(
        clinic_policy.queryset(ANONYMOUS)
        .values(
            "id", "lat", "lon", "country", "status", "is_programme", "planned_for", "city_ru",
            city=localized("city"), name=localized("short_name"), ownership=F("organization__ownership"),
        )
        .order_by("-level", "name_ru")
    )  # fmt: skip
    facts = Facts(times=next_times())
    open_sites = [site for site in sites if site["status"] == ClinicStatus.OPEN]
    facts.clinics = len(open_sites)
    facts.by_ownership = dict(Counter(site["ownership"] for site in open_sites))
    facts.abroad = sum(site["country"] != country for site in open_sites)
    facts.towns = _towns(open_sites)
    coming = [site for site in sites if site["status"] != ClinicStatus.OPEN]
    facts.coming_count = len(coming)
    facts.coming = sorted(coming, key=lambda site: site["status"] == ClinicStatus.PLANNED)[:SITES]
    done = sum(site["is_programme"] for site in open_sites)
    facts.targets = targets(done)
    return facts


def _towns(sites: list[dict[str, Any]]) -> list[Town]:
    """Towns with their clinics' mean position, the one with most clinics first."""
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for site in sites:
        grouped.setdefault((site["country"], site["city_ru"]), []).append(site)
    towns = [
        Town(
            key=key,
            name=rows[0]["city"],
            lat=sum(row["lat"] for row in rows) / len(rows),
            lon=sum(row["lon"] for row in rows) / len(rows),
            country=country,
            clinics=len(rows),
        )
        for (country, key), rows in grouped.items()
    ]
    return sorted(towns, key=lambda town: (-town.clinics, town.name))


def targets(facilities: int | None = None) -> list[Target]:
    """The cluster's promises; `facilities` is the number of the programme's objects that are open."""
    return [
        Target(
            code=row.code,
            name=row.name,
            note=row.note,
            unit=row.unit,
            value=row.value,
            due_year=row.due_year,
            source=row.source,
            source_date=row.source_date,
            actual=facilities if row.code == FACILITIES else None,
        )
        for row in cluster_targets()
    ]


def next_times() -> list[NextTime]:
    """The earliest time that a planned referral can have in each of the most offered specialties, soonest first."""
    now = timezone.now()
    offered = {
        row["service_type__specialty"]: row["clinics"]
        for row in service_policy.queryset(ANONYMOUS)
        .values("service_type__specialty")
        .annotate(clinics=Count("clinic", distinct=True))
        .order_by()
    }
    # One look into the index of free slots for each service type, instead of a walk over every slot.
    earliest = free_slots(None, now=now).filter(service_type=OuterRef("pk"), start__lt=now + AHEAD)
    types = ServiceType.objects.filter(
        is_active=True, pk__in=Service.objects.filter(is_active=True).values("service_type")
    )
    first_ids = types.annotate(first=Subquery(earliest.values("pk")[:1])).values_list("first", flat=True)
    slots = Slot.objects.filter(pk__in=[pk for pk in first_ids if pk]).values(
        "start", "clinic_id",
        code=F("service_type__specialty"), specialty=localized("service_type__specialty__name"),
        time_zone=F("clinic__time_zone"), clinic_name=localized("clinic__short_name"), city=localized("clinic__city"),
    ).order_by("start", "id")  # fmt: skip
    first: dict[str, NextTime] = {}
    for row in slots:
        first.setdefault(row["code"], NextTime(**row, clinics=offered.get(row["code"], 0)))
    wanted = sorted(first.values(), key=lambda item: -item.clinics)[:SPECIALTIES]
    return sorted(wanted, key=lambda item: item.start)


def other_members() -> list[Organization]:
    """Members that run no clinic: authorities, universities, makers, partners; by their part in the cluster."""
    return list(
        organization_policy.queryset(ANONYMOUS)
        .filter(clinics__isnull=True)
        .order_by("cluster_role", "name_ru")
    )


def programme_done() -> int:
    """How many new objects of the cluster's programme are open."""
    return clinic_policy.queryset(ANONYMOUS).filter(is_programme=True, status=ClinicStatus.OPEN).count()
