"""Rows of the registry for tests: every function fills what a test does not name, and saves.

A clinic made here is open, licensed for its services and lies in Yuzhno-Sakhalinsk (Asia/Sakhalin, UTC+11). Nothing is
random: the same calls make the same rows.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from clinics.models import (
    Accreditation,
    Clinic,
    Cluster,
    Equipment,
    EquipmentType,
    Licence,
    Membership,
    MethodService,
    Organization,
    Permit,
    Practitioner,
    Qualification,
    Quota,
    Regime,
    Schedule,
    ScheduleHours,
    Service,
    ServiceType,
    Slot,
    SpecialMethod,
    Specialty,
)
from clinics.states import (
    Audience,
    ClinicType,
    EquipmentState,
    LicenceStatus,
    MethodState,
    OrganizationStatus,
    Ownership,
    Payment,
    Scheme,
    SlotState,
)
from cluster_portal.accounts.models import ApiClient, User
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import Actor

ZONE = "Asia/Sakhalin"
PASSWORD = "correct horse battery staple"
_number = count(1)


def make_cluster(**fields: Any) -> Cluster:
    """The cluster of these tests; made once."""
    defaults = {
        "slug": "sakhalin", "code": "SKH", "name_ru": "Тихоокеанский медицинский кластер",
        "name_en": "Pacific Medical Cluster", "region_name_ru": "Сахалинская область",
        "region_name_en": "Sakhalin Region", "country": "RU", "time_zone": ZONE,
    }  # fmt: skip
    return Cluster.objects.update_or_create(pk=1, defaults=defaults | fields)[0]


def make_organization(**fields: Any) -> Organization:
    """A state member of the cluster."""
    n = next(_number)
    defaults = {
        "name_ru": f"Больница № {n}", "name_en": f"Hospital No. {n}", "short_name_ru": f"Больница {n}",
        "short_name_en": f"Hospital {n}", "ownership": Ownership.STATE, "country": "RU",
        "status": OrganizationStatus.MEMBER,
    }  # fmt: skip
    return Organization.objects.create(**defaults | fields)


def make_clinic(organization: Organization | None = None, **fields: Any) -> Clinic:
    """An open site, from 08:00 to 20:00 on working days."""
    n = next(_number)
    defaults = {
        "name_ru": f"Поликлиника № {n}", "name_en": f"Outpatient clinic No. {n}", "short_name_ru": f"Поликлиника {n}",
        "short_name_en": f"Clinic {n}", "type": ClinicType.POLYCLINIC, "address_ru": f"ул. Мира, {n}",
        "address_en": f"{n} Mira st.", "city_ru": "Южно-Сахалинск", "city_en": "Yuzhno-Sakhalinsk",
        "country": "RU", "lat": 46.9591, "lon": 142.738, "time_zone": ZONE, "languages": ["ru"],
        "opening_hours": {str(day): ["08:00", "20:00"] for day in range(1, 6)},
    }  # fmt: skip
    return Clinic.objects.create(organization=organization or make_organization(), **defaults | fields)


def make_specialty(code: str = "cardiology", **fields: Any) -> Specialty:
    """A specialty; made once per code."""
    defaults = {"name_ru": "Кардиология" if code == "cardiology" else code, "name_en": code.capitalize()}
    return Specialty.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_service_type(
    code: str = "cardiologist", specialty: Specialty | str = "cardiology", **fields: Any
) -> ServiceType:
    """An item of the nomenclature; made once per code."""
    if isinstance(specialty, str):
        specialty = make_specialty(specialty)
    defaults = {
        "name_ru": "Консультация кардиолога" if code == "cardiologist" else f"Услуга {code}",
        "name_en": "Cardiologist consultation" if code == "cardiologist" else f"Service {code}",
        "specialty": specialty, "duration_minutes": 20,
    }  # fmt: skip
    return ServiceType.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_licence(clinic: Clinic, *activities: str, **fields: Any) -> Licence:
    """A licence without an end for the named specialties (cardiology)."""
    defaults = {
        "number": f"Л041-{next(_number):05}", "authority": "Росздравнадзор", "country": clinic.country,
        "activities": list(activities) or ["cardiology"], "valid_from": date(2020, 1, 1),
    }  # fmt: skip
    if fields.get("status") == LicenceStatus.SUSPENDED:
        defaults["suspended_from"] = fields.get("valid_from", defaults["valid_from"])
    return Licence.objects.create(clinic=clinic, **defaults | fields)


def make_accreditation(clinic: Clinic, **fields: Any) -> Accreditation:
    """A JCI accreditation without an end."""
    defaults = {
        "number": f"JCI-{next(_number):05}", "authority": "Joint Commission International", "country": "US",
        "scheme": Scheme.JCI, "valid_from": date(2024, 1, 1),
    }  # fmt: skip
    return Accreditation.objects.create(clinic=clinic, **defaults | fields)


def make_regime(clinic: Clinic, **fields: Any) -> Regime:
    """A special regime without an end, by Israel's papers; its organisation becomes an Israeli one."""
    Organization.objects.filter(pk=clinic.organization_id).update(ownership=Ownership.FOREIGN, country="IL")
    clinic.organization.refresh_from_db()
    defaults = {
        "number": f"МК-{next(_number)}", "authority": "Фонд кластера", "country": "IL", "valid_from": date(2020, 1, 1),
        "legal_basis_ru": "Закон об особом режиме, ст. 15",
    }  # fmt: skip
    return Regime.objects.create(clinic=clinic, **defaults | fields)


