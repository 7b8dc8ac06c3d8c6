"""The client of the demo with which the tutorial works at once. Its secret is no secret: it is shown to everybody."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils import timezone

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
    """Whether this portal is a demo that has the client, and the secret that is shown still fits it.

    Whoever tries the page of programs may have given it another one.
    """
    if not settings.DEMO:
        return False
    client = ApiClient.objects.filter(client_id=CLIENT_ID, is_active=True).first()
    if client is None:
        return False
    until = client.previous_secret_until
    before = until is not None and until > timezone.now()
    return _is_shown(client.client_secret) or (before and _is_shown(client.previous_secret))


@lru_cache(maxsize=8)
def _is_shown(encoded: str) -> bool:
    """Hashing is slow on purpose, and every visitor of the page would pay for it."""
    return check_password(SECRET, encoded)


def make_known(client: ApiClient) -> ApiClient:
    """Give a client the name and the secret that the page shows. Only a demo does so."""
    client.client_id, client.client_secret = CLIENT_ID, SECRET
    client.save(update_fields=["client_id", "client_secret", "updated"])
    return client
