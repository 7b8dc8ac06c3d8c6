"""Who works where, for those who are told of something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import Membership
from clinics.states import OrganizationStatus
from cluster_portal.accounts.roles import Role

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet


def members_of(organization_id: uuid.UUID | None) -> QuerySet[Membership]:
    """Who may act for an organisation today: nobody once it has left the cluster."""
    return _working().filter(organization=organization_id)


def people_in(organization_id: uuid.UUID, roles: Iterable[str]) -> list[uuid.UUID]:
    """The organisation's people in one of `roles`."""
    rows = members_of(organization_id).filter(role__in=list(roles))
    return list(rows.values_list("user", flat=True).distinct())


def office_people() -> list[uuid.UUID]:
    """The people of the cluster office."""
    return people_who_are(Role.OFFICE)


def people_who_are(role: Role) -> list[uuid.UUID]:
    """Everybody who holds a role, whatever organisation for."""
    return list(_working().filter(role=role).values_list("user", flat=True).distinct())


def _working() -> QuerySet[Membership]:
    active = Q(is_active=True, user__isnull=False, user__is_active=True)
    return Membership.objects.filter(active & ~Q(organization__status=OrganizationStatus.LEFT)).order_by()
