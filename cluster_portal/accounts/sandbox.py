"""The client of the demo with which the tutorial works at once. Its secret is no secret: it is shown to everybody."""

from __future__ import annotations

from django.conf import settings

from cluster_portal.accounts.models import ApiClient

CLIENT_ID = "sandbox"
SECRET = "kedrovka-sandbox-2026"  # noqa: S105 - shown on the developers' page of the demo
SCOPES = frozenset(
    {
        "organizations:read", "clinics:read", "services:read", "slots:read", "patients:read", "patients:write",
        "referrals:read", "referrals:write", "bookings:read", "bookings:write",
    }
)  # fmt: skip


def sandbox_is_open() -> bool:
    """Whether this portal is a demo that has the client."""
    return settings.DEMO and ApiClient.objects.filter(client_id=CLIENT_ID, is_active=True).exists()


def make_known(client: ApiClient) -> ApiClient:
    """Give a client the name and the secret that the page shows. Only a demo does so."""
    client.client_id, client.client_secret = CLIENT_ID, SECRET
    client.save(update_fields=["client_id", "client_secret", "updated"])
    return client
