"""What follows a step of a referral after its commit, and the rounds of the waiting list."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

from celery import shared_task

from clinics.events import SLOTS_OPENED
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import PortalError
from patients.events import (
    ADVICE_MOVED,
    FIND_DUPLICATES,
    MESSAGE_WRITTEN,
    OFFER_ENDS,
    OFFER_TIMES,
    PROPOSAL_ANSWERED,
    REFERRAL_MOVED,
)
from patients.selectors.matching import waited_for
from patients.services.duplicates import find_duplicates
from patients.services.entries import look_for_times
from patients.services.notices import tell_of_advice, tell_of_message, tell_of_proposal, tell_of_step
from patients.services.offering import end_offer, offer_next, offers_to_end

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


@background.handler(REFERRAL_MOVED)
def referral_moved(referral: str, action: str, organization: str | None, step: int) -> None:
    """Tell the other side's people of the step."""
    tell_of_step(step)


@background.handler(MESSAGE_WRITTEN)
def message_written(message: str) -> None:
    """Tell the other side's people that they were written to."""
    tell_of_message(message)


@background.handler(ADVICE_MOVED)
def advice_moved(post: str) -> None:
    """Tell the other side's people of a question, an answer or its end."""
    tell_of_advice(post)


@background.handler(PROPOSAL_ANSWERED)
def proposal_answered(proposal: str) -> None:
    """Tell a clinic what became of its proposal to merge two records."""
    tell_of_proposal(proposal)


@background.handler(SLOTS_OPENED)
def slots_opened(service_types: list[str]) -> None:
    """Offer what was published or opened again to those who wait for it."""
    for service_type in set(service_types) & set(waited_for()):
        look_for_times(service_type)


@background.handler(OFFER_TIMES)
def offer_times(service_type: str) -> None:
    """Make one offer in this message's transaction, and go on in another message while there is more to offer."""
    if offer_next(SYSTEM, service_type=service_type) is not None:
        look_for_times(service_type)


@background.handler(OFFER_ENDS)
def offer_ends(offer: str) -> None:
    """The time to answer has passed."""
    end_offer(SYSTEM, offer_id=UUID(offer))


@background.handler(FIND_DUPLICATES)
def look_for_duplicates() -> None:
    """The office asked for it between two nights."""
    find_duplicates(SYSTEM)


@shared_task(name="patients.tasks.find_duplicates")
def find_duplicates_nightly() -> int:
    """Look for records that may be the same person. Returns how many pairs are new."""
    return find_duplicates(SYSTEM)


@shared_task(name="patients.tasks.sweep_waiting_list")
def sweep_waiting_list() -> int:
    """End what has lapsed and offer what is free, whatever told of it or did not. Returns how many offers were made.

    The messages above do the same at once; this round finds what comes by the clock alone (a hold that lapses, a time
    kept for urgent patients that opens to all, a licence that begins) and what a message missed.
    """
    for offer_id in offers_to_end():
        _each("offer", offer_id, lambda pk=offer_id: end_offer(SYSTEM, offer_id=pk))
    made = 0
    for service_type in waited_for():
        while _each("service", service_type, lambda key=service_type: offer_next(SYSTEM, service_type=key)):
            made += 1
    return made


def _each(kind: str, key: object, work: Callable[[], Any]) -> Any:
    """One piece of a round; a failure of it does not keep the others back."""
    try:
        return work()
    except PortalError as exc:
        log.warning("the waiting list's round left something out", extra={kind: str(key), "error": exc.code})
        return None
