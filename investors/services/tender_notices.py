"""Who hears of what happens to a tender."""

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
from investors.models import Question, Tender
from investors.states import OPENED, BidState, TenderState

if TYPE_CHECKING:
    import uuid

_KINDS = (
    Kind("investors.tender_opening", _("The bids can be opened: %(tender)s (%(number)s)"), "lock-open", "urgent"),
    Kind(
        "investors.terms_changed", _("The terms changed, confirm your bid by %(until)s: %(tender)s (%(number)s)"),
        "file-alert", "urgent",
    ),
    Kind("investors.tender_evaluation", _("The bids are open: %(tender)s (%(number)s)"), "mail-opened"),
    Kind("investors.tender_cancelled", _("The tender is cancelled: %(tender)s (%(number)s)"), "ban", "danger"),
    Kind("investors.tender_unsuccessful", _("The tender is unsuccessful: %(tender)s (%(number)s)"), "circle-x"),
    Kind("investors.tender_complete", _("The tender is complete: %(tender)s (%(number)s)"), "circle-check", "good"),
    Kind("investors.question_asked", _("A question came: %(tender)s (%(number)s)"), "help-circle", "accent"),
    Kind(
        "investors.question_answered", _("Your question is answered: %(tender)s (%(number)s)"), "message", "good"
    ),
)  # fmt: skip
#: States of which those who bid hear.
TOLD = (TenderState.EVALUATION, TenderState.COMPLETE, TenderState.CANCELLED, TenderState.UNSUCCESSFUL)


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_of_move(tender_id: uuid.UUID, state: str) -> int:
    """Tell those whom a tender's new state concerns. Doing it again tells nobody twice. Returns how many hear of it."""
    tender = Tender.objects.get(pk=tender_id)
    if state == TenderState.OPENING:
        users, page = people_who_are(Role.LAND), "investors:office_tender"
    elif state in TOLD:
        users, page = bidders(tender), "investors:tender"
    else:
        return 0
    return notify(
        SYSTEM, users=users, kind=f"investors.tender_{state}", params=named(tender),
        url=reverse(page, args=[tender.pk]), key=f"tender:{tender.pk}:{state}",
    )  # fmt: skip


def tell_of_terms(tender_id: uuid.UUID, version: int) -> int:
    """Tell those whose bids wait for their confirmation. Doing it again tells nobody twice. Returns how many hear."""
    tender = Tender.objects.get(pk=tender_id)
    until = tender.bids_until.astimezone(ZoneInfo(current_cluster().time_zone))
    params = named(tender) | {
        "until": wording.in_every_language(
            lambda: f"{wording.moment(until, 'long')} ({wording.utc_offset(until)})"
        )
    }
    return notify(
        SYSTEM, users=bidders(tender, BidState.STALE), kind="investors.terms_changed", params=params,
        url=reverse("investors:tender", args=[tender.pk]), key=f"tender:{tender.pk}:version:{version}",
    )  # fmt: skip


def tell_of_question(question_id: uuid.UUID) -> int:
    """Tell the land office that somebody waits for an answer, not who. Doing it again tells nobody twice."""
    question = Question.objects.select_related("tender").get(pk=question_id)
    return notify(
        SYSTEM, users=people_who_are(Role.LAND), kind="investors.question_asked", params=named(question.tender),
        url=reverse("investors:office_tender", args=[question.tender_id]), key=f"question:{question.pk}",
    )  # fmt: skip


def tell_of_answer(question_id: uuid.UUID) -> int:
    """Tell whoever asked. Doing it again tells nobody twice."""
    question = Question.objects.select_related("tender").get(pk=question_id)
    return notify(
        SYSTEM, users=[question.asker_id], kind="investors.question_answered", params=named(question.tender),
        url=reverse("investors:tender", args=[question.tender_id]), key=f"answer:{question.pk}",
    )  # fmt: skip


def bidders(tender: Tender, *states: str) -> list[uuid.UUID]:
    """The people of the companies whose bids stand, or are in one of `states`."""
    rows = tender.bids.filter(state__in=states or (*OPENED, BidState.STALE))
    return list(rows.values_list("investor__members__user", flat=True).distinct().order_by())


def named(tender: Tender) -> dict[str, Any]:
    """The words about a tender that every notice has."""
    return {
        "number": tender.number,
        "tender": {code: title for code in LANGUAGES if (title := getattr(tender, f"title_{code}"))},
    }
