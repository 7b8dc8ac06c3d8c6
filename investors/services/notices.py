"""Who hears of what: a company's people of what was decided, the land office of what it is asked, watchers of plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.staff import people_who_are
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES, in_every_language
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from investors.models import InvestorMember, PlotWatch
from investors.states import PlotState

if TYPE_CHECKING:
    import uuid

    from investors.models import Agreement, Interest, Investor, Plot

_KINDS = (
    Kind("investors.investor_submit", _("A company asks to be verified: %(company)s"), "user-search", "accent"),
    Kind("investors.investor_verify", _("The company is verified: %(company)s"), "circle-check", "good"),
    Kind(
        "investors.investor_refuse", _("The company was not verified, see why: %(company)s"), "circle-x", "urgent"
    ),
    Kind("investors.investor_suspend", _("The company is suspended, see why: %(company)s"), "ban", "danger"),
    Kind("investors.investor_restore", _("The company may act again: %(company)s"), "circle-check", "good"),
    Kind("investors.interest_new", _("A new interest in plots: %(company)s"), "map-pin", "accent"),
    Kind("investors.interest_withdraw", _("The interest in plots was withdrawn: %(company)s"), "arrow-back-up"),
    Kind("investors.interest_contact", _("The land office deals with your interest in plots"), "phone", "accent"),
    Kind("investors.interest_meet", _("The land office meets you about the plots"), "calendar-event", "accent"),
    Kind("investors.interest_negotiate", _("Terms for the plots are being settled"), "file-text", "accent"),
    Kind("investors.interest_agree", _("You have agreed on the plots with the land office"), "circle-check", "good"),
    Kind("investors.interest_lose", _("Nothing comes of your interest in plots, see why"), "circle-x", "urgent"),
    Kind("investors.agreement_sign", _("Your agreement on land is signed: %(number)s"), "file-text", "good"),
    Kind("investors.agreement_enforce", _("Your agreement on land is in force: %(number)s"), "circle-check", "good"),
    Kind("investors.agreement_end", _("Your agreement on land has ended: %(number)s"), "archive"),
    Kind(
        "investors.agreement_terminate", _("Your agreement on land was ended, see why: %(number)s"),
        "circle-x", "urgent",
    ),
    Kind("investors.plot_moved", _("Plot No. %(number)s, %(site)s: %(state)s"), "map-pin", "accent"),
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


def tell_of_interest(kind: str, interest: Interest, *, office: bool) -> int:
    """Tell the other side of a step: the land office, or the company."""
    users = people_who_are(Role.LAND) if office else people_of(interest.investor_id)
    return notify(
        SYSTEM, users=users, kind=f"investors.{kind}", params={"company": _translations(interest.investor, "name")},
        url=reverse("investors:interest", args=[interest.pk]),
        key=f"{kind}:{interest.pk}:{interest.updated_at.isoformat()}",
    )  # fmt: skip


def tell_of_agreement(action: str, agreement: Agreement) -> int:
    """Tell the company's people of a step of their agreement."""
    return notify(
        SYSTEM, users=people_of(agreement.investor_id), kind=f"investors.agreement_{action}",
        params={"number": agreement.number}, url=reverse("investors:agreement", args=[agreement.pk]),
        key=f"agreement-{action}:{agreement.pk}",
    )  # fmt: skip


def tell_watchers(plot: Plot) -> int:
    """Tell whoever watches a plot of its new state."""
    users = PlotWatch.objects.filter(plot=plot, user__is_active=True).values_list("user", flat=True)
    return notify(
        SYSTEM, users=list(users), kind="investors.plot_moved",
        params={
            "number": plot.number, "site": _translations(plot.site, "name"),
            "state": in_every_language(PlotState(plot.state).label),
        },
        url=reverse("investors:plot", args=[plot.pk]), key=f"plot-moved:{plot.pk}:{plot.updated_at.isoformat()}",
    )  # fmt: skip


def _tell(kind: str, investor: Investor, users: list[uuid.UUID], key: str) -> int:
    return notify(
        SYSTEM, users=users, kind=f"investors.{kind}", params={"company": _translations(investor, "name")},
        url=reverse("investors:company", args=[investor.pk]), key=f"{kind}:{investor.pk}:{key}",
    )  # fmt: skip


def _translations(row: Any, name: str) -> dict[str, str]:
    """A translated text as notices keep it."""
    return {code: text for code in LANGUAGES if (text := getattr(row, f"{name}_{code}"))}
