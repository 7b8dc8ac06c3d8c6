"""Each role's own beginning of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.generic import TemplateView

from clinics.selectors.calendar import today_at
from clinics.selectors.licences import days_left, expiring
from clinics.selectors.measures import Period
from cluster_portal.accounts.roles import Role
from cluster_portal.notifications.selectors import ORDER, notices_of
from cluster_portal.pages.selectors import desk, office
from cluster_portal.pages.selectors.covering import covered, covered_training
from cluster_portal.pages.selectors.kept import kept
from cluster_portal.pages.views import learning
from cluster_portal.reports.base import is_analyst, report_of
from cluster_portal.web import menu
from cluster_portal.web.mixins import SignedInMixin
from investors.policies import READERS
from investors.selectors.desk import counted_land
from investors.selectors.figures import land_and_projects
from patients.policies import DECIDERS, STAFF
from patients.selectors import worklists
from patients.states import BookingState, ReferralState
from patients.views.arrivals import line
from patients.views.rows import Row, present
from training.selectors.figures.home import home_figures

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: How many notices and visits the desk shows before it leads to their own pages.
NEWS, VISITS = 4, 8

#: Tiles of each side: queue, words, whether any number above zero is alarming.
TILES = {
    worklists.OUT: (
        ("overdue", pgettext_lazy("tile", "Overdue"), True),
        ("returned", pgettext_lazy("tile", "Returned to us"), False),
        ("accepted", pgettext_lazy("tile", "Awaiting booking"), False),
        ("submitted", pgettext_lazy("tile", "Under decision"), False),
        ("conclusions", pgettext_lazy("tile", "Conclusions to read"), False),
        ("drafts", pgettext_lazy("tile", "Drafts"), False),
    ),
    worklists.IN: (
        ("overdue", pgettext_lazy("tile", "Overdue at our clinic"), True),
        ("triage", pgettext_lazy("tile", "To decide"), False),
        ("accepted", pgettext_lazy("tile", "To book"), False),
        ("booked", pgettext_lazy("tile", "Booked with us"), False),
        ("arrivals", pgettext_lazy("tile", "Expected today"), False),
        ("in_care", pgettext_lazy("tile", "Conclusions to write"), False),
    ),
}
PERIODS = {"month": 30, "quarter": 91, "year": 365}
#: The report behind each panel of the office's screen.
BEHIND = {
    "waits": "patients.waits", "flow": "patients.flow", "refusals": "patients.refusals",
    "no_shows": "patients.no_shows", "places": "clinics.slots", "licences": "clinics.licences",
    "outflow": "patients.outflow", "internships": "training.internships",
}  # fmt: skip


class Desk(SignedInMixin, TemplateView):
    """The home of whoever is signed in: office and analysts see the cluster, everybody else what waits for them."""

    def get_template_names(self) -> list[str]:
        actor = self.request.actor
        if actor.has(Role.OFFICE, Role.ANALYST) and not actor.has(*STAFF):
            return ["pages/desk_office.html"]
        if actor.has(*learning.ROLES) and not actor.has(*STAFF):
            return ["pages/desk_training.html"]
        if actor.has(Role.LAND) and not actor.has(*STAFF):
            return ["pages/desk_land.html"]
        return (
            ["pages/desk.html"] if actor.has(*STAFF) and actor.organization_id else ["pages/desk_nobody.html"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        template = self.get_template_names()[0]
        if template.endswith("desk_office.html"):
            actor, asked = self.request.actor, self.request.GET.get("period", "")
            kwargs |= office_context(actor, asked if asked in PERIODS else "month")
        elif template.endswith("desk_training.html"):
            kwargs |= learning.learning_context(self.request.actor)
        elif template.endswith("desk_land.html"):
            actor = self.request.actor
            kwargs["tiles"] = land_tiles(actor)
            kwargs |= land_context(actor, Period.of_last(PERIODS["month"]), "month")
        elif template.endswith("desk.html"):
            kwargs |= staff_context(self.request.actor)
        return super().get_context_data(now=timezone.now(), **kwargs)


def staff_context(actor: Actor) -> dict[str, Any]:
    """What the desk of a clinic's person shows. Which panels depends on the roles, and on a budget of queries."""
    decides, refers = actor.has(*DECIDERS), actor.has(Role.REFERRER)
    manages, receives = actor.has(Role.MANAGER), actor.has(Role.REFERRER, Role.COORDINATOR)
    numbers = menu.counters(actor)
    rows = [task(actor, values) for values in desk.to_do(actor)]
    context: dict[str, Any] = {
        "decides": decides,
        "refers": refers,
        "groups": tile_groups(actor, numbers),
        "rows": rows,
        "waiting": sum(
            numbers.get(f"{side}.{key}", 0) for side in worklists.sides_of(actor) for key in desk.TO_DO[side]
        ),
    }
    if receives:
        context |= arrivals_context(actor)
    if refers and not decides:
        context["weeks"] = desk.my_four_weeks(actor)
    if decides:
        context["week"] = desk.week_ahead(actor)
        context["licences"] = licences(actor)
    if manages:
        context["sites"] = list(desk.own_sites(actor))
    if not (manages and receives):
        context["news"] = list(notices_of(actor).order_by(*ORDER)[:NEWS])
    return context


