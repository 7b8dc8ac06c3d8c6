"""A job is open to the person or program who asked for it and to those it was shared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.common.policy import NOBODY, Policy
from cluster_portal.jobs.models import Job

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    if actor.client_id:
        who = Q(client=actor.client_id)
    elif actor.user_id:
        who = Q(user=actor.user_id)
    else:
        return NOBODY
    # What was asked for one organisation is seen while acting for it.
    return who & Q(organization_id=actor.organization_id)


def _view(actor: Actor) -> Q:
    if not actor.user_id:
        return _own(actor)
    return _own(actor) | Q(shared_with__contains=[actor.user_id], organization_id=actor.organization_id)


class JobPolicy(Policy):
    """Whether its file may be had is asked of the job's kind too, each time."""

    model = Job
    rules = {"view": _view, "download": _view, "cancel": _own, "retry": _own}


job_policy = JobPolicy()
