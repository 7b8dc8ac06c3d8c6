"""What a person does: `small N`, `long`, `query` ask for jobs and print the last one's id; `cancel ID`."""

from __future__ import annotations

import sys
import time

import django

import cluster_portal.celery  # noqa: F401 - the application that carries the news

django.setup()

from clinics.models import Membership  # noqa: E402
from cluster_portal.accounts.roles import Role  # noqa: E402
from cluster_portal.common.actor import resolve_actor  # noqa: E402
from cluster_portal.jobs.services import cancel_job  # noqa: E402
from cluster_portal.reports.services.asking import run_report  # noqa: E402
from tests.factories import clinics  # noqa: E402


def asker():
    """Somebody of the cluster's office."""
    member = Membership.objects.filter(role=Role.OFFICE).select_related("user").first()
    if member is None:
        clinics.make_cluster()
        clinics.make_actor(Role.OFFICE)
        member = Membership.objects.select_related("user").get(role=Role.OFFICE)
    return resolve_actor(user=member.user, organization_id=member.organization_id)


def main(what: str, argument: str = "1") -> None:
    actor = asker()
    if what == "cancel":
        cancel_job(actor, job_id=argument)
        return
    stamp = time.time_ns()
    job = None
    for n in range(int(argument)):
        job = run_report(
            actor, code=f"tests.{what}", parameters={"number": str(stamp + n)}, file_format="csv"
        )
    print(job.pk)


main(*sys.argv[1:])