def land_tiles(actor: Actor) -> list[dict[str, Any]]:
    """What waits for the land office, each number with its list."""
    numbers = counted_land(actor)
    tenders = "investors:office_tenders"
    lists = {
        "to_verify": (pgettext("tile", "Companies to verify"), "investors:companies", "?state=review"),
        "new_interests": (pgettext("tile", "New interests"), "investors:interests", "?state=new"),
        "questions": (pgettext("tile", "Tenders with questions to answer"), tenders, "?waits=questions"),
        "opening": (pgettext("tile", "Tenders whose bids are to be opened"), tenders, "?waits=opening"),
        "evaluation": (pgettext("tile", "Evaluations to finish"), tenders, "?waits=evaluation"),
        "standstill": (
            pgettext("tile", "Tenders to complete: standstill over"),
            tenders,
            "?waits=standstill",
        ),
        "to_sign": (pgettext("tile", "Agreements to sign"), "investors:agreements", "?state=draft"),
        "to_begin": (
            pgettext("tile", "Agreements to bring into force"),
            "investors:agreements",
            "?state=signed",
        ),
        "late_projects": (
            pgettext("tile", "Projects with overdue milestones"),
            "investors:projects",
            "?late=on",
        ),
        "on_offer": (pgettext("tile", "Plots on offer"), "investors:office_plots", "?state=available"),
    }
    return [
        {
            "value": numbers[key],
            "label": label,
            "url": reverse(name) + query,
            "danger": key in ("opening", "late_projects"),
        }
        for key, (label, name, query) in lists.items()
    ]


def land_context(actor: Actor, period: Period, name: str) -> dict[str, Any]:
    """Land, tenders, projects and money, with the reports behind them. The offices count what is not public yet too."""
    whose = "office" if actor.has(*READERS) else "public"
    land, built = kept(f"land:{name}:{whose}", lambda: land_and_projects(actor, period))
    codes = ("land", "tenders", "pipeline", "projects", "money", "milestones")
    return {
        "land": land,
        "built": built,
        "land_reports": {code: url for code in codes if (url := _report_url(actor, f"investors.{code}"))},
    }


