"""Opening a stranger's record for a stated reason ("break the glass"): a few guesses at a time, each one journalled."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.accounts.services import attempts
from cluster_portal.audit.services import record_access
from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service
from patients.errors import TooManyFailures
from patients.models import Patient
from patients.policies import patient_policy
from patients.selectors.patients import survivor_of
from patients.services.links import link
from patients.states import LinkKind

if TYPE_CHECKING:
    from datetime import date

    from cluster_portal.common.actor import Actor

log = logging.getLogger(__name__)

#: Failures of one person, and of everybody in one organisation, before the door stays shut; for how long. A program
#: works for all of its organisation's people, so only the second number counts for it.
FAILURES, FAILURES_OF_ORGANIZATION, BLOCK = 5, 20, timedelta(minutes=15)
#: The shortest reason, in characters.
SHORTEST = 10
#: What the journal of reads calls an opened record, and a try that opened none (it names no patient).
OPENED, FAILED = "emergency", "emergency_failed"


def open_in_emergency(actor: Actor, *, identifier: str, birth_date: date, reason: str) -> Patient:
    """ "Break the glass": open a stranger's record by an exact identifier and the birth date, for a stated reason.

    The access lasts `EMERGENCY_ACCESS_HOURS` and is journalled with its reason. Raises Invalid without a reason of
    at least ten characters, NotFound where the two do not belong to one person (never telling which is wrong), and
    TooManyFailures, without looking, after `FAILURES` of the person or `FAILURES_OF_ORGANIZATION`.

    Not one transaction but three, so it cannot be called inside another one: the try is counted before anybody
    looks, and a failure stays counted and journalled although its own transaction is undone.
    """
    patient_policy.require(actor, "break_glass")
    reason = reason.strip()
    if len(reason) < SHORTEST:
        raise Invalid({"reason": [_("Please state the reason in at least ten characters.")]})
    _count(actor)
    try:
        patient = break_glass(actor, identifier=identifier, birth_date=birth_date, reason=reason)
    except NotFound:
        with transaction.atomic(durable=True):
            record_access(actor, subject_type="patient", subject_id=None, purpose=FAILED, reason=reason)
        raise
    # The tries give back only their own: a known patient in between must not free the guesses around it.
    with transaction.atomic(durable=True):
        for name, _limit in _counters(actor):
            attempts.give_back(name)
    return patient


def _counters(actor: Actor) -> list[tuple[str, int]]:
    """The names under which a try of the actor counts, with their limits."""
    counters = [(f"emergency:{actor.organization_id}", FAILURES_OF_ORGANIZATION)]
    if actor.user_id:
        counters.append((f"emergency-by:{actor.user_id}", FAILURES))
    return counters


def _count(actor: Actor) -> None:
    """Count a try before it is evaluated; one that is refused costs the others nothing. Raises TooManyFailures."""
    taken: list[str] = []
    with transaction.atomic(durable=True):
        for name, limit in _counters(actor):
            if attempts.take(name, limit=limit, window=BLOCK):
                taken.append(name)
                continue
            for other in taken:
                attempts.give_back(other)
            break
        else:
            return
    log.warning("emergency access refused after too many failures")
    raise TooManyFailures(extra={"retry_after": int(BLOCK.total_seconds())})


@service
def break_glass(actor: Actor, *, identifier: str, birth_date: date, reason: str) -> Patient:
    """The transaction of `open_in_emergency`, which counts the guesses and is what is called. Raises NotFound."""
    digits = identifiers.normalize(identifier)
    exact = Q(snils=digits) | Q(enp=digits) | Q(iin=digits)
    patient = Patient.objects.filter(exact, birth_date=birth_date).first() if len(digits) >= 11 else None
    if patient is None:
        raise NotFound(_("No patient has this identifier together with this birth date."), field="identifier")
    patient = survivor_of(patient)
    until = timezone.now() + timedelta(hours=settings.EMERGENCY_ACCESS_HOURS)
    link(patient.pk, actor.organization_id, LinkKind.EMERGENCY, until=until)
    record_access(actor, subject_type="patient", subject_id=patient.pk, purpose=OPENED, reason=reason)
    return patient
