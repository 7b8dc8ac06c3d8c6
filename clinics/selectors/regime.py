"""What clinics do under the special regime, for those who choose a service there and for those who keep the records."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, DateTimeField, F, Q, Value
from django.utils import timezone

from clinics.models import Clinic, MethodService, Regime, Service, SpecialMethod
from clinics.policies import clinic_policy, method_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.validity import STANDING, day_in, in_force_on
from clinics.states import METHOD, MethodState, Ownership

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

ORDER = ("clinic_id", "name_ru", "id")


def regime_of(clinic: Clinic, day: date) -> Regime | None:
    """The special regime under which a site works on that day of its calendar. No query where it can have none."""
    if clinic.organization.ownership != Ownership.FOREIGN:
        return None
    return Regime.objects.filter(in_force_on(day), clinic=clinic).order_by("-valid_from").first()


def methods_of(offered: Mapping[uuid.UUID, Clinic]) -> dict[uuid.UUID, list[SpecialMethod]]:
    """Of each of these services (with its clinic) what is used with it though it is not registered at home, by name.

    Only what is in use where a regime is in force today; services without any are not there. One query, and none where
    all clinics are at home: they come with their organisation.
    """
    abroad = [pk for pk, clinic in offered.items() if clinic.organization.ownership == Ownership.FOREIGN]
    if not abroad:
        return {}
    rows = MethodService.objects.filter(in_use(), service__in=abroad).select_related("method")
    found: dict[uuid.UUID, list[SpecialMethod]] = defaultdict(list)
    for row in rows.order_by("method__name_ru", "id"):
        found[row.service_id].append(row.method)
    return dict(found)


def methods_with(service_id: uuid.UUID | None, clinic: Clinic | None) -> list[SpecialMethod]:
    """`methods_of` for one service, which may not be chosen yet."""
    return methods_of({service_id: clinic}).get(service_id, []) if service_id and clinic else []


def in_use(method: str = "method__") -> Q:
    """The rows whose method is in use at a clinic that works under the regime today."""
    now = Value(timezone.now(), output_field=DateTimeField())
    regimes = Regime.objects.filter(in_force_on(day_in(F("clinic__time_zone"), now)))
    return Q(**{f"{method}state": MethodState.IN_USE, f"{method}clinic__in": regimes.values("clinic")})


def methods_in_use() -> QuerySet[SpecialMethod]:
    """What is used under the special regime today, by name."""
    return SpecialMethod.objects.filter(in_use("")).order_by("name_ru", "id")


def kept_methods(actor: Actor, *, state: str = "", text: str = "") -> QuerySet[SpecialMethod]:
    """The methods and medicines that the actor keeps (the office: all), narrowed, clinic by clinic."""
    rows = method_policy.queryset(actor, "edit").select_related("clinic__organization")
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(
            Q(name_ru__icontains=text) | Q(name_en__icontains=text) | Q(name_kk__icontains=text)
        )
    return rows.annotate(n_services=Count("offers")).order_by(*ORDER)


def regime_clinics(actor: Actor) -> list[Clinic]:
    """The clinics under a special regime, now or later, whose papers the actor keeps, by name."""
    rows = clinic_policy.queryset(actor, "license").filter(regimes__status__in=STANDING).distinct()
    return list(rows.select_related("organization").order_by("name_ru"))


def clinic_of_methods(actor: Actor, clinic_id: uuid.UUID) -> Clinic:
    """The clinic, if the actor keeps what it uses. Raises NotFound and Forbidden."""
    rows = Clinic.objects.select_related("organization")
    return clinic_policy.get(actor, "license", clinic_id, queryset=rows)


@dataclass(slots=True)
class MethodPage:
    """A method as its page tells it; `actions` is for those who keep it."""

    method: SpecialMethod
    services: list[Service]
    regime: Regime | None
    actions: list[str]


def method_page(actor: Actor, method_id: uuid.UUID) -> MethodPage:
    """Everything about a method or medicine. Raises NotFound."""
    rows = SpecialMethod.objects.select_related("clinic__organization")
    method = method_policy.get(actor, "view", method_id, queryset=rows)
    keeps = method_policy.allows(actor, "edit", method)
    return MethodPage(
        method=method,
        services=list(method.services.select_related("service_type").order_by("service_type__name_ru")),
        regime=regime_of(method.clinic, today_at(method.clinic.time_zone)),
        actions=method_actions(method) if keeps else [],
    )


def method_to_keep(actor: Actor, method_id: uuid.UUID) -> SpecialMethod:
    """One that the actor keeps. Raises NotFound and Forbidden."""
    rows = SpecialMethod.objects.select_related("clinic__organization")
    return method_policy.get(actor, "edit", method_id, queryset=rows)


def method_actions(method: SpecialMethod) -> list[str]:
    """What its keeper may do now: the state table's lines, and changing it until it is withdrawn."""
    found = METHOD.available(method.state, {"keeper"})
    return ["edit", *found] if method.state != MethodState.WITHDRAWN else found


def services_to_offer(clinic: Clinic) -> list[Service]:
    """The services of a clinic with which a method may be offered."""
    rows = Service.objects.filter(clinic=clinic, is_active=True).select_related("service_type")
    return sorted(rows, key=lambda row: (row.service_type.name, row.mode))
