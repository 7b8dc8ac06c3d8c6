"""The program of the demo's referring clinic with which programmers try the tutorial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.services.clients import create_api_client
from cluster_portal.accounts.sandbox import SCOPES, make_known
from cluster_portal.common.actor import SYSTEM

if TYPE_CHECKING:
    from uuid import UUID

    from cluster_portal.accounts.models import ApiClient


def make_sandbox(organization_id: UUID) -> ApiClient:
    """A client of this organisation, with the secret that the developers' page shows."""
    client, _secret = create_api_client(
        SYSTEM, organization_id=organization_id, scopes=SCOPES, name="Песочница для разработчиков"
    )
    return make_known(client)
