"""Reads of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster_portal.accounts.models import ApiClient, User

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet


def demo_users() -> QuerySet[User]:
    """People of the demo who may be signed in with one click, in the order in which they were made."""
    return User.objects.filter(is_demo=True, is_active=True, is_staff=False, is_superuser=False).order_by(
        "id"
    )


def find_client(client_id: str | uuid.UUID) -> ApiClient | None:
    """The client with this `client_id`."""
    return ApiClient.objects.filter(client_id=client_id).first()


def colleagues(organization_id: uuid.UUID) -> QuerySet[User]:
    """The people who serve an organisation, by name (memberships are the registry's, which stands above)."""
    return (
        User.objects.filter(
            is_active=True, memberships__organization=organization_id, memberships__is_active=True
        )
        .distinct()
        .order_by("name", "id")
    )
