"""Accounts that people open themselves: nothing is kept until the letter has shown that the e-mail is theirs.

Whoever opens one belongs to no organisation and has no role; what is open to such a person is for the apps to say.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, dumps, loads
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cluster_portal.accounts.models import User
from cluster_portal.accounts.services import attempts
from cluster_portal.common.errors import Conflict, Invalid, TooManyRequests
from cluster_portal.common.service import service
from cluster_portal.common.translated import current_language

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: How long a letter is good; letters to one address, and from one network, within an hour.
GOOD = timedelta(hours=24)
LETTERS, LETTERS_FROM, WINDOW = 3, 20, timedelta(hours=1)
SALT = "accounts.joining"


class LetterOutdated(Conflict):
    code, title = "letter_outdated", gettext_lazy("This letter is no longer good. Please begin anew.")


class AccountExists(Conflict):
    code, title = "account_exists", gettext_lazy("The account is there already. Please sign in.")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who asks for an account, and to which page of ours they were on their way."""

    email: str
    name: str
    next: str = ""


def ask_for_account(newcomer: Newcomer, *, network: str) -> None:
    """Send the letter with which an account is opened; to somebody who has one, a letter that says so.

    The answer is the same for both, so nobody learns who has an account. Raises TooManyRequests.
    """
    if not attempts.take(f"join-from:{network}", limit=LETTERS_FROM, window=WINDOW):
        raise TooManyRequests
    if not attempts.take(f"join:{newcomer.email}", limit=LETTERS, window=WINDOW):
        return
    public = settings.PUBLIC_URL.rstrip("/")
    exists = has_account(newcomer.email)
    where = reverse("account_login") if exists else reverse("accounts:join_finish", args=[sign(newcomer)])
    context = {"exists": exists, "link": public + where, "site": settings.SITE_NAME}
    EmailMessage(
        subject=_("Your account in the portal of the medical cluster"),
        body=render_to_string("account/email/join.txt", context),
        to=[newcomer.email],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": translation.get_language()},
    ).send()


def sign(newcomer: Newcomer) -> str:
    """What stands in the letter."""
    return dumps(asdict(newcomer), salt=SALT)


def read_letter(token: str) -> Newcomer:
    """Who was sent this letter. Raises LetterOutdated."""
    try:
        return Newcomer(**loads(token, salt=SALT, max_age=GOOD))
    except BadSignature as exc:
        raise LetterOutdated from exc


def has_account(email: str) -> bool:
    """Whether somebody has opened an account with this e-mail."""
    return User.objects.filter(email__iexact=email).exists()


@service
def open_account(actor: Actor, *, token: str, password: str) -> User:
    """Open the account of a letter. Raises LetterOutdated, AccountExists, Invalid at `password`."""
    newcomer = read_letter(token)
    if has_account(newcomer.email):
        raise AccountExists
    user = User(email=newcomer.email, name=newcomer.name, language=current_language())
    try:
        validate_password(password, user)
    except ValidationError as exc:
        raise Invalid({"password": exc.messages}) from exc
    user.set_password(password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
