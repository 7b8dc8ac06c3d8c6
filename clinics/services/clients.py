"""Programs of a member organisation that use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.models import Membership
from clinics.policies import organization_policy
from cluster_portal.accounts.roles import Role
from cluster_portal.accounts.services.clients import create_client, rotate_secret, set_client_active
from cluster_portal.common.errors import NotFound
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


def _kept(actor: Actor, client_id: uuid.UUID) -> uuid.UUID:
    """The client's id, where the actor keeps the programs of its organisation. Raises NotFound."""
    kept = organization_policy.queryset(actor, "manage_users")
    if not Membership.objects.filter(client=client_id, organization__in=kept).exists():
        raise NotFound
    return client_id


@service
def rotate_api_client(actor: Actor, *, client_id: uuid.UUID) -> tuple[ApiClient, str]:
    """Another secret, shown this once; the present one stays good for a day. Raises NotFound."""
    return rotate_secret(actor, client_id=_kept(actor, client_id))


@service
def switch_api_client(actor: Actor, *, client_id: uuid.UUID, active: bool) -> ApiClient:
    """Switch a program off, with its tokens, or on again. Raises NotFound."""
    return set_client_active(actor, client_id=_kept(actor, client_id), active=active)
