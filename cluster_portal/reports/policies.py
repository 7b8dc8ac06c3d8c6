"""A schedule is its owner's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.common.policy import NOBODY, Policy
from cluster_portal.reports.models import Schedule

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    return Q(user=actor.user_id, organization_id=actor.organization_id) if actor.user_id else NOBODY


class SchedulePolicy(Policy):
    """Colleagues who get the files do not see the schedule: its owner answers for it."""

    model = Schedule
    rules = {"view": _own, "switch": _own}


schedule_policy = SchedulePolicy()
