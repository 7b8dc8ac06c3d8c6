"""How people sign in: by e-mail and password, a few guesses at a time, by invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from cluster_portal.accounts.services import attempts
from cluster_portal.common.boxes import box

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.accounts.models import User

#: Wrong passwords for one name, and from one address, before sign-in is refused; for how long (ASVS 6.3.1).
GUESSES, GUESSES_PER_ADDRESS, BLOCK = 5, 30, timedelta(minutes=15)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter with guesses counted in the database, before the password is looked at.

    allauth counts in the cache, which cannot be relied on; its other limits (mails, forms) stay there.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many failed attempts. Please try again in 15 minutes."),
        "email_password_mismatch": _("This e-mail and password do not fit together."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff come by invitation."""
        return False

    def _names(self, request: HttpRequest, credentials: dict[str, Any]) -> tuple[str, str]:
        login = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
        return f"password:{login}", f"password-from:{truncate_ip(self.get_client_ip(request))}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user whose password it is. Raises ValidationError when too many guesses were made of late.

        A person who is switched off is returned too: allauth then shows the page that says so.
        """
        login, address = self._names(request, credentials)
        if not attempts.take(address, limit=GUESSES_PER_ADDRESS, window=BLOCK):
            raise self.validation_error("too_many_login_attempts")
        if not attempts.take(login, limit=GUESSES, window=BLOCK):
            raise self.validation_error("too_many_login_attempts")
        AuthenticationBackend.unstash_authenticated_user()
        user = authenticate(request, **credentials)
        user = user or AuthenticationBackend.unstash_authenticated_user()
        if user:
            # The address gets back only its one: a right password in between must not free the guesses around it.
            attempts.give_back(address)
            attempts.forget(login)
        else:
            self.authentication_failed(request, **credentials)
        return user

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        # Called by allauth after a password was reset by mail.
        attempts.forget(self._names(request, credentials)[0])


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors are stored encrypted, with a key derived from SECRET_KEY."""

    PURPOSE = b"portal second factor"

    def encrypt(self, text: str) -> str:
        return box(self.PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(self.PURPOSE).decrypt(encrypted_text.encode()).decode()
