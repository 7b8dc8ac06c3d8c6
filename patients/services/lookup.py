"""The public lookup of a referral by its number and the birth date: a few guesses at a time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from cluster_portal.accounts.services import attempts
from cluster_portal.audit.services import record_accesses
from cluster_portal.common import numbering
from cluster_portal.common.context import request_info
from cluster_portal.common.errors import NotFound
from patients.errors import TooManyLookups
from patients.selectors.lookup import find_referral

if TYPE_CHECKING:
    from datetime import date

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

log = logging.getLogger(__name__)

#: Wrong pairs with one number before it waits, and for how long; the same for a day, since a birth date is one of some
#: thirty thousand and 480 guesses a day would find it in weeks.
GUESSES, BLOCK = 5, timedelta(minutes=15)
GUESSES_PER_DAY, DAY = 20, timedelta(days=1)
#: From one address; a waiting room and a village have one together.
GUESSES_PER_ADDRESS = 20
#: What the journal of reads calls it.
PURPOSE = "lookup"


def look_up(actor: Actor, *, number: str, birth_date: date) -> Referral:
    """The referral of this number if its patient was born on this day; the look is journalled.

    Raises NotFound with one text whichever of the two is wrong, and TooManyLookups, without looking, after too many
    wrong pairs. Numbers that nobody has are counted like those that somebody has.

    Not one transaction, so it cannot be called inside another one: the try is counted before anybody looks, and stays
    counted though nothing was found.
    """
    number = numbering.normalize(number)
    counters = _counters(number)
    _count(counters)
    referral = find_referral(number, birth_date)
    if referral is None:
        raise NotFound(
            _(
                "There is no referral with this number and this birth date. Please compare both with the paper."
            )
        )
    with transaction.atomic(durable=True):
        # The try gives back only itself: the owner's look must not free a stranger's guesses before and after it.
        for name, _limit, _window in counters:
            attempts.give_back(name)
        opened = [("referral", referral.pk), ("patient", referral.patient_id)]
        record_accesses(actor, opened, purpose=PURPOSE)
    return referral


def _counters(number: str) -> list[tuple[str, int, timedelta]]:
    """The names under which a try counts, with their limits."""
    return [
        (f"lookup-from:{attempts.network(request_info().ip)}", GUESSES_PER_ADDRESS, BLOCK),
        (f"lookup:{number}", GUESSES, BLOCK),
        (f"lookup-day:{number}", GUESSES_PER_DAY, DAY),
    ]


def _count(counters: list[tuple[str, int, timedelta]]) -> None:
    """Count a try before it is evaluated; one that is refused costs the other counters nothing.

    Raises TooManyLookups with how long to wait.
    """
    taken: list[str] = []
    with transaction.atomic(durable=True):
        for name, limit, window in counters:
            if attempts.take(name, limit=limit, window=window):
                taken.append(name)
                continue
            for other in taken:
                attempts.give_back(other)
            break
        else:
            return
    log.warning("lookup of a referral refused after too many wrong pairs")
    detail = None
    if window == DAY:
        detail = _("Too many tries with this number today. Please call the clinic that referred you.")
    raise TooManyLookups(detail, extra={"retry_after": int(window.total_seconds())})
