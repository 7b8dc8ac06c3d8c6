"""Housekeeping of sign-in."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from cluster_portal.accounts.services import attempts
from cluster_portal.accounts.sessions import SessionStore


@shared_task(name="cluster_portal.accounts.tasks.sweep")
def sweep() -> None:
    """Delete sessions, access tokens and counters whose time is over."""
    SessionStore.clear_expired()
    get_access_token_model().objects.filter(expires__lt=timezone.now()).delete()
    attempts.sweep()
