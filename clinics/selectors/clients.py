"""The programs of organisations that use the API, for those who keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Max, Q
from django.utils import timezone

from clinics.models import Organization
from clinics.policies import organization_policy
from cluster_portal.accounts.models import ApiClient
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: Who keeps programs: the office those of all organisations, a manager those of the own one.
CLIENT_KEEPERS = frozenset({Role.OFFICE, Role.MANAGER})


def kept_organizations(actor: Actor) -> QuerySet[Organization]:
    """The organisations whose programs the actor keeps, by name. Raises Forbidden for whoever keeps none."""
    if not actor.has(*CLIENT_KEEPERS):
        raise Forbidden
    return organization_policy.queryset(actor, "manage_users").order_by("name_ru", "id")


def kept_clients(actor: Actor) -> QuerySet[ApiClient]:
    """Their programs, those that work first, each with `organization_name`, `last_token_at` (when it last signed in)
    and `second_until` (until when the secret before is good as well).
    """
    good = Q(previous_secret_until__gt=timezone.now())
    return (
        ApiClient.objects.filter(memberships__organization__in=kept_organizations(actor))
        .annotate(
            organization_name=F("memberships__organization__short_name_ru"),
            last_token_at=Max("accesstoken__created"),
            second_until=Max("previous_secret_until", filter=good),
        )
        .order_by("-is_active", "organization_name", "name", "id")
    )
