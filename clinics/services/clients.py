"""Programs of a member organisation that use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.models import Membership
from clinics.policies import organization_policy
from cluster_portal.accounts.roles import Role
from cluster_portal.accounts.services.clients import create_client
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid

    from cluster_portal.accounts.models import ApiClient
    from cluster_portal.common.actor import Actor


@service
def create_api_client(
    actor: Actor, *, organization_id: uuid.UUID, scopes: frozenset[str], name: str = ""
) -> tuple[ApiClient, str]:
    """An API client bound to the organisation, and its secret, which is shown this once.

    Raises NotFound and Forbidden as the policy of the organisation's users says.
    """
    organization = organization_policy.get(actor, "manage_users", organization_id)
    client, secret = create_client(
        actor, name=name or f"API: {organization.short_name_ru}"[:255], scopes=scopes
    )
    Membership.objects.create(organization=organization, client=client, role=Role.CLIENT)
    return client, secret
