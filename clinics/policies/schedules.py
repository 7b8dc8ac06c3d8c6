"""Who divides an organisation's time. That is its own business: a stranger does not even find its slots (404)."""

from __future__ import annotations

from django.db.models import Q

from clinics.models import Schedule, ScheduleException, Slot
from clinics.policies.rules import PLANNERS, own
from clinics.states import SlotState
from cluster_portal.common.policy import NOBODY, Policy


class SchedulePolicy(Policy):
    """Weekly patterns: seen by the whole organisation, written by its coordinator and manager."""

    model = Schedule
    rules = {
        "view": own("service__clinic__organization"),
        "edit": own("service__clinic__organization", *PLANNERS),
    }
    model_rules = {"create": lambda actor: actor.organization_id is not None and actor.has(*PLANNERS)}


class ExceptionPolicy(Policy):
    """Days without reception, as the schedules."""

    model = ScheduleException
    rules = {
        "view": own("clinic__organization"),
        "edit": own("clinic__organization", *PLANNERS),
    }
    model_rules = SchedulePolicy.model_rules


class SlotPolicy(Policy):
    """Slots as a search finds them: what is published, and all of one's own. Who may book is `openness`'s matter."""

    model = Slot
    rules = {
        "view": lambda actor: (
            Q(state=SlotState.PUBLISHED) | own("organization")(actor) if actor.is_authenticated else NOBODY
        ),
    }


class SlotAdministrationPolicy(Policy):
    """Slots as their organisation plans them: not there at all for anybody else."""

    model = Slot
    rules = {
        "view": own("organization"),
        "edit": own("organization", *PLANNERS),
    }
    model_rules = SchedulePolicy.model_rules


schedule_policy = SchedulePolicy()
exception_policy = ExceptionPolicy()
slot_policy = SlotPolicy()
slot_administration_policy = SlotAdministrationPolicy()
