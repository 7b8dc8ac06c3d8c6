"""The public catalogue: which clinics fit, who is free first, and where they lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinics.models import Clinic, Service, ServiceType
from clinics.policies import clinic_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.openness import day_of
from clinics.selectors.search import find
from clinics.selectors.slots import first_free
from clinics.states import ClinicStatus, OrganizationStatus, Payment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

#: Clinics on a page of the list.
PAGE = 10


@dataclass(slots=True)
class Entry:
    """A clinic in the catalogue. `services` are those that the search asked for, of all that it offers.

    `number` is its place in the whole list, `page` the page of the list that shows it.
    """

    clinic: Clinic
    services: list[Service] = field(default_factory=list)
    first_free: datetime | None = None
    number: int = 0
    page: int = 1

    @property
    def ownership(self) -> str:
        return self.clinic.organization.ownership

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

    @property
    def days_away(self) -> int | None:
        """Days from today to the first free time, by the clinic's calendar."""
        if self.first_free is None:
            return None
        zone = self.clinic.time_zone
        return (day_of(self.first_free, zone) - today_at(zone)).days


@dataclass(slots=True)
class Catalogue:
    """What was found, and the numbers beside the filters. `towns` holds one clinic of each town."""

    entries: list[Entry]
    by_ownership: Counter[str]
    total: int
    towns: list[Clinic]
    service_types: set[str]


def search_catalogue(
    actor: Actor,
    *,
    text: str = "",
    town: str = "",
    payment: str = "",
    language: str = "",
    within_days: int | None = None,
    ownership: Iterable[str] = (),
    now: datetime | None = None,
) -> Catalogue:
    """Open clinics of members that fit, those that are free first at the top. Ten queries, whatever the data.

    `town` is a town's name in Russian (the key of the filter), `language` an ISO 639 code that is spoken or
    interpreted, `within_days` counts from today. The counts by ownership leave the filter by ownership out.
    """
    now = now or timezone.now()
    every = (
        clinic_policy.queryset(actor)
        .filter(status=ClinicStatus.OPEN, organization__status=OrganizationStatus.MEMBER)
        .select_related("organization")
    )
    clinics = {clinic.pk: clinic for clinic in every.order_by("name_ru")}
    found = find(every, text) if text.strip() else None
    entries = {
        pk: Entry(clinic)
        for pk, clinic in clinics.items()
        if (found is None or pk in found.clinics)
        and (not town or clinic.city_ru == town)
        and (not language or language in clinic.languages or language in clinic.interpreters)
    }
    _add_services(entries, found.service_types if found else set(), payment)
    if payment:
        entries = {pk: entry for pk, entry in entries.items() if entry.services}
    narrowed = found is not None or len(entries) < len(clinics)
    wanted_ids = [s.pk for entry in entries.values() for s in entry.services] if narrowed else None
    free = first_free(wanted_ids, now=now)
    for entry in entries.values():
        entry.first_free = min((free[s.pk] for s in entry.services if s.pk in free), default=None)
    fitting = list(entries.values())
    if within_days is not None:
        fitting = [e for e in fitting if e.days_away is not None and e.days_away <= within_days]
    wanted = set(ownership)
    shown = [entry for entry in fitting if not wanted or entry.ownership in wanted]
    shown.sort(key=_order)
    for number, entry in enumerate(shown, 1):
        entry.number, entry.page = number, (number - 1) // PAGE + 1
    return Catalogue(
        entries=shown,
        by_ownership=Counter(entry.ownership for entry in fitting),
        total=len(clinics),
        towns=_towns(clinics.values()),
        service_types=found.service_types if found else set(),
    )


def _add_services(entries: dict, service_types: set[str], payment: str) -> None:
    """Give each entry its services: those asked for where it has any of them, else all."""
    services = Service.objects.filter(Q(payments__contains=[payment]) if payment else Q(), is_active=True)
    # Forty types stand behind seven hundred services: read once, not with each of them; and only what a card shows.
    types = ServiceType.objects.select_related("specialty").in_bulk()
    rows = services.only("clinic", "service_type", "payments", "price")
    for service in rows.order_by("service_type__specialty__name_ru", "service_type__name_ru"):
        if entry := entries.get(service.clinic_id):
            service.service_type = types[service.service_type_id]
            entry.services.append(service)
    for entry in entries.values():
        asked = [s for s in entry.services if s.service_type_id in service_types]
        entry.services = asked or entry.services


def _order(entry: Entry) -> tuple:
    far = datetime.max.replace(tzinfo=timezone.get_default_timezone()) - timedelta(days=2)
    return entry.first_free or far, entry.clinic.name_ru


def _towns(clinics: Iterable[Clinic]) -> list[Clinic]:
    """One clinic of each town, for the filter: the towns with most clinics first."""
    counts = Counter(clinic.city_ru for clinic in clinics)
    one_of = {clinic.city_ru: clinic for clinic in clinics}
    return [one_of[name] for name, _number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
