"""Who hears of what happens to a company: its people of what was decided, the land office of what it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.staff import people_who_are
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from investors.models import InvestorMember

if TYPE_CHECKING:
    import uuid

    from investors.models import Investor

_KINDS = (
    Kind("investors.investor_submit", _("A company asks to be verified: %(company)s"), "user-search", "accent"),
    Kind("investors.investor_verify", _("The company is verified: %(company)s"), "circle-check", "good"),
    Kind(
        "investors.investor_refuse", _("The company was not verified, see why: %(company)s"), "circle-x", "urgent"
    ),
    Kind("investors.investor_suspend", _("The company is suspended, see why: %(company)s"), "ban", "danger"),
    Kind("investors.investor_restore", _("The company may act again: %(company)s"), "circle-check", "good"),
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def people_of(investor_id: uuid.UUID) -> list[uuid.UUID]:
    """Who acts for a company today."""
    rows = InvestorMember.objects.filter(investor=investor_id, user__is_active=True)
    return list(rows.values_list("user", flat=True))


def tell_company(kind: str, investor: Investor, *, key: str) -> int:
    """Tell the company's people; `key` names the occasion. Returns how many hear of it for the first time."""
    return _tell(kind, investor, people_of(investor.pk), key)


def tell_land_office(kind: str, investor: Investor, *, key: str) -> int:
    """Tell the land office; `key` names the occasion."""
    return _tell(kind, investor, people_who_are(Role.LAND), key)


def _tell(kind: str, investor: Investor, users: list[uuid.UUID], key: str) -> int:
    return notify(
        SYSTEM, users=users, kind=f"investors.{kind}",
        params={"company": {code: name for code in LANGUAGES if (name := getattr(investor, f"name_{code}"))}},
        url=reverse("investors:company", args=[investor.pk]), key=f"{kind}:{investor.pk}:{key}",
    )  # fmt: skip