def make_permit(clinic: Clinic, practitioner: Practitioner, *specialties: str, **fields: Any) -> Permit:
    """A permit without an end for the named specialties (cardiology); the practitioner works by it from now on."""
    defaults = {
        "number": f"Р-{next(_number)}", "authority": "Фонд кластера", "country": "IL", "valid_from": date(2020, 1, 1),
        "home_document": "Диплом врача № 7, 2009", "specialties": list(specialties) or ["cardiology"],
    }  # fmt: skip
    Practitioner.objects.filter(pk=practitioner.pk).update(by_permit=True)
    return Permit.objects.create(clinic=clinic, practitioner=practitioner, **defaults | fields)


def make_method(clinic: Clinic, *services: Service, **fields: Any) -> SpecialMethod:
    """A medicine in use with these services."""
    n = next(_number)
    defaults = {
        "kind": "medicine", "country": "IL", "state": MethodState.IN_USE, "home_authority": "Минздрав Израиля",
        "home_number": f"172-{n}", "home_date": date(2020, 1, 1), "approval_authority": "Фонд кластера",
        "approval_number": f"ММ-{n}", "approval_date": date(2021, 1, 1),
        **{f"name_{lang}": f"Онкоред {n} {lang}" for lang in ("ru", "en", "kk")},
        **{f"consent_{lang}": f"Согласен на препарат {n} {lang}" for lang in ("ru", "en", "kk")},
    }  # fmt: skip
    method = SpecialMethod.objects.create(clinic=clinic, **defaults | fields)
    MethodService.objects.bulk_create(MethodService(method=method, service=service) for service in services)
    return method


def make_quota(service: Service, **fields: Any) -> Quota:
    """Forty bookings by OMS in the present month of the clinic's calendar; nobody has used any."""
    defaults = {"payment": Payment.OMS, "month": day_of(at(0)).replace(day=1), "volume": 40}
    return Quota.objects.create(service=service, **defaults | fields)


def make_service(
    clinic: Clinic | None = None,
    service_type: ServiceType | str = "cardiologist",
    *,
    licensed: bool = True,
    **fields: Any,
) -> Service:
    """A service booked at once, by OMS or for money; its clinic gets the licence for it unless told otherwise."""
    clinic = clinic or make_clinic()
    if isinstance(service_type, str):
        service_type = make_service_type(service_type)
    if licensed and not clinic.licences.filter(activities__contains=[service_type.specialty_id]).exists():
        make_licence(clinic, service_type.specialty_id)
    defaults = {"payments": [Payment.OMS, Payment.PAID], "price": 1800}
    return Service.objects.create(clinic=clinic, service_type=service_type, **defaults | fields)


def make_practitioner(clinic: Clinic | None = None, **fields: Any) -> Practitioner:
    """A cardiologist of the clinic."""
    clinic = clinic or make_clinic()
    n = next(_number)
    defaults = {
        "family": f"Белоусов{n}", "given": "Андрей", "patronymic": "Игоревич", "position_ru": "Кардиолог",
        "position_en": "Cardiologist", "specialties": ["cardiology"], "languages": ["ru"],
    }  # fmt: skip
    person = Practitioner.objects.create(organization=clinic.organization, **defaults | fields)
    person.clinics.add(clinic)
    return person


def make_qualification(practitioner: Practitioner, **fields: Any) -> Qualification:
    """A Russian diploma in cardiology."""
    defaults = {
        "specialty": make_specialty(), "document": "Диплом", "number": f"ДВС {next(_number)}", "country": "RU",
        "institution": "ДВГМУ", "year": 2009,
    }  # fmt: skip
    return Qualification.objects.create(practitioner=practitioner, **defaults | fields)


def make_schedule(
    service: Service | None = None,
    practitioner: Practitioner | None = None,
    *,
    hours: tuple[tuple[int, str, str], ...] = ((1, "09:00", "13:00"), (3, "09:00", "13:00")),
    **fields: Any,
) -> Schedule:
    """A weekly pattern, valid from a week ago; `hours` are (ISO weekday, from, to)."""
    service = service or make_service()
    practitioner = practitioner or make_practitioner(service.clinic)
    defaults = {"valid_from": timezone.now().date() - timedelta(days=7), "room": "312"}
    schedule = Schedule.objects.create(service=service, practitioner=practitioner, **defaults | fields)
    ScheduleHours.objects.bulk_create(
        ScheduleHours(
            schedule=schedule, weekday=day, starts=time.fromisoformat(a), ends=time.fromisoformat(b)
        )
        for day, a, b in hours
    )
    return schedule


