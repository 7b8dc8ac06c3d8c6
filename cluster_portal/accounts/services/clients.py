"""API clients: made, given another secret, switched off. The clinic registry binds them to an organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_access_token_model

from cluster_portal.accounts.models import ApiClient
from cluster_portal.common.errors import NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: How long the secret before stays good after a change, unless it is said otherwise.
OVERLAP = timedelta(hours=24)


@service
def create_client(actor: Actor, *, name: str, scopes: frozenset[str]) -> tuple[ApiClient, str]:
    """A client that may fetch tokens with `scopes`, and its secret, which is in nobody's hands but the caller's."""
    secret = generate_client_secret()
    client = ApiClient(
        name=name,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        allowed_scopes=sorted(scopes),
    )
    client.full_clean(exclude=["client_secret"])
    client.save(force_insert=True)
    return client, secret


def _lock(client_id: uuid.UUID) -> ApiClient:
    client = ApiClient.objects.select_for_update(no_key=True).filter(pk=client_id).first()
    if client is None:
        raise NotFound
    return client


@service
def rotate_secret(
    actor: Actor, *, client_id: uuid.UUID, overlap: timedelta = OVERLAP
) -> tuple[ApiClient, str]:
    """Another secret; the present one stays good for `overlap`. Tokens in use go on until they expire."""
    client = _lock(client_id)
    secret = generate_client_secret()
    client.previous_secret, client.previous_secret_until = client.client_secret, timezone.now() + overlap
    client.client_secret = secret
    client.save(update_fields=["client_secret", "previous_secret", "previous_secret_until", "updated"])
    return client, secret


@service
def set_client_active(actor: Actor, *, client_id: uuid.UUID, active: bool) -> ApiClient:
    """Switch a client off (its tokens are dead at once and deleted) or on again."""
    client = _lock(client_id)
    client.is_active = active
    client.save(update_fields=["is_active", "updated"])
    if not active:
        get_access_token_model().objects.filter(application=client).delete()
    return client
