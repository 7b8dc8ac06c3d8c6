"""Who may be signed in at all."""

from __future__ import annotations

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

from cluster_portal.accounts.models import User
from cluster_portal.common.actor import with_actor
from cluster_portal.common.prepared import Prepared

_USER = Prepared(lambda pk: with_actor(User.objects.filter(pk=pk), user="pk"), pk=UUID)


class Backend(AuthenticationBackend):
    """allauth's sign-in by e-mail; people invented for the demo exist only while the demo does.

    Asked on every request, so somebody who was switched off is out on the next one.
    """

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)

    def get_user(self, user_id):
        """The person of a session with the rows behind the actor, in one query; the request's actor takes them."""
        user = _USER.first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