def make_equipment(clinic: Clinic | None = None, type: str = "ct", **fields: Any) -> Equipment:
    """A tomograph of the clinic, in use."""
    clinic = clinic or make_clinic()
    kind = EquipmentType.objects.get_or_create(
        code=type, defaults={"name_ru": "Компьютерный томограф", "name_en": "CT scanner"}
    )[0]
    defaults = {
        "inventory_number": f"1013-{next(_number):05}", "model": "Ангара-64", "maker": "Приборный завод",
        "state": EquipmentState.COMMISSIONED,
    }  # fmt: skip
    return Equipment.objects.create(
        clinic=clinic, organization=clinic.organization, type=kind, **defaults | fields
    )


def today(zone: str = ZONE) -> date:
    """The day that the clinic has now: for half of each day it is not UTC's."""
    return timezone.now().astimezone(ZoneInfo(zone)).date()


def at(day: date | int, hour: int = 9, minute: int = 0, zone: str = ZONE) -> datetime:
    """A moment by the clinic's clock; a number of days counts from the clinic's today."""
    if isinstance(day, int):
        day = today(zone) + timedelta(days=day)
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone))


def make_slot(
    service: Service | None = None, *, start: datetime | None = None, minutes: int = 20, **fields: Any
) -> Slot:
    """A free, published slot of the cluster's share: tomorrow, or the time that is named. No practitioner."""
    service = service or make_service()
    start = start or at(1)
    defaults = {
        "state": SlotState.PUBLISHED, "audience": Audience.CLUSTER, "release_at": start - timedelta(hours=1),
        "end": start + timedelta(minutes=minutes),
    }  # fmt: skip
    return Slot.objects.create(
        service=service, service_type_id=service.service_type_id, clinic=service.clinic,
        organization_id=service.clinic.organization_id, start=start, **defaults | fields,
    )  # fmt: skip


def make_slots(
    service: Service, number: int, *, first: datetime | None = None, minutes: int = 20, **fields: Any
) -> list[Slot]:
    """`number` slots one after another."""
    first = first or at(1)
    step = timedelta(minutes=minutes)
    return [make_slot(service, start=first + n * step, minutes=minutes, **fields) for n in range(number)]


def make_user(**fields: Any) -> User:
    """A person who can sign in with `PASSWORD`, and serves nobody yet."""
    n = next(_number)
    return User.objects.create_user(
        fields.pop("email", f"person{n}@example.org"), PASSWORD, **{"name": f"Дубова Марина {n}"} | fields
    )


def make_member(
    *roles: Role | str, organization: Organization | None = None, user: User | None = None
) -> User:
    """A person who holds `roles` (referrer) in an organisation (one of their own)."""
    user, organization = user or make_user(), organization or make_organization()
    for role in roles or (Role.REFERRER,):
        Membership.objects.create(user=user, organization=organization, role=role)
    return user


def make_client(organization: Organization | None = None, **fields: Any) -> ApiClient:
    """A program of an organisation, with every scope it asks for in `allowed_scopes`."""
    defaults = {
        "name": "МИС",
        "client_type": ApiClient.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": ApiClient.GRANT_CLIENT_CREDENTIALS,
    }
    client = ApiClient.objects.create(**defaults | fields)
    Membership.objects.create(
        client=client, organization=organization or make_organization(), role=Role.CLIENT
    )
    return client


def actor_of(user: User, organization: Organization) -> Actor:
    """The actor that `user` is when acting for `organization`, without a request."""
    roles = Membership.objects.filter(user=user, organization=organization, is_active=True).values_list(
        "role", flat=True
    )
    return Actor(
        kind="user", user_id=user.pk, name=user.name, organization_id=organization.pk,
        organization_name=organization.short_name, roles=frozenset(roles), time_zone=ZONE,
    )  # fmt: skip


def actor_of_client(client: ApiClient, organization: Organization) -> Actor:
    """The actor that a program of `organization` is, without a request."""
    return Actor(
        kind="client", client_id=client.pk, name=client.name, organization_id=organization.pk,
        organization_name=organization.short_name, roles=frozenset({Role.CLIENT}), time_zone=ZONE,
    )  # fmt: skip


def make_actor(*roles: Role | str, organization: Organization | None = None) -> Actor:
    """A new person with `roles` (referrer), as an actor for the organisation."""
    organization = organization or make_organization()
    return actor_of(make_member(*roles, organization=organization), organization)


def day_of(moment: datetime, zone: str = ZONE) -> date:
    """The clinic's calendar day of a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()
