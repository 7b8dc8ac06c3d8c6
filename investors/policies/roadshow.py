"""Who may do what with the roadshow: both offices write it, everybody reads what is published, but for the contacts."""

from __future__ import annotations

from django.db.models import Q

from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.models import RoadshowContact, RoadshowEvent
from investors.policies import READERS


class EventPolicy(Policy):
    model = RoadshowEvent
    rules = {
        "view": lambda actor: EVERYBODY if actor.has(*READERS) else Q(is_public=True),
        "edit": lambda actor: EVERYBODY if actor.has(*READERS) else NOBODY,
    }
    model_rules = {"create": lambda actor: actor.has(*READERS)}


class ContactPolicy(Policy):
    """People who gave the offices their card."""

    model = RoadshowContact
    rules = {
        "view": lambda actor: EVERYBODY if actor.has(*READERS) else NOBODY,
        "edit": lambda actor: EVERYBODY if actor.has(*READERS) else NOBODY,
    }
    model_rules = {"create": lambda actor: actor.has(*READERS)}


event_policy, contact_policy = EventPolicy(), ContactPolicy()
