"""Who a signed-in person or an API client is to the cluster."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject

from clinics.models import Clinic, Cluster, Membership, Organization
from clinics.selectors.cluster import current_cluster
from clinics.states import ClinicStatus, OrganizationStatus
from cluster_portal.common.actor import ANONYMOUS, Actor
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
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
        .annotate(
            zone=Coalesce(
                Subquery(main_site.values("time_zone")[:1]),
                Subquery(Cluster.objects.values("time_zone")[:1]),
                Value(settings.TIME_ZONE),
            )
        )
        .order_by("created_at", "id")
    )


#: What `resolve` reads of a membership. The organisation's names come in all languages: the reader's is not known yet.
ROW = {
    "organization": F("organization_id"),
    "role": F("role"),
    "zone": F("zone"),
    **{f"short_name_{language}": F(f"organization__short_name_{language}") for language in LANGUAGES},
}


def with_rows(queryset: QuerySet, *, user: str = "", client: str = "") -> QuerySet:
    """`queryset` with `actor_rows`: the memberships of the person or the program at that path of its rows
    (`settings.ACTOR_READER`).
    """
    whose = {"user": OuterRef(user)} if user else {"client": OuterRef(client)}
    rows = _memberships().filter(**whose).annotate(row=JSONObject(**ROW)).values("row")
    return queryset.annotate(actor_rows=ArraySubquery(rows))


@dataclass(frozen=True, slots=True)
class _Row:
    """A membership as `resolve` sees it."""

    organization_id: uuid.UUID
    organization_name: str
    role: str
    zone: str


def _parsed(row: dict[str, Any]) -> _Row:
    names = {key: row[key] for key in ROW if key.startswith("short_name_")}
    return _Row(uuid.UUID(row["organization"]), Organization(**names).short_name, row["role"], row["zone"])


def resolve(
    *,
    user: User | None = None,
    client: ApiClient | None = None,
    organization_id: uuid.UUID | str | None = None,
    scopes: frozenset[str] | None = None,
    rows: list[dict[str, Any]] | None = None,
) -> Actor:
    """The actor behind a person or a program, in one query, or none with the `rows` of `with_rows`
    (`settings.ACTOR_RESOLVER`).

    A person acts for `organization_id` if that is one of theirs, else for the one that they joined first; one who
    belongs to none has no roles. A program that is bound to no organisation is nobody.
    """
    if client is not None:
        return _client(client, scopes, rows)
    if user is None or not user.is_active:
        return ANONYMOUS
    rows = _read(rows, user=user)
    # One organisation once, whatever number of roles in it, in the order of joining.
    names = {row.organization_id: row.organization_name for row in rows}
    chosen = next(
        (row for row in rows if str(row.organization_id) == str(organization_id)), rows[0] if rows else None
    )
    if chosen is None:
        # An investor reads timetables of this cluster's land: by its clock.
        zone = current_cluster().time_zone
        return Actor(kind="user", user_id=user.pk, name=str(user), scopes=scopes, time_zone=zone)
    return Actor(
        kind="user",
        user_id=user.pk,
        name=str(user),
        organization_id=chosen.organization_id,
        organization_name=chosen.organization_name,
        roles=frozenset(row.role for row in rows if row.organization_id == chosen.organization_id),
        scopes=scopes,
        time_zone=chosen.zone,
        memberships=tuple(names.items()),
    )


def _read(rows: list[dict[str, Any]] | None, **whose: Any) -> list[_Row]:
    if rows is None:
        rows = list(_memberships().filter(**whose).values_list(JSONObject(**ROW), flat=True))
    return [_parsed(row) for row in rows]


def _client(client: ApiClient, scopes: frozenset[str] | None, rows: list[dict[str, Any]] | None) -> Actor:
    row = next(iter(_read(rows, client=client)), None)
    if row is None or not client.is_active:
        return ANONYMOUS
    return Actor(
        kind="client",
        client_id=client.pk,
        name=client.name,
        organization_id=row.organization_id,
        organization_name=row.organization_name,
        roles=frozenset({row.role}),
        scopes=scopes or frozenset(),
        time_zone=row.zone,
        memberships=((row.organization_id, row.organization_name),),
    )
