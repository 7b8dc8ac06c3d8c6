"""Forms of the second factor, with their guesses counted in the database."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as allauth

from cluster_portal.accounts.adapter import BLOCK, GUESSES
from cluster_portal.accounts.services import attempts

#: A code of an authenticator app is good for 30 s before and after its own half minute; it must not be good twice.
CODE_LIFE = timedelta(minutes=2)


class CountedMixin:
    """Five wrong codes block for 15 minutes; no code is taken twice."""

    def clean_code(self) -> str:
        name = f"code:{self.user.pk}"
        if not attempts.take(name, limit=GUESSES, window=BLOCK):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code = super().clean_code()
        if not attempts.take(f"used:{self.user.pk}:{code}", limit=1, window=CODE_LIFE):
            raise get_adapter().validation_error("incorrect_code")
        attempts.forget(name)
        return code


class AuthenticateForm(CountedMixin, allauth.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateForm(CountedMixin, allauth.ReauthenticateForm):
    """The second step before something delicate."""
