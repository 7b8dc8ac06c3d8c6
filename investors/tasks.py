"""What follows a step of an investor or a tender after its commit, and what the clock alone brings."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from investors.events import (
    AWARD_ENDED,
    EVALUATOR_NAMED,
    INVITE,
    MARKS_COMPLETE,
    QUESTION_ANSWERED,
    QUESTION_ASKED,
    SEARCH_FOUND,
    TENDER_AWARDED,
    TENDER_MOVED,
    TERMS_CHANGED,
)
from investors.selectors.watching import every_search
from investors.services.award_notices import tell_evaluator, tell_of_award, tell_of_end, tell_of_marks
from investors.services.clock import follow_clock
from investors.services.meetings import remind_of_tasks
from investors.services.people import mail_invitation
from investors.services.projects import remind_of_milestones
from investors.services.tender_notices import tell_of_answer, tell_of_move, tell_of_question, tell_of_terms
from investors.services.watching import look_for_new, mail_search


@background.handler(INVITE)
def invite(invitation: str) -> None:
    """Send the letter of an invitation."""
    mail_invitation(invitation)


@background.handler(TENDER_MOVED)
def tender_moved(tender: str, state: str) -> None:
    """Tell those whom a state of a tender concerns."""
    tell_of_move(UUID(tender), state)


@background.handler(TERMS_CHANGED)
def terms_changed(tender: str, version: int) -> None:
    """Tell those who bid that they have to confirm."""
    tell_of_terms(UUID(tender), version)


@background.handler(QUESTION_ASKED)
def question_asked(question: str) -> None:
    """Tell the land office that somebody waits for an answer."""
    tell_of_question(UUID(question))


@background.handler(QUESTION_ANSWERED)
def question_answered(question: str) -> None:
    """Tell whoever asked."""
    tell_of_answer(UUID(question))


@background.handler(EVALUATOR_NAMED)
def evaluator_named(evaluator: str) -> None:
    """Tell somebody who is asked to judge bids."""
    tell_evaluator(UUID(evaluator))


@background.handler(MARKS_COMPLETE)
def marks_complete(tender: str) -> None:
    """Tell the land office that a tender can be awarded."""
    tell_of_marks(UUID(tender))


@background.handler(TENDER_AWARDED)
def tender_awarded(award: str) -> None:
    """Tell every bidder who has won."""
    tell_of_award(UUID(award))


@background.handler(AWARD_ENDED)
def award_ended(award: str) -> None:
    """Tell whom the end of an award concerns."""
    tell_of_end(UUID(award))


@shared_task(name="investors.tasks.follow_clock")
def follow_the_clock() -> int:
    """Bring tenders to where the clock has them. Returns how many moved. Doing it twice changes nothing."""
    return follow_clock(SYSTEM)


@background.handler(SEARCH_FOUND)
def search_found(search: str, plots: list[str]) -> None:
    """Send the letter about new plots."""
    mail_search(search, plots)


@shared_task(name="investors.tasks.look_for_new_plots")
def look_for_new_plots() -> int:
    """Mail what saved searches have newly found. Returns how many plots. Doing it twice changes nothing."""
    return sum(look_for_new(SYSTEM, search_id=pk) for pk in every_search())


@shared_task(name="investors.tasks.remind_of_tasks")
def remind_members() -> int:
    """Tell members what they have not done in time. Returns how many hear of it. Doing it twice changes nothing."""
    return remind_of_tasks(SYSTEM)


@shared_task(name="investors.tasks.remind_of_milestones")
def remind_residents() -> int:
    """Tell of milestones that were not reached in time. Returns how many hear of it. Doing it twice changes nothing."""
    return remind_of_milestones(SYSTEM)
