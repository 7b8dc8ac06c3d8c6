"""Deny by default: a view that does not say which scope it asks for is open to nobody.

What the actor may do to which rows is the policies' matter; here only the token is checked.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission

from cluster_portal.api import scopes
from cluster_portal.api.errors import InsufficientScope

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

log = logging.getLogger(__name__)

#: `required_scope` of a view that everybody may call, and of one that every signed-in actor may call.
PUBLIC, SIGNED_IN = "*public*", "*signed-in*"


def needed_scope(view: APIView, method: str) -> str | None:
    """The scope that `view` asks for with this method; None where signing in is enough or not even needed."""
    required = getattr(view, "required_scope", None)
    if required in {PUBLIC, SIGNED_IN, None}:
        return None
    # A search may come as POST, so that what is looked for stays out of addresses.
    reads = method in SAFE_METHODS or getattr(view, "action", None) in getattr(view, "reading_actions", ())
    return f"{required}:{scopes.READ if reads else scopes.WRITE}"


class ScopedAccess(BasePermission):
    """A view declares `required_scope = "referrals"`: `referrals:read` for safe methods, else `referrals:write`.

    A person's session carries no scopes; there the policies alone decide.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        required = getattr(view, "required_scope", None)
        if required == PUBLIC:
            return True
        actor = request.actor
        if not actor.is_authenticated:
            return False
        if required is None:
            log.error("view without required_scope refused", extra={"view": type(view).__qualname__})
            return False
        needed = needed_scope(view, request.method)
        if needed and actor.scopes is not None and needed not in actor.scopes:
            raise InsufficientScope(extra={"required_scope": needed})
        return True
