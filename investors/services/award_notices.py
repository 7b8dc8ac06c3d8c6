"""Who hears of the evaluation of bids and of what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.cluster import current_cluster
from clinics.selectors.staff import people_who_are
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from investors.models import Award, Evaluator, Tender
from investors.services.notices import people_of
from investors.services.tender_notices import named
from investors.states import OPENED, AwardState

if TYPE_CHECKING:
    import uuid

    from investors.models import Bid

_KINDS = (
    Kind(
        "investors.evaluator_named", _("You are asked to judge the bids: %(tender)s (%(number)s)"), "scale", "accent"
    ),
    Kind(
        "investors.marks_complete", _("All marks are given, award the tender: %(tender)s (%(number)s)"), "gavel",
        "good",
    ),
    Kind(
        "investors.award_won",
        _("You have won with %(total)s points, the contract follows after %(until)s: %(tender)s (%(number)s)"),
        "circle-check", "good",
    ),
    Kind(
        "investors.award_ranked",
        _("%(winner)s has won, your bid is No. %(rank)s with %(total)s points: %(tender)s (%(number)s)"), "gavel",
    ),
    Kind(
        "investors.award_unranked", _("%(winner)s has won, your bid was not admitted: %(tender)s (%(number)s)"),
        "gavel",
    ),
    Kind(
        "investors.award_declined", _("The winner has withdrawn, award the next: %(tender)s (%(number)s)"), "user-x",
        "urgent",
    ),
    Kind("investors.award_revoked", _("Your award is revoked, see why: %(tender)s (%(number)s)"), "circle-x", "danger"),
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_evaluator(evaluator_id: uuid.UUID) -> int:
    """Tell somebody who is asked to judge. Doing it again tells nobody twice."""
    evaluator = Evaluator.objects.select_related("tender").get(pk=evaluator_id)
    return notify(
        SYSTEM, users=[evaluator.user_id], kind="investors.evaluator_named", params=named(evaluator.tender),
        url=reverse("investors:marks", args=[evaluator.pk]), key=f"evaluator:{evaluator.pk}",
    )  # fmt: skip


def tell_of_marks(tender_id: uuid.UUID) -> int:
    """Tell the land office that the tender can be awarded. Doing it again tells nobody twice."""
    tender = Tender.objects.get(pk=tender_id)
    return notify(
        SYSTEM, users=people_who_are(Role.LAND), kind="investors.marks_complete", params=named(tender),
        url=reverse("investors:evaluation", args=[tender.pk]), key=f"marks:{tender.pk}",
    )  # fmt: skip


def tell_of_award(award_id: uuid.UUID) -> int:
    """Tell every company whose bid was opened who has won, and its own rank. Doing it again tells nobody twice."""
    award = Award.objects.select_related("tender", "bid__investor").get(pk=award_id)
    bids = award.tender.bids.filter(state__in=OPENED).select_related("investor", "standing")
    return sum(_tell_bidder(award, bid) for bid in bids.order_by("id"))


def tell_of_end(award_id: uuid.UUID) -> int:
    """Tell the land office that the winner withdrew, or the company that its award was revoked."""
    award = Award.objects.select_related("tender", "bid").get(pk=award_id)
    if award.state == AwardState.DECLINED:
        users, page = people_who_are(Role.LAND), reverse("investors:evaluation", args=[award.tender_id])
    else:
        users, page = people_of(award.bid.investor_id), reverse("investors:bid", args=[award.bid_id])
    return notify(
        SYSTEM, users=users, kind=f"investors.award_{award.state}", params=named(award.tender), url=page,
        key=f"award:{award.pk}:{award.state}",
    )  # fmt: skip


def _tell_bidder(award: Award, bid: Bid) -> int:
    winner = award.bid.investor
    params: dict[str, Any] = named(award.tender) | {
        "winner": {code: name for code in LANGUAGES if (name := getattr(winner, f"name_{code}"))}
    }
    place = getattr(bid, "standing", None)
    if place is None:
        kind = "award_unranked"
    else:
        params |= {
            "rank": str(place.rank),
            "total": wording.in_every_language(lambda: wording.number(place.total, 2)),
        }
        kind = "award_won" if bid.pk == award.bid_id else "award_ranked"
    if kind == "award_won":
        until = award.standstill_until.astimezone(ZoneInfo(current_cluster().time_zone))
        params["until"] = wording.in_every_language(
            lambda: f"{wording.moment(until, 'long')} ({wording.utc_offset(until)})"
        )
    return notify(
        SYSTEM, users=people_of(bid.investor_id), kind=f"investors.{kind}", params=params,
        url=reverse("investors:bid", args=[bid.pk]), key=f"award:{award.pk}:{bid.pk}",
    )  # fmt: skip
