"""Certificates: issued where what they ask for is fulfilled, frozen as issued, revoked, checked by anybody."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.accounts.services import attempts
from cluster_portal.common import numbering
from cluster_portal.common.context import request_info
from cluster_portal.common.service import service
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.jobs.services import start_job
from training.errors import NotFulfilled, TooManyChecks
from training.models import Certificate, Nomination
from training.policies import certificate_policy, intake_policy
from training.selectors.certificates import certificate_by
from training.selectors.presence import standing_of
from training.services.steps import lock_nomination, move, say_why
from training.states import NOMINATION

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job
    from training.selectors.presence import Presence

PREFIX = "CRT"
#: The kind of job that issues those of an intake.
ISSUE = "training.certificates"
#: Checks of numbers from one address, whatever they find: enough for a pile of papers, not to walk through all.
CHECKS, WINDOW = 60, timedelta(minutes=10)


@service
def certify_nomination(actor: Actor, *, nomination_id: uuid.UUID) -> Nomination:
    """Issue the certificate of somebody who has completed a programme, was present, and passed what is asked for.

    Raises NotFound, Forbidden, IllegalTransition, NotFulfilled with what is missing.
    """
    nomination = lock_nomination(actor, "certify", nomination_id)
    NOMINATION.find(nomination.state, "certify")
    intake = nomination.intake
    standing = standing_of(intake, [nomination])[nomination.pk]
    if standing.obstacles:
        words = " ".join(standing.obstacles.values())
        raise NotFulfilled(words, extra={"obstacles": list(standing.obstacles)})
    now = timezone.now()
    issued_on = today_at(current_cluster().time_zone, now)
    Certificate.objects.create(
        number=new_number(issued_on.year), nomination=nomination, credits=intake.programme.credits,
        earned_on=nomination.ends_on, content=content_of(nomination, standing.presence), issued_at=now,
        issuer=actor.name[:200],
    )  # fmt: skip
    return move(actor, nomination, "certify")


@service
def revoke_certificate(actor: Actor, *, nomination_id: uuid.UUID, reason: str) -> Nomination:
    """Take a certificate back: its number tells the reason and the day from now on. Another one can be issued.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    nomination = lock_nomination(actor, "revoke", nomination_id)
    why = say_why(reason)
    move(actor, nomination, "revoke", reason=why)
    rows = nomination.certificates.filter(revoked_at__isnull=True)
    rows.update(revoked_at=timezone.now(), revoke_reason=why, updated_at=timezone.now())
    return nomination


def issue_certificates(actor: Actor, *, intake_id: uuid.UUID) -> Job:
    """Ask for the certificates of everybody in an intake who fulfils what is asked, in the background.

    Raises NotFound, Forbidden.
    """
    certificate_policy.require(actor, "issue")
    intake = intake_policy.get(actor, "edit", intake_id)
    return start_job(actor, kind=ISSUE, params={"intake": str(intake.pk)})


def look_up_certificate(number: str) -> Certificate | None:
    """The certificate of a number, revoked ones too; None for a number that was never issued.

    Every look counts, so that names are not gathered by trying numbers. Raises TooManyChecks.
    """
    if not attempts.take(f"verify-from:{attempts.network(request_info().ip)}", limit=CHECKS, window=WINDOW):
        raise TooManyChecks(extra={"retry_after": int(WINDOW.total_seconds())})
    return certificate_by(numbering.normalize(number))


def new_number(year: int) -> str:
    """A number that nobody has. Drawn, not counted on: from one's own number nobody learns another one."""
    while True:
        try:
            number = numbering.compose(PREFIX, year, secrets.randbelow(10**7))
        except ValueError:
            continue
        if not Certificate.objects.filter(number=number).exists():
            return number


def content_of(nomination: Nomination, presence: Presence) -> dict[str, Any]:
    """What a certificate says, by language where that makes a difference; days as ISO dates."""
    intake, specialist = nomination.intake, nomination.specialist
    programme = intake.programme

    def words(row: Any, name: str) -> dict[str, str]:
        return {language: getattr(row, f"{name}_{language}") for language in LANGUAGES}

    return {
        "name": specialist.full_name,
        "name_latin": specialist.name_latin,
        "title": words(programme, "title"),
        "host": words(programme, "host"),
        "country": programme.country,
        "city": words(programme, "city"),
        "place": words(intake, "place"),
        "starts_on": intake.starts_on.isoformat(),
        "ends_on": intake.ends_on.isoformat(),
        "hours": programme.hours,
        "credits": programme.credits,
        "presence": presence.share,
        "assessed": programme.is_assessed,
    }
