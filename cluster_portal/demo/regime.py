"""The special regimes of the demo's foreign clinics: decisions, permits, and what is not registered at home."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinics.models import MethodService, Permit, Practitioner, Regime, Service, SpecialMethod
from clinics.states import LicenceStatus, MethodState
from cluster_portal.demo.facts import DATA, read_json

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.registry import Registry

#: Who decides about the regime in the demo.
OFFICE = "Фонд Международного медицинского кластера"
#: The first permit of the demo ends in so many days, and the last is suspended since so many.
FIRST_ENDS, SUSPENDED_AGO = 26, 12


def admit(registry: Registry, chance: Chance, now: datetime) -> int:
    """The cluster's special regimes, as its `regimes.json` has them. Returns how many methods and permits."""
    source = DATA / registry.facts.cluster / "regimes.json"
    if not source.exists():
        return 0
    about, today = read_json(source), now.date()
    regimes: list[Regime] = []
    permits: list[Permit] = []
    methods: list[SpecialMethod] = []
    offers: list[MethodService] = []
    for case in about["sites"]:
        site = registry.sites[case["site"]]
        clinic, home = UUID(site.id), site.member.country
        ahead = case["until"]
        since = today + timedelta(days=case["since"])
        regimes.append(
            Regime(
                id=UUID(chance.key(now)), clinic_id=clinic, number=case["number"], authority=OFFICE, country=home,
                valid_from=since, valid_to=ahead and today + timedelta(days=ahead),
                **{f"legal_basis_{language}": text for language, text in about["legal_basis"].items()},
            )
        )  # fmt: skip
        people = Practitioner.objects.filter(clinics=clinic).order_by("id")[: case["permits"]]
        for person in people:
            serial = len(permits) + 1
            begins = since + timedelta(days=chance.randint(10, 200))
            left = FIRST_ENDS if serial == 1 else chance.randint(200, 900)
            permits.append(
                Permit(
                    id=UUID(chance.key(now)), clinic_id=clinic, practitioner=person, number=f"ММК-Р-{210 + serial}",
                    authority=OFFICE, country=home, specialties=person.specialties, valid_from=begins,
                    valid_to=today + timedelta(days=left),
                    home_document=f"Лицензия врача № {home}-{chance.randint(10_000, 99_999)}, {begins.year - 9}",
                )
            )  # fmt: skip
        offered: dict[str, list[Any]] = {}
        for pk, code in Service.objects.filter(clinic=clinic).values_list("pk", "service_type"):
            offered.setdefault(code, []).append(pk)
        for facts in case["methods"]:
            method = _method(facts, UUID(chance.key(now)), clinic, home, today)
            methods.append(method)
            services = [pk for code in facts["services"] for pk in offered[code]]
            offers += [MethodService(method=method, service_id=pk) for pk in services]
    last = permits[-1]
    last.status = LicenceStatus.SUSPENDED
    last.suspended_from = today - timedelta(days=SUSPENDED_AGO)
    Regime.objects.bulk_create(regimes)
    Practitioner.objects.filter(pk__in=[permit.practitioner_id for permit in permits]).update(by_permit=True)
    Permit.objects.bulk_create(permits)
    SpecialMethod.objects.bulk_create(methods)
    MethodService.objects.bulk_create(offers)
    return len(methods) + len(permits)


def _method(facts: dict[str, Any], pk: UUID, clinic: UUID, home: str, today: Any) -> SpecialMethod:
    """One of `regimes.json`: without a number of its approval a draft, with `withdrawn` withdrawn, else in use."""
    approved, there = facts["days"]
    authority, number = facts["home"]
    method = SpecialMethod(
        id=pk, clinic_id=clinic, kind=facts["kind"], country=home, home_authority=authority, home_number=number,
        home_date=today + timedelta(days=approved), state=MethodState.DRAFT,
        **{f"name_{language}": text for language, text in facts["name"].items()},
        **{f"consent_{language}": text for language, text in facts["consent"].items()},
    )  # fmt: skip
    if facts["number"]:
        method.approval_authority, method.approval_number = OFFICE, facts["number"]
        method.approval_date, method.state = today + timedelta(days=there), MethodState.IN_USE
    if "withdrawn" in facts:
        ago, method.withdraw_reason = facts["withdrawn"]
        method.withdrawn_on, method.state = today + timedelta(days=ago), MethodState.WITHDRAWN
    return method
