"""Who calls: a program with an access token, or a person with the portal's own session."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.permissions import SAFE_METHODS

from cluster_portal.api.errors import CsrfRefused, InvalidToken
from cluster_portal.common.actor import resolve_actor, with_actor
from cluster_portal.common.errors import MembershipEnded
from cluster_portal.common.prepared import Prepared

if TYPE_CHECKING:
    from rest_framework.request import Request

AccessToken = get_access_token_model()
_TOKEN = Prepared(
    lambda checksum: with_actor(
        AccessToken.objects.select_related("application").filter(token_checksum=checksum),
        client="application",
    ),
    checksum=str,
)


class ClientAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`. The token is looked up by its hash; a client that was switched off is dead at once.

    Raises InvalidToken. Sets `request.actor`, which carries the token's scopes.
    """

    def authenticate(self, request: Request) -> tuple[None, AccessToken] | None:
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        checksum = hashlib.sha256(raw.strip().encode()).hexdigest()
        token = _TOKEN.first(checksum=checksum)
        client = token and token.application
        if token is None or client is None or not client.is_active or token.expires <= timezone.now():
            raise InvalidToken
        # What was taken from the client since the token was issued is gone at once.
        scopes = frozenset(token.scope.split()) & frozenset(client.allowed_scopes)
        actor = resolve_actor(client=client, scopes=scopes, rows=token.actor_rows)
        if not actor.is_authenticated:
            raise InvalidToken
        request._request.actor = actor
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="portal"'


class PersonAuthentication(BaseAuthentication):
    """The session of somebody signed in on the pages. Requests that change something need the CSRF token.

    Raises CsrfRefused, and MembershipEnded where the session works for an organisation that the person has left.
    """

    def authenticate(self, request: Request) -> tuple[object, None] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        check = CSRFCheck(lambda _request: None)
        check.process_request(request._request)
        if check.process_view(request._request, None, (), {}):
            raise CsrfRefused
        if getattr(request._request, "membership_ended", False) and request.method not in SAFE_METHODS:
            raise MembershipEnded
        return user, None
