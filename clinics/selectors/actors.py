"""Who a signed-in person or an API client is to the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from clinics.models import Clinic, Cluster, Membership
from clinics.states import ClinicStatus, OrganizationStatus
from cluster_portal.common.actor import ANONYMOUS, Actor

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.accounts.models import ApiClient, User


def _memberships() -> QuerySet[Membership]:
    """Memberships that count, with the organisation and the time zone in which it lives.

    The zone is that of the organisation's main site: open before planned, the highest level of care, the oldest
    record; the cluster's own where it has no site.
    """
    main_site = Clinic.objects.filter(organization=OuterRef("organization")).order_by(
        Case(When(status=ClinicStatus.OPEN, then=0), default=1), "-level", "id"
    )
    return (
        Membership.objects.filter(is_active=True)
        .exclude(organization__status=OrganizationStatus.LEFT)
        .select_related("organization")
        .annotate(
            zone=Coalesce(
                Subquery(main_site.values("time_zone")[:1]),
                Subquery(Cluster.objects.values("time_zone")[:1]),
                Value(settings.TIME_ZONE),
            )
        )
        .order_by("created_at", "id")
    )


def resolve(
    *,
    user: User | None = None,
    client: ApiClient | None = None,
    organization_id: uuid.UUID | str | None = None,
    scopes: frozenset[str] | None = None,
) -> Actor:
    """The actor behind a person or a program, in one query (`settings.ACTOR_RESOLVER`).

    A person acts for `organization_id` if that is one of theirs, else for the one that they joined first; one who
    belongs to none has no roles. A program that is bound to no organisation is nobody.
    """
    if client is not None:
        return _client(client, scopes)
    if user is None or not user.is_active:
        return ANONYMOUS
    rows = list(_memberships().filter(user=user))
    # One organisation once, whatever number of roles in it, in the order of joining.
    names = {row.organization_id: row.organization.short_name for row in rows}
    chosen = next(
        (row for row in rows if str(row.organization_id) == str(organization_id)), rows[0] if rows else None
    )
    if chosen is None:
        zone = settings.TIME_ZONE
        return Actor(kind="user", user_id=user.pk, name=str(user), scopes=scopes, time_zone=zone)
    return Actor(
        kind="user",
        user_id=user.pk,
        name=str(user),
        organization_id=chosen.organization_id,
        organization_name=chosen.organization.short_name,
        roles=frozenset(row.role for row in rows if row.organization_id == chosen.organization_id),
        scopes=scopes,
        time_zone=chosen.zone,
        memberships=tuple(names.items()),
    )


def _client(client: ApiClient, scopes: frozenset[str] | None) -> Actor:
    row = _memberships().filter(client=client).first()
    if row is None or not client.is_active:
        return ANONYMOUS
    return Actor(
        kind="client",
        client_id=client.pk,
        name=client.name,
        organization_id=row.organization_id,
        organization_name=row.organization.short_name,
        roles=frozenset({row.role}),
        scopes=scopes or frozenset(),
        time_zone=row.zone,
        memberships=((row.organization_id, row.organization.short_name),),
    )
