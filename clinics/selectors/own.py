"""An organisation's own record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from clinics.models import Clinic, Licence, Organization, Practitioner, Service, Specialty
from clinics.policies import clinic_policy, organization_policy, service_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.credentials import Standing, is_renewed, standing
from clinics.selectors.licences import cover_of, warning_level
from clinics.states import LicenceStatus

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor


@dataclass(slots=True)
class LicenceRow:
    """A licence with what is to be said of it: where it stands, `level` as `licences.warning_level` (None where it is
    renewed), activities in words.
    """

    licence: Licence
    level: int | None
    activities: list[str]
    standing: Standing


@dataclass(slots=True)
class ServiceRow:
    """A service, and the licence that covers it today (None: closed)."""

    service: Service
    licence: Licence | None


@dataclass(slots=True)
class Site:
    """One clinic of the organisation with everything in it."""

    clinic: Clinic
    today: date
    services: list[ServiceRow] = field(default_factory=list)
    licences: list[LicenceRow] = field(default_factory=list)
    practitioners: list[Practitioner] = field(default_factory=list)


def own_organization(actor: Actor) -> Organization | None:
    """The organisation that the actor acts for."""
    if actor.organization_id is None:
        return None
    return organization_policy.queryset(actor).filter(pk=actor.organization_id).first()


def sites_of(actor: Actor, organization: Organization) -> list[Site]:
    """Every clinic of the organisation with its services, licences and people. Seven queries."""
    clinics = clinic_policy.queryset(actor).filter(organization=organization).order_by("-level", "name_ru")
    sites = {clinic.pk: Site(clinic, today_at(clinic.time_zone)) for clinic in clinics}
    names = {row.code: row.name for row in Specialty.objects.all()}
    cover = cover_of(sites)
    services = Service.objects.filter(clinic__in=sites).select_related("service_type")
    for service in services.order_by("-is_active", "service_type__name_ru"):
        site = sites[service.clinic_id]
        licence = cover.on(site.clinic.pk, service.service_type.specialty_id, site.today)
        site.services.append(ServiceRow(service, licence))
    for licence in Licence.objects.filter(clinic__in=sites).select_related("renewal").order_by("valid_to"):
        site = sites[licence.clinic_id]
        site.licences.append(licence_row(licence, site.today, names))
    people = Practitioner.objects.filter(organization=organization).prefetch_related("clinics")
    for person in people.order_by("-is_active", "family", "given"):
        for clinic in person.clinics.all():
            if clinic.pk in sites:
                sites[clinic.pk].practitioners.append(person)
    return list(sites.values())


def licence_row(licence: Licence, today: date, names: Mapping[str, str]) -> LicenceRow:
    """The row of a licence that comes with its renewal; `names` are those of the specialties."""
    renewed = is_renewed(licence)
    return LicenceRow(
        licence,
        None if renewed or licence.status == LicenceStatus.CANCELLED else warning_level(licence, today),
        [names.get(code, code) for code in licence.activities],
        standing(licence, today, renewed=renewed),
    )


def clinic_to_furnish(actor: Actor, clinic_id: uuid.UUID) -> Clinic:
    """A clinic whose services the actor keeps. Raises NotFound, Forbidden."""
    return clinic_policy.get(actor, "furnish", clinic_id)


def service_to_edit(actor: Actor, service_id: uuid.UUID) -> Service:
    """A service that the actor keeps, with its clinic and type. Raises NotFound, Forbidden."""
    rows = Service.objects.select_related("clinic", "service_type")
    return service_policy.get(actor, "edit", service_id, queryset=rows)


def services_kept(actor: Actor, clinic: Clinic) -> list[Service]:
    """The services of a clinic that the actor keeps, those that are offered first."""
    rows = service_policy.queryset(actor, "edit").filter(clinic=clinic).select_related("service_type")
    return list(rows.order_by("-is_active", "service_type__name_ru", "mode"))
