"""The registry and its times: who may be referred to, where, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.policies import (
    clinic_policy,
    organization_policy,
    practitioner_policy,
    service_policy,
    slot_policy,
)
from clinics.selectors.nearby import clinics_within
from clinics.selectors.slot_rows import only_free, slot_rows
from clinics.states import ClinicStatus, OrganizationStatus, SlotState
from cluster_portal.fhir import systems
from cluster_portal.fhir.mappers import registry as show
from cluster_portal.fhir.mappers import times
from cluster_portal.fhir.resources import Include, Resource, offer
from cluster_portal.fhir.searching import (
    Parameter,
    Unfit,
    actors,
    coded,
    common,
    flag,
    moment,
    reference,
    string,
    strings,
    token,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.fhir.shapes import Reader

#: How far `near` looks where no distance is said, and at most (kilometres).
RADIUS, FARTHEST = 100.0, 5000.0
KILOMETRES = {"km": 1.0, "": 1.0, "m": 0.001}

NAMES = ("name_ru", "name_en", "name_kk", "short_name_ru", "short_name_en", "short_name_kk")
MEMBER, OPEN = Q(status=OrganizationStatus.MEMBER), Q(status=ClinicStatus.OPEN)
SUSPENDED = Q(status=OrganizationStatus.SUSPENDED)
OFFERED = Q(is_active=True, clinic__status=ClinicStatus.OPEN)
BY_CHANGE = {"_lastUpdated": ("updated_at", "id")}


def _clinics(actor: Actor) -> QuerySet:
    return clinic_policy.queryset(actor).select_related("organization")


def _services(actor: Actor) -> QuerySet:
    return service_policy.queryset(actor).select_related("clinic__organization", "service_type__specialty")


def _people(actor: Actor) -> QuerySet:
    return practitioner_policy.queryset(actor).prefetch_related("qualifications")


def _roles(actor: Actor) -> QuerySet:
    return practitioner_policy.queryset(actor).select_related("organization").prefetch_related("clinics")


def _near(value: str, reader: Reader) -> Q:
    """`latitude|longitude|distance|units` (WGS 84; km or m)."""
    parts = value.split("|")
    try:
        lat, lon = float(parts[0]), float(parts[1])
        far = float(parts[2]) if len(parts) > 2 and parts[2] else RADIUS
        far *= KILOMETRES[parts[3] if len(parts) > 3 else ""]
        if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= far <= FARTHEST):
            raise ValueError(value)
    except (ValueError, IndexError, KeyError):
        raise Unfit(_("Write the place as latitude|longitude|distance|km.")) from None
    return Q(pk__in=list(clinics_within(clinic_policy.queryset(reader.actor), (lat, lon), far)))


def _slot_status(rows: QuerySet, values: Sequence[str], reader: Reader) -> QuerySet:
    """`free` alone is the portal's search for free times, on its own index; the licence of the day is asked too."""
    if list(values) == ["free"]:
        return only_free(rows, reader.actor, "planned")
    published = Q(state=SlotState.PUBLISHED)
    kinds = {
        "free": published & Q(taken__lt=F("capacity"), block_reason="", start__gt=reader.now),
        "busy": published & Q(taken__gte=F("capacity")),
        "busy-unavailable": ~published,
    }
    found = Q()
    for value in values:
        if value not in kinds:
            raise Unfit(_("One of: %(codes)s.") % {"codes": ", ".join(kinds)})
        found |= kinds[value]
    return rows.filter(found)


