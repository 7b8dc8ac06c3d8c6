"""Who may be signed in at all."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings


class Backend(AuthenticationBackend):
    """allauth's sign-in by e-mail; people invented for the demo exist only while the demo does.

    Asked on every request, so somebody who was switched off is out on the next one.
    """

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not user.is_demo)
