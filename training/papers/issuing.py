"""Certificates of a whole intake, issued in the background, and all of them as one file to print."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from cluster_portal.common.errors import PortalError
from cluster_portal.documents.responses import CONTENT_TYPE
from cluster_portal.jobs.kinds import Kind, Outcome
from training.papers.certificate import certificate_sheets
from training.policies import certificate_policy
from training.selectors.certificates import held_in, readiness
from training.selectors.programmes import see_intake
from training.services.certificates import ISSUE, certify_nomination

if TYPE_CHECKING:
    from pathlib import Path

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job
    from cluster_portal.jobs.progress import Progress


def issue(job: Job, actor: Actor, progress: Progress, directory: Path) -> Outcome:
    """Certify everybody of an intake who fulfils what is asked, each in a transaction of its own, and draw all of the
    intake's certificates that hold. A run after a crash goes on with those who are left.
    """
    intake = see_intake(actor, UUID(job.params["intake"]))
    ready = readiness(intake).ready
    progress.expect(len(ready))
    left = 0
    for nomination in ready:
        try:
            certify_nomination(actor, nomination_id=nomination.pk)
        except PortalError:
            # Somebody else has changed it meanwhile; the page of the intake tells what is missing.
            left += 1
        progress.tick()
    result = {"issued": len(ready) - left, "left": left}
    held = list(held_in(intake))
    if not held:
        return Outcome(result=result)
    path = directory / "certificates.pdf"
    path.write_bytes(certificate_sheets(held))
    return Outcome(path, f"{_('Certificates')} {intake.starts_on}.pdf", CONTENT_TYPE, result)


def issue_title(job: Job) -> str:
    """What the list of jobs calls it."""
    return _("Issue of certificates")


def issue_allowed(actor: Actor, job: Job) -> bool:
    """The training office issues certificates."""
    return certificate_policy.may(actor, "issue")


def issue_place(job: Job) -> str:
    """The page of the intake."""
    return reverse("training:learning", args=[job.params["intake"]])


ISSUE_JOB = Kind(name=ISSUE, run=issue, title=issue_title, allows=issue_allowed, place=issue_place)
