"""People who sign in, and programs that do."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.ids import uuid7
from cluster_portal.common.models import UUIDModel


class UserManager(BaseUserManager):
    """Users by e-mail address, whatever its case."""

    def get_by_natural_key(self, email: str) -> User:
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """A person with a password (none: cannot sign in until one is set)."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        """An administrator of the portal itself (the admin site)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(UUIDModel, AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from their memberships, not from Django's permissions."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    position = models.CharField(_("position"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin site"), default=False)
    # Signs in with one click in the demo and not at all outside of it.
    is_demo = models.BooleanField(_("invented for the demo"), default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        triggers = [Journal(exclude=("password", "last_login"))]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class ApiClient(AbstractApplication):
    """A program of one organisation (bound by its Membership) that signs in with OAuth 2.0 client credentials.

    `allowed_scopes` is the most that a token may carry; the secret is stored hashed and shown once. After a change of
    secret the one before stays good until `previous_secret_until`, so that the program is never locked out.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    allowed_scopes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    previous_secret = models.CharField(max_length=255, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractApplication.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        triggers = [Journal(exclude=("client_secret", "previous_secret"))]

    def __str__(self) -> str:
        return self.name

    def is_usable(self, request) -> bool:
        """Whether it may fetch tokens (asked by django-oauth-toolkit)."""
        return self.is_active

    def fits_secret(self, secret: str) -> bool:
        """Whether `secret` is the client's, or the one before while that is still good."""
        if check_password(secret, self.client_secret):
            return True
        until = self.previous_secret_until
        return until is not None and until > timezone.now() and check_password(secret, self.previous_secret)


class Attempt(models.Model):
    """How often something that can be guessed was tried of late; `key` is a keyed hash, never the name itself."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("expires_at", name="attempt_sweep")]

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at:%H:%M}"
