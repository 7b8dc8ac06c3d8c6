"""The protocol of a tender: who was admitted, the marks and ranks, who won and why, and lines to sign on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.selectors.cluster import current_cluster
from clinics.selectors.wording import country_name
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from investors.papers.minutes import told_moment
from investors.states import AwardState

if TYPE_CHECKING:
    from investors.models import Award, Bid, Evaluator
    from investors.selectors.awards import Outcome


def award_protocol(found: Outcome) -> bytes:
    """The protocol (PDF) in the reader's language. No query."""
    tender, cluster = found.tender, current_cluster()
    zone = cluster.time_zone
    decided = told_moment(found.last.awarded_at, zone)
    return rendering.pdf(
        "award_protocol",
        {
            "language": wording.language(),
            "cluster": cluster.name,
            "title": _("Protocol of the results of the tender"),
            "tender": f"{tender.number} · {tender.title}",
            "facts": [
                {"label": pgettext("page", "Plots"), "value": ", ".join(plot.number for plot in found.plots)},
                {"label": _("Decided"), "value": decided},
                {"label": _("Version of the terms"), "value": str(tender.version)},
            ],
            "ranks_title": _("Marks and ranks"),
            "criteria": [
                {"name": one.name, "weight": f"{one.weight} %", "figure": one.figure and one.get_figure_display()}
                for one in found.criteria
            ],
            "heads": [_("No."), _("Company"), *map(str, range(1, len(found.criteria) + 1)), _("Points")],
            "bids": [_ranked(bid, found) for bid in found.ranked],
            "rule": _(
                "A mark is the average of the evaluators'; a computed one is 100 for the greatest figure and in "
                "proportion for the others. Points are the marks by their weights. Equal points are told apart by the "
                "mark of the weightiest criterion, then by the earlier bid."
            ),
            "refused_title": _("Not admitted"),
            "refused": [{"company": bid.investor.name, "why": bid.judged} for bid in found.refused],
            "awards_title": _("Decisions"),
            "awards": [_award(one, zone) for one in found.awards],
            "people_title": _("Evaluators, without a conflict of interests"),
            "people": [
                {"name": one.name, "at": told_moment(one.finished_at, zone)} for one in found.evaluators
            ],
            # Whose marks would have stood, too: leaving one out after the marks are known changes ranks.
            "excluded_title": _("Excluded from the evaluation"),
            "excluded": [_excluded(one, zone) for one in found.excluded],
            "signature": _("Signature"),
            "printed": f"{tender.number} · {decided}",
        },
    )  # fmt: skip


def _excluded(person: Evaluator, zone: str) -> dict[str, str]:
    had = ""
    # Most are left out before they mark anything: they declared a conflict.
    if person.finished_at:
        had = _("had finished on %(moment)s") % {"moment": told_moment(person.finished_at, zone)}
    return {"name": person.name, "at": had, "why": person.reason}


def _ranked(bid: Bid, found: Outcome) -> dict[str, Any]:
    marks = bid.standing.marks
    return {
        "rank": str(bid.standing.rank),
        "company": bid.investor.name,
        "country": country_name(bid.investor.country),
        "marks": [wording.number(Decimal(marks.get(str(one.pk), "0")), 1) for one in found.criteria],
        "total": wording.number(bid.standing.total, 2),
    }


def _award(award: Award, zone: str) -> dict[str, str]:
    ended = award.state != AwardState.ACTIVE
    return {
        "company": award.bid.investor.name,
        "at": told_moment(award.awarded_at, zone),
        "reasons": award.reasons,
        "until": _("No contract before %(moment)s") % {"moment": told_moment(award.standstill_until, zone)},
        "ended": f"{award.get_state_display().capitalize()}: {award.end_reason}" if ended else "",
    }