offer(
    Resource(
        "Organization", "organizations", organization_policy, organization_policy.queryset, show.organization,
        "Members and partners of the cluster.",
        {
            **common(), **strings("name", *NAMES),
            "identifier": tokens({
                systems.INN: "inn", systems.OGRN: "ogrn", systems.BIN: "bin",
                systems.FOREIGN_NUMBER: "foreign_number",
            }),
            "active": flag(MEMBER),
            "address-country": string("country"),
        },
        {"endpoint": Include({"Endpoint": "pk"})},
        sorts=BY_CHANGE,
    ),
    Resource(
        "Location", "clinics", clinic_policy, _clinics, show.location,
        "Sites of care, with their hours and place.",
        {
            **common(), **strings("name", *NAMES),
            "organization": reference("organization_id", "Organization"),
            "status": coded({"active": OPEN, "inactive": ~OPEN}),
            "type": token("type", systems.CLINIC_TYPE),
            "address-city": string("city_ru", "city_en", "city_kk"),
            "address-country": string("country"),
            "near": Parameter("special", _near),
        },
        {
            "organization": Include({"Organization": "organization_id"}),
            "endpoint": Include({"Endpoint": "organization_id"}),
        },
        sorts=BY_CHANGE,
    ),
    Resource(
        "HealthcareService", "services", service_policy, _services, show.healthcare_service,
        "What each site offers.",
        {
            **common(),
            **strings("name", "service_type__name_ru", "service_type__name_en", "service_type__name_kk"),
            "organization": reference("clinic__organization_id", "Organization"),
            "location": reference("clinic_id", "Location"),
            "service-type": token("service_type_id", systems.SERVICE_TYPE),
            "service-category": token("service_type__direction", systems.DIRECTION),
            "specialty": token("service_type__specialty_id", systems.SPECIALTY),
            "characteristic": tokens({systems.MODE: "mode"}),
            "active": flag(OFFERED),
        },
        {
            "organization": Include({"Organization": "clinic__organization_id"}),
            "location": Include({"Location": "clinic_id"}),
            "endpoint": Include({"Endpoint": "clinic__organization_id"}),
        },
        sorts=BY_CHANGE,
    ),
    Resource(
        "Practitioner", "practitioners", practitioner_policy, _people, show.practitioner,
        "Those who see patients.",
        {
            **common(), **strings("name", "family", "given", "name_latin"), **strings("family", "family"),
            **strings("given", "given"), "active": flag(Q(is_active=True)),
        },
        sorts=BY_CHANGE,
    ),
    Resource(
        "PractitionerRole", "practitioners", practitioner_policy, _roles, show.practitioner_role,
        "For whom, as what and at which sites somebody works; it has the id of its Practitioner.",
        {
            **common(),
            "practitioner": reference("pk", "Practitioner"),
            "organization": reference("organization_id", "Organization"),
            "location": reference("clinics", "Location"),
            "specialty": Parameter("token", token("specialties", systems.SPECIALTY, lookup="contains").condition),
            "active": flag(Q(is_active=True)),
        },
        {
            "practitioner": Include({"Practitioner": "pk"}),
            "organization": Include({"Organization": "organization_id"}),
            "location": Include({"Location": "clinics"}),
        },
        sorts=BY_CHANGE,
    ),
    Resource(
        "Endpoint", "organizations", organization_policy, organization_policy.queryset, show.endpoint,
        "Where referrals to an organisation are sent; it has the id of its Organization.",
        {
            **common(), **strings("name", *NAMES),
            "organization": reference("pk", "Organization"),
            "status": coded({"active": MEMBER, "suspended": SUSPENDED, "off": ~(MEMBER | SUSPENDED)}),
        },
        {"organization": Include({"Organization": "pk"})},
        sorts=BY_CHANGE,
    ),
    Resource(
        "Schedule", "services", service_policy, _services, times.schedule,
        "The times of a HealthcareService; it has the id of that.",
        {
            **common(),
            "actor": actors({"HealthcareService": "pk", "Location": "clinic_id"}),
            "service-type": token("service_type_id", systems.SERVICE_TYPE),
            "service-category": token("service_type__direction", systems.DIRECTION),
            "specialty": token("service_type__specialty_id", systems.SPECIALTY),
            "active": flag(OFFERED),
        },
        {"actor": Include({"HealthcareService": "pk", "Location": "clinic_id"})},
        sorts=BY_CHANGE,
    ),
    Resource(
        "Slot", "slots", slot_policy, slot_rows, times.slot,
        "Times. status=free gives those that a planned referral of yours may be booked into now.",
        {
            **common(),
            "status": Parameter("token", narrow=_slot_status),
            "start": moment("start"),
            "schedule": reference("service_id", "Schedule"),
            "service-type": token("service_type_id", systems.SERVICE_TYPE),
            "specialty": token("service_type__specialty_id", systems.SPECIALTY),
            "schedule.actor": actors({
                "HealthcareService": "service_id", "Location": "clinic_id", "Practitioner": "practitioner_id",
            }),
        },
        {"schedule": Include({"Schedule": "service_id"})},
        order=("start", "id"),
        sorts={"start": ("start", "id")},
    ),
)  # fmt: skip