def tile_groups(actor: Actor, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """Tiles of the actor's sides, each a number that leads to its list."""
    titles = {
        worklists.OUT: gettext_lazy("Our referrals to other clinics"),
        worklists.IN: gettext_lazy("Referrals to our clinic"),
    }
    sides = worklists.sides_of(actor)
    # A coordinator who does not refer has no use for the other side's tiles.
    if len(sides) > 1 and not actor.has(Role.REFERRER, Role.MANAGER):
        sides = sides[:1]
    return [
        {
            "title": titles[side],
            "tiles": [
                {
                    "value": numbers.get(key if key == "arrivals" else f"{side}.{key}", 0),
                    "label": label,
                    "danger": danger,
                    "url": tile_url(side, key),
                }
                for key, label, danger in TILES[side]
            ],
        }
        for side in sides
    ]


def tile_url(side: str, key: str) -> str:
    """The list behind a tile."""
    if key == "arrivals":
        return reverse("patients:arrivals")
    if side == worklists.IN and key == "triage":
        return reverse("patients:triage")
    return reverse("patients:worklist", args=[side, key])


def task(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """A line of «do now»: the row of the work list, and the one thing to do with it."""
    row: Row = present(actor, values)
    state = values["state"]
    if state == ReferralState.COMPLETED:
        button = {"url": row.url, "label": pgettext("conclusion", "Read"), "icon": "file-text"}
    elif values["side"] == worklists.IN and state == ReferralState.SUBMITTED:
        address = reverse("patients:triage_item", args=[values["id"]])
        button = {"url": address, "label": pgettext("referral", "Decide"), "icon": "clipboard-check"}
    elif values["side"] == worklists.IN and state == ReferralState.BOOKED:
        button = {"url": reverse("patients:arrivals"), "label": _("Mark the visit"), "icon": "user-check"}
    elif state == ReferralState.RETURNED and row.main:
        button = {"url": row.main.url, "label": _("Add what is missing"), "icon": "file-plus"}
    elif row.main:
        button = {"url": row.main.url, "label": row.main.short, "icon": row.main.icon}
    else:
        button = {"url": row.url, "label": pgettext("referral", "Open"), "icon": "arrow-right"}
    return {"row": row, "side": values["side"], "button": button}


def arrivals_context(actor: Actor) -> dict[str, Any]:
    """Today's visits: those still to come first in what is shown, all of them in the figures."""
    visits = desk.arrivals_today(actor)
    came = sum(visit.state in {BookingState.ARRIVED, BookingState.FULFILLED} for visit in visits)
    expected = sum(visit.state == BookingState.BOOKED for visit in visits)
    # What is over and marked makes room for what is ahead.
    ahead = next((n for n, visit in enumerate(visits) if visit.state == BookingState.BOOKED), 0)
    first = max(0, min(ahead - 2, len(visits) - VISITS))
    return {
        "visits": [line(actor, visit) for visit in visits[first : first + VISITS]],
        "visits_in_all": len(visits),
        "came": came,
        "expected": expected,
    }


def licences(actor: Actor) -> list[dict[str, Any]]:
    """The organisation's licences that have ended or end soon, with the days left."""
    today = today_at(actor.time_zone)
    return [
        {"licence": row, "left": days_left(row, today)} for row in expiring(actor.organization_id, today)[:5]
    ]


def office_context(actor: Actor, period: str) -> dict[str, Any]:
    """The cluster on one screen, over 30 days, a quarter or a year. Analysts see no small count of people."""
    days = Period.of_last(PERIODS[period])
    hide = is_analyst(actor)
    state = kept(f"office:{period}", lambda: office.state_of_cluster(days))
    home = home_figures(state.trained_at)
    names = {"month": _("30 days"), "quarter": _("Quarter"), "year": _("Year")}
    return land_context(actor, days, period) | {
        "state": covered(state) if hide else state,
        "home": covered_training(home) if hide else home,
        "hide": hide,
        "catalogue": reverse("clinics:catalogue"),
        "periods": [(name, label, name == period) for name, label in names.items()],
        "steps": {"day": _("by day"), "week": _("by week"), "month": _("by month")}[state.step],
        "behind": {name: url for name, code in BEHIND.items() if (url := _report_url(actor, code))},
    }


def _report_url(actor: Actor, code: str) -> str:
    report = report_of(code)
    return reverse("reports:report", args=[code]) if report and report.allows(actor) else ""
