"""The vocabulary of scopes: what an access token may be narrowed to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes

READ, WRITE = "read", "write"

#: resource → what it is. Each gives two scopes, `resource:read` and `resource:write`.
RESOURCES = {
    "organizations": _("member organisations"),
    "clinics": _("clinics and the equipment in them"),
    "services": _("services and their types"),
    "practitioners": _("practitioners"),
    "licences": _("licences"),
    "schedules": _("schedules"),
    "slots": _("slots"),
    "patients": _("patients and their consents"),
    "referrals": _("referrals, their messages and documents"),
    "training": _("specialists, programmes and nominations"),
    "plots": _("sites and plots of land"),
    "investors": _("investors' companies and what they want"),
    "tenders": _("tenders of land, questions and bids"),
    "reports": _("reports, their schedules and background jobs"),
    "imports": _("imports of tables"),
    "bookings": _("bookings, holds and the waiting list"),
}

ALL = frozenset(f"{resource}:{access}" for resource in RESOURCES for access in (READ, WRITE))


def describe() -> dict[str, str]:
    """scope → its description in the language in use."""
    texts = {READ: _("read: %(what)s"), WRITE: _("change: %(what)s")}
    return {
        f"{resource}:{access}": str(texts[access]) % {"what": what}
        for resource, what in RESOURCES.items()
        for access in (READ, WRITE)
    }


def parse(text: str) -> frozenset[str]:
    """Scopes written with blanks or commas; `all` stands for every one. Raises ValueError naming the unknown."""
    names = frozenset(text.replace(",", " ").split())
    if names == {"all"}:
        return ALL
    if unknown := sorted(names - ALL):
        raise ValueError(", ".join(unknown))
    return names


class ScopesBackend(BaseScopes):
    """For django-oauth-toolkit: a client may ask for what it is allowed, and gets all of that when it asks for none."""

    def get_all_scopes(self):
        return describe()

    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        return sorted(ALL.intersection(application.allowed_scopes)) if application else []

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return self.get_available_scopes(application)
