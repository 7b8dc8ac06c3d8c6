"""The first hour of a portal without demo data: the cluster, its office, its first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinics.models import Cluster, Membership, Organization
from clinics.selectors.calendar import today_at
from clinics.states import ClusterRole, OrganizationStatus, Ownership, Sector
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common.service import service

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


@dataclass(frozen=True)
class Founding:
    """What the cluster is called and where it is; `code` begins its numbers (three Latin capitals)."""

    name: str
    region: str
    code: str
    country: str
    time_zone: str


@service
def found_cluster(actor: Actor, *, founding: Founding) -> Cluster:
    """The cluster of this portal with its office, where they are not there yet; an existing one stays as it is.

    Names are given once and stand for all languages until somebody translates them.
    """
    cluster, made = Cluster.objects.get_or_create(
        pk=1,
        defaults={
            "slug": founding.code.lower(),
            "code": founding.code,
            "name_ru": founding.name,
            "region_name_ru": founding.region,
            "country": founding.country,
            "time_zone": founding.time_zone,
            "currency": {"KZ": "KZT"}.get(founding.country, "RUB"),
        },
    )
    if made or not Organization.objects.filter(cluster_role=ClusterRole.OFFICE).exists():
        Organization.objects.create(
            name_ru=cluster.name_ru,
            short_name_ru=cluster.name_ru[:120],
            ownership=Ownership.STATE,
            sector=Sector.AUTHORITY,
            country=cluster.country,
            cluster_role=ClusterRole.OFFICE,
            status=OrganizationStatus.MEMBER,
            joined_on=today_at(cluster.time_zone),
        )
    return cluster


@service
def create_administrator(actor: Actor, *, email: str, name: str, password: str) -> User:
    """A person of the cluster office who may also open the admin site.

    The password has to have passed the validators, and the address must not be taken.
    """
    user = User.objects.create_superuser(email, password, name=name)
    office = Organization.objects.filter(cluster_role=ClusterRole.OFFICE).order_by("created_at").first()
    if office is not None:
        Membership.objects.create(organization=office, user=user, role=Role.OFFICE)
    return user
